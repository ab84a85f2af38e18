//! 4-32-16-4, 10 000 samples, full batch, Adam.

use simplechain::prelude::*;
use simplechain_peers::data::{dense_layers, rows};
use simplechain_peers::worker::{Args, Result, Task, Work};

use super::from_layers;

simple_chain! {
    struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)
}

type Params = <MatExp as Network>::Params<f32>;

struct Epochs {
    x: Vec<[f32; 4]>,
    y: Vec<[f32; 4]>,
    init: Box<Params>,
    params: Box<Params>,
    trainer: Trainer<MatExp, SquaredLoss, Adam<f32>>,
    threads: usize,
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    let dir = args.data.join("matrix_exponential");
    let layers = dense_layers(&dir, "init.f32", &[4, 32, 16, 4])?;
    let init = from_layers(MatExp, &layers);
    let work = Epochs {
        x: rows(&dir, "x.f32")?,
        y: rows(&dir, "y.f32")?,
        params: init.clone(),
        init,
        trainer: trainer(args.threads),
        threads: args.threads,
    };
    // A call of `fit` packs the data into vectors first.
    Ok(vec![Task::new("epoch", work).at_least(50)])
}

fn trainer(threads: usize) -> Trainer<MatExp, SquaredLoss, Adam<f32>> {
    Trainer::new(MatExp, SquaredLoss, Adam::new(1e-3)).threads(threads)
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        self.trainer
            .fit(&mut self.params, &self.x, &self.y, times)
            .expect("good data");
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.params.clone_from(&self.init);
        self.trainer = trainer(self.threads);
        self.run(steps);
        let loss = MatExp.loss_batch(&SquaredLoss, &self.x, &self.y, &self.params);
        vec![loss.expect("good data")]
    }
}
