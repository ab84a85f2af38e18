//! Single-sample calls: independent ones, and chained ones, whose input depends on the output of the previous call.

use simplechain::Aligned;
use simplechain::chain::Array;
use simplechain::prelude::*;
use simplechain_peers::data::{NETWORKS, dense_layers, rows, widths};
use simplechain_peers::worker::{Args, Result, Task};

use super::{by_output, from_layers};

simple_chain! {
    struct Mlp32: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Mlp50: 2 => dense(tanh, 50) => dense(tanh, 50) => dense(id, 2);
    struct Mlp64: 3 => dense(tanh, 64) => dense(tanh, 64) => dense(id, 1)
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    let mut tasks = network(Mlp32, NETWORKS[0], args)?;
    tasks.extend(network(Mlp50, NETWORKS[1], args)?);
    tasks.extend(network(Mlp64, NETWORKS[2], args)?);
    Ok(tasks)
}

fn network<C, const N: usize, const M: usize>(
    chain: C,
    name: &str,
    args: &Args,
) -> Result<Vec<Task>>
where
    C: Chain<Input<f32> = [f32; N], Output<f32> = [f32; M]>,
{
    let dir = args.data.join("one_sample").join(name);
    let layers = dense_layers(&dir, "init.f32", &widths(name))?;
    let calls = || -> Result<Calls<C>> {
        Ok(Calls {
            chain,
            params: Box::new(Aligned(*from_layers(chain, &layers))),
            x: rows(&dir, "x.f32")?[0],
            y: [0.0; M],
            y_bar: rows(&dir, "y_bar.f32")?[0],
            x_bar: [0.0; N],
            params_bar: Box::new(Aligned(C::Params::splat(0.0))),
        })
    };
    Ok(vec![
        Task::calls(
            format!("{name}/forward"),
            calls()?,
            Calls::forward,
            Calls::output,
        ),
        Task::calls(
            format!("{name}/forward_chained"),
            calls()?,
            Calls::forward_chained,
            Calls::output,
        ),
        Task::calls(format!("{name}/vjp"), calls()?, Calls::vjp, Calls::outputs),
        Task::calls(
            format!("{name}/vjp_chained"),
            calls()?,
            Calls::vjp_chained,
            Calls::outputs,
        ),
    ])
}

struct Calls<C: Chain> {
    chain: C,
    params: Box<Aligned<C::Params<f32>>>,
    x: C::Input<f32>,
    y: C::Output<f32>,
    y_bar: C::Output<f32>,
    x_bar: C::Input<f32>,
    params_bar: Box<Aligned<C::Params<f32>>>,
}

/// Too small to change a value, though the CPU must wait for it.
const EPS: f32 = 1e-20;

impl<C: Chain> Calls<C> {
    fn forward(&mut self) {
        self.y = self.chain.forward(&self.x, &self.params);
    }

    fn forward_chained(&mut self) {
        self.forward();
        let sum: f32 = self.y.as_slice().iter().sum();
        self.x
            .as_mut_slice()
            .iter_mut()
            .for_each(|x| *x += EPS * sum);
    }

    fn vjp(&mut self) {
        let (x_bar, params_bar) = (&mut self.x_bar, &mut *self.params_bar);
        self.y = self
            .chain
            .vjp(&self.x, &self.params, &self.y_bar, x_bar, params_bar);
    }

    fn vjp_chained(&mut self) {
        self.vjp();
        let bars = self.x_bar.as_slice();
        let xs = self.x.as_mut_slice().iter_mut();
        xs.zip(bars).for_each(|(x, bar)| *x += EPS * bar);
    }

    fn output(&self) -> Vec<f32> {
        self.y.as_slice().to_vec()
    }

    /// Output, and the gradients with respect to input and parameters.
    fn outputs(&self) -> Vec<f32> {
        let params_bar = by_output(self.chain, self.params_bar.as_slice());
        [self.y.as_slice(), self.x_bar.as_slice(), &params_bar].concat()
    }
}
