//! The numbers of PyTorch in `tests/fixtures/pytorch.txt`, which `pytorch.py` beside it writes.

use simplechain::chain::Chain;
use simplechain::loss::{AbsoluteLoss, Loss, SquaredLoss};
use simplechain::optim::Adam;
use simplechain::simd::Real;
use simplechain::simple_chain;
use simplechain::train::Trainer;
use simplechain_reference as reference;
use support::{Fixture, cast, everywhere, flat, near};

use crate::chains::MatExp;

fn pytorch() -> Fixture {
    Fixture::of(include_str!("../fixtures/pytorch.txt"))
}

#[track_caller]
fn assert_close<T: Real>(what: &str, got: &[T], want: &[f64], tolerance: f64) {
    near(what, got, want, tolerance, 1e-2);
}

/// The mean loss and its gradient for 4-32-16-4, of a batch and as a mean over calls of one sample.
fn gradient<T: Real, L: Loss<MatExp, T, Target = [T; 4]>>(
    loss: L,
    names: [&str; 2],
    tolerance: f64,
) {
    let fixture = pytorch();
    let [params, xs, targets] = ["params", "x", "target"].map(|name| cast::<T>(fixture.get(name)));
    let params = MatExp.params(&params).unwrap();
    let (xs, targets) = (
        MatExp.inputs(&xs).unwrap(),
        MatExp.outputs(&targets).unwrap(),
    );
    let [want, want_grads] = names.map(|name| fixture.get(name));
    everywhere(|_, _| {
        let mut grads = [T::ZERO; 756];
        let value = MatExp.value_and_grad_batch(&loss, xs, targets, params, &mut grads);
        assert_close("loss", &[value.unwrap()], want, tolerance);
        assert_close("gradient", &grads, want_grads, tolerance);

        let (mut value, mut mean) = (0.0, vec![0.0; 756]);
        for (x, target) in xs.iter().zip(targets) {
            value += MatExp
                .value_and_grad(&loss, x, target, params, &mut grads)
                .to_f64();
            for (mean, grad) in mean.iter_mut().zip(&grads) {
                *mean += grad.to_f64() / xs.len() as f64;
            }
        }
        assert_close("mean loss", &[value / xs.len() as f64], want, tolerance);
        assert_close("mean gradient", &mean, want_grads, tolerance);
    });
}

#[test]
fn gradients() {
    gradient::<f32, _>(SquaredLoss, ["loss", "grads"], 1e-5);
    gradient::<f64, _>(SquaredLoss, ["loss", "grads"], 1e-13);
    gradient::<f64, _>(AbsoluteLoss, ["absolute_loss", "absolute_grads"], 1e-13);
}

/// The outputs for 4-32-16-4.
fn outputs<T: Real>(tolerance: f64) {
    let fixture = pytorch();
    let [params, xs] = ["params", "x"].map(|name| cast::<T>(fixture.get(name)));
    let (params, xs) = (MatExp.params(&params).unwrap(), MatExp.inputs(&xs).unwrap());
    everywhere(|_, _| {
        let mut ys = vec![[T::ZERO; 4]; xs.len()];
        MatExp.forward_batch(xs, params, &mut ys).unwrap();
        assert_close("y", &flat(&ys), fixture.get("y"), tolerance);
    });
}

#[test]
fn outputs_of_a_batch() {
    outputs::<f32>(1e-5);
    outputs::<f64>(1e-13);
}

/// Parameters after 1, 2 and 20 steps of Adam, whose state outlives a call of `fit`.
#[test]
fn adam() {
    let fixture = pytorch();
    let (xs, targets) = (fixture.get("x"), fixture.get("target"));
    let (xs, targets) = (MatExp.inputs(xs).unwrap(), MatExp.outputs(targets).unwrap());
    everywhere(|_, threads| {
        let mut params = *MatExp.params(fixture.get("params")).unwrap();
        let mut trainer = Trainer::new(MatExp, SquaredLoss, Adam::new(1e-2)).threads(threads);
        for (epochs, name) in [(1, "adam_1"), (1, "adam_2"), (18, "adam_20")] {
            trainer.fit(&mut params, xs, targets, epochs).unwrap();
            assert_close(name, &params, fixture.get(name), 1e-10);
        }
    });
}

/// The plain loops against PyTorch: they judge the kernels everywhere else.
#[test]
fn twin() {
    let fixture = pytorch();
    let params = fixture.get("params");
    let (twin, mut sums) = (reference::Twin::of(MatExp), vec![0.0; 756]);
    let samples = fixture
        .get("x")
        .chunks(4)
        .zip(fixture.get("target").chunks(4));
    let (mut loss, mut ys) = (0.0, Vec::new());
    for (x, target) in samples {
        twin.vjp(
            params,
            x,
            |y| {
                ys.extend_from_slice(y);
                let (value, y_bar) = reference::squared_loss(y, target);
                loss += value / 33.0;
                y_bar.iter().map(|y_bar| y_bar / 33.0).collect()
            },
            &mut sums,
        );
    }
    assert_close("y", &ys, fixture.get("y"), 1e-13);
    assert_close("loss", &[loss], fixture.get("loss"), 1e-13);
    assert_close("gradient", &sums, fixture.get("grads"), 1e-13);

    let mut params = params.to_vec();
    reference::Adam::new(1e-2).step(&mut params, &sums);
    assert_close("Adam", &params, fixture.get("adam_1"), 1e-10);
}

/// One activation a chain, whose weight is 1.
macro_rules! activations {
    ($(
        $(#[$doc:meta])+
        $word:ident $(($argument:ident = $example:literal))?: $Type:ident $formula:tt
    )*) => {
        simple_chain! {
            $(struct $Type: 1 => dense($word $(($example))?, 1, bias = false));*
        }

        /// Every activation and its derivative, of the kernels in both number types and of the plain loops.
        #[test]
        fn activations() {
            let fixture = pytorch();
            $(activation($Type, stringify!($word), &fixture);)*
        }
    };
}

simplechain_runtime::activations!(activations);

fn activation<C>(chain: C, name: &str, fixture: &Fixture)
where
    C: Chain<Input<f32> = [f32; 1], Output<f32> = [f32; 1], Params<f32> = [f32; 1]>
        + Chain<Input<f64> = [f64; 1], Output<f64> = [f64; 1], Params<f64> = [f64; 1]>,
{
    let derivative = format!("{name}'");
    for ((z, y), derivative) in fixture
        .get("z")
        .iter()
        .zip(fixture.get(name))
        .zip(fixture.get(&derivative))
    {
        let near = |what: &str, got: f64, want: f64, tolerance: f64| {
            let off = (got - want).abs();
            assert!(
                off <= tolerance,
                "{what} of {name} at {z}: {got} instead of {want}"
            );
        };
        // PyTorch's own rounding: its gelu and its derivatives cancel in the tail.
        let (of_value, of_derivative) = (1e-15 * (y.abs() + z.abs().min(20.0)), 2e-14);
        let f = reference::Function::named(&C::LAYERS[0].function()).unwrap();
        near("twin", f.value(*z), *y, of_value);
        near(
            "derivative of the twin",
            f.derivative(*z),
            *derivative,
            of_derivative,
        );

        everywhere(|_, _| {
            let (mut x_bar, mut params_bar) = ([0.0], [0.0]);
            let [got] = chain.vjp::<f64>(&[*z], &[1.0], &[1.0], &mut x_bar, &mut params_bar);
            near("f64 value", got, *y, of_value);
            near("f64 derivative", x_bar[0], *derivative, of_derivative);

            let z = *z as f32;
            let (mut x_bar, mut params_bar) = ([0.0], [0.0]);
            let [got] = chain.vjp::<f32>(&[z], &[1.0], &[1.0], &mut x_bar, &mut params_bar);
            // The point itself is rounded.
            let rounding = 2e-7 * (y.abs() + f64::from(z.abs().min(20.0)));
            near("f32 value", got.into(), *y, rounding);
            near("f32 derivative", x_bar[0].into(), *derivative, 2e-6);
        });
    }
}
