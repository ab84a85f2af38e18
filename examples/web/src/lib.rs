//! A network that learns a curve in a browser: the calls that `page.js` makes. All of them take and return plain numbers, so that
//! nothing has to be written or generated between Rust and JavaScript.
//!
//! ```text
//! cd examples/web
//! cargo build --release
//! python3 -m http.server        # then open http://localhost:8000
//! ```

use std::cell::RefCell;

use simplechain::prelude::*;

simple_chain! {
    struct Curve: 1 => dense(tanh, 32) => dense(tanh, 32) => dense(id, 1)
}

/// The network, and the points that it learns.
struct Fit {
    params: Box<<Curve as Network>::Params<f32>>,
    trainer: Trainer<Curve, SquaredLoss, Adam<f32>>,
    xs: Vec<[f32; 1]>,
    ys: Vec<[f32; 1]>,
}

impl Fit {
    fn new(seed: u32) -> Self {
        Self {
            params: Curve.init(&mut rng(seed.into())),
            trainer: Trainer::new(Curve, SquaredLoss, Adam::new(3e-3)),
            xs: Vec::new(),
            ys: Vec::new(),
        }
    }
}

thread_local! {
    static FIT: RefCell<Fit> = RefCell::new(Fit::new(0));
}

fn with<R>(f: impl FnOnce(&mut Fit) -> R) -> R {
    FIT.with_borrow_mut(f)
}

/// A new network; the points stay. There is no randomness here but the seed.
#[unsafe(no_mangle)]
pub extern "C" fn reset(seed: u32) {
    with(|fit| {
        let Fit {
            params, trainer, ..
        } = Fit::new(seed);
        (fit.params, fit.trainer) = (params, trainer);
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn clear_points() {
    with(|fit| {
        fit.xs.clear();
        fit.ys.clear();
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn add_point(x: f32, y: f32) {
    with(|fit| {
        fit.xs.push([x]);
        fit.ys.push([y]);
    });
}

/// The rate of Adam's next steps.
#[unsafe(no_mangle)]
pub extern "C" fn set_rate(rate: f64) {
    with(|fit| Optimizer::<f32>::set_rate(fit.trainer.optimizer_mut(), rate));
}

/// Trains for some epochs, each with all points: half the mean squared error before the last step. NaN if there are no points, or if
/// the training diverged; the parameters are then those of the last good step.
#[unsafe(no_mangle)]
pub extern "C" fn train(epochs: u32) -> f64 {
    with(|fit| {
        let Fit {
            params,
            trainer,
            xs,
            ys,
        } = fit;
        let history = trainer.fit(params, &xs[..], ys, epochs as usize);
        history.map_or(f64::NAN, |history| history.last_loss())
    })
}

/// The learned curve.
#[unsafe(no_mangle)]
pub extern "C" fn predict(x: f32) -> f32 {
    with(|fit| Curve.forward(&[x], &fit.params)[0])
}

/// The number of parameters.
#[unsafe(no_mangle)]
pub extern "C" fn param_count() -> u32 {
    Curve::PARAM_COUNT as u32
}
