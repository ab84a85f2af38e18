//! Makes a call so many times: `simplechain-instructions NAME TIMES`; without arguments, prints the names. `run.py` counts the instructions.

#[allow(dead_code)] // shared with `limits`
#[path = "../../lenet/mod.rs"]
mod lenet;
#[allow(dead_code)]
#[path = "../../shapes/mod.rs"]
mod shapes;
#[allow(dead_code)]
#[path = "../../../examples/matrix_exponential/workload.rs"]
mod workload;

use std::hint::black_box;
use std::process::ExitCode;

use simplechain::init;
use simplechain::prelude::*;

use lenet::LeNet;
use shapes::{Calls, Mlp50, Mlp64};
use workload::{Data, MatExp};

/// A call, made ready.
type Call = Box<dyn FnMut()>;

/// A name, and how the call is made ready.
type Counted = (&'static str, fn() -> Call);

/// All that is counted.
const CALLS: [Counted; 12] = [
    ("forward 4-32-16-4", || forward(MatExp)),
    ("forward 2-50-50-2", || forward(Mlp50)),
    ("forward 3-64-64-1", || forward(Mlp64)),
    ("forward LeNet-5", || forward(LeNet)),
    ("vjp 4-32-16-4", || vjp(MatExp)),
    ("vjp 2-50-50-2", || vjp(Mlp50)),
    ("vjp 3-64-64-1", || vjp(Mlp64)),
    ("vjp LeNet-5", || vjp(LeNet)),
    ("jvp 4-32-16-4", || jvp(MatExp)),
    ("hvp 4-32-16-4", || hvp(MatExp)),
    ("epoch 4-32-16-4", epoch),
    ("epoch LeNet-5", steps),
];

fn forward<C: Chain>(chain: C) -> Call {
    let calls = Calls::new(chain);
    Box::new(move || {
        black_box(chain.forward(black_box(&calls.xs[0]), &calls.params));
    })
}

fn vjp<C: Chain>(chain: C) -> Call {
    let mut calls = Calls::new(chain);
    Box::new(move || {
        let (x, y_bar) = (black_box(&calls.xs[0]), &calls.y_bar);
        black_box(chain.vjp(
            x,
            &calls.params,
            y_bar,
            &mut calls.x_bar,
            &mut calls.params_bar,
        ));
    })
}

fn jvp<C: Chain>(chain: C) -> Call {
    let calls = Calls::new(chain);
    Box::new(move || {
        let [x, x_dot] = [0, 1].map(|i| black_box(&calls.xs[i]));
        black_box(chain.jvp(x, &calls.params, x_dot, &calls.params));
    })
}

fn hvp<C: Chain>(chain: C) -> Call {
    let mut calls = Calls::new(chain);
    Box::new(move || {
        let [x, x_dot] = [0, 1].map(|i| black_box(&calls.xs[i]));
        let (y_bar, params) = (&calls.y_bar, &*calls.params);
        black_box(chain.hvp(
            x,
            params,
            y_bar,
            x_dot,
            params,
            &mut calls.x_bar,
            &mut calls.params_bar,
        ));
    })
}

/// An epoch of 1000 samples.
fn epoch() -> Call {
    let data = Data::new(1000, &mut init::rng(0));
    let mut params = MatExp.init(&mut init::rng(1));
    let mut trainer = workload::trainer(1);
    Box::new(move || {
        let history = trainer.fit(&mut params, &data.x, &data.y, 1);
        history.expect("good data");
    })
}

/// A step with one batch of images.
fn steps() -> Call {
    let data = lenet::Data::new(lenet::BATCH);
    let mut params = LeNet.init(&mut init::rng(1));
    let mut trainer = lenet::trainer(1);
    Box::new(move || {
        let history = trainer.fit(&mut params, &data.images(), data.labels(), 1);
        history.expect("good data");
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = &arguments[..] else {
        CALLS.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let known = CALLS.iter().find(|(known, _)| known == name);
    let (Some((_, ready)), Ok(times)) = (known, times.parse::<usize>()) else {
        eprintln!("error: `{name}` is not a call, or `{times}` no number");
        return ExitCode::FAILURE;
    };
    let mut call = ready();
    (0..times).for_each(|_| call());
    ExitCode::SUCCESS
}
