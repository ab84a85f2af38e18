//! Trainings of several chains in this process, stopped anywhere.

use core::ops::ControlFlow;
use std::error::Error;

use rand::{Rng, RngExt};
use simplechain::prelude::*;
use simplechain::train::Epoch;
use simplechain::{Array, init};

simple_chain! {
    struct Small: 3 => dense(tanh, 4) => dense(id, 2);
    struct Plain: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Deep: 5 => dense(gelu, 33) => batch_norm => dropout(0.1) => residual(dense(silu, 33)) => layer_norm => dense(id, 3);
    struct Images: (9, 8, 2) => conv(relu, (3, 3), 6) => maxpool(2, 2) => conv(elu, (2, 2), 5, padding = same) => flatten => dense(id, 4);
    struct Wide: 64 => dense(relu, 300) => dense(tanh, 200) => dense(id, 10);
}

/// At most.
const SAMPLES: usize = 500;
const EPOCHS: usize = 4;

pub(crate) struct Load {
    rng: rand::rngs::Xoshiro256PlusPlus,
    pub(crate) trainings: u64,
    pub(crate) stopped: u64,
}

impl Load {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: init::rng(seed),
            trainings: 0,
            stopped: 0,
        }
    }

    /// A training of every chain, in both number types, and many small ones at once.
    pub(crate) fn round(&mut self) -> Result<(), Box<dyn Error>> {
        self.training::<_, f32>(Small)?;
        self.training::<_, f64>(Small)?;
        self.training::<_, f32>(Plain)?;
        self.training::<_, f64>(Plain)?;
        self.training::<_, f32>(Deep)?;
        self.training::<_, f64>(Deep)?;
        self.training::<_, f32>(Images)?;
        self.training::<_, f64>(Images)?;
        self.training::<_, f32>(Wide)?;
        self.many()
    }

    /// Of some samples, stopped after some epochs, saved, loaded, and gone on with by another optimizer.
    fn training<C: Chain, T: Real>(&mut self, chain: C) -> Result<(), Box<dyn Error>> {
        let samples = self.rng.random_range(2..=SAMPLES);
        let xs: Vec<C::Input<T>> = self.arrays(samples);
        let ys: Vec<C::Output<T>> = self.arrays(samples);
        let seed = self.rng.next_u64();
        let mut params = chain.init::<T>(&mut init::rng(seed));
        let adam = Adam::new(1e-3).clip_norm(1.0);
        let mut trainer = Trainer::new(chain, SquaredLoss, adam).threads(2).seed(seed);
        if self.rng.random() {
            trainer = trainer.batch_size(self.rng.random_range(2..=samples));
        }
        let stop = self.rng.random_range(1..2 * EPOCHS);
        let on_epoch = |epoch: &Epoch, _: &C::Params<T>| match epoch.index + 1 == stop {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let validation = Validation::new(&xs, &ys);
        let history =
            trainer.fit_validated_with(&mut params, &xs, &ys, &validation, EPOCHS, on_epoch)?;
        self.trainings += 1;
        self.stopped += u64::from(stop < EPOCHS);
        let expected = stop.min(EPOCHS);
        if history.epochs.len() != expected || !history.last_loss().is_finite() {
            return Err(format!("{history:?} instead of {expected} epochs").into());
        }

        let bytes = chain.to_safetensors::<T>(&params, &[])?;
        let loaded = chain.from_safetensors::<T>(&bytes)?;
        if loaded.as_slice() != params.as_slice() {
            return Err("other parameters than were saved".into());
        }
        let mut params = loaded.into_box::<T>();
        Lbfgs::new().fit(chain, &SquaredLoss, &mut params, &xs, &ys, 3)?;
        self.trainings += 1;
        Ok(())
    }

    /// Of small networks, side by side.
    fn many(&mut self) -> Result<(), Box<dyn Error>> {
        let (xs, ys): (Vec<[f32; 3]>, Vec<[f32; 2]>) = (self.arrays(60), self.arrays(60));
        let mut params: Vec<_> = (0..20)
            .map(|s| Small.init::<f32>(&mut init::rng(s)))
            .collect();
        let fits = fit_many(&mut params, Some(2), |_, params| {
            Trainer::new(Small, SquaredLoss, Adam::new(1e-2)).fit(params, &xs, &ys, 5)
        })?;
        for fit in fits {
            fit?;
            self.trainings += 1;
        }
        Ok(())
    }

    /// With numbers in `[-1, 1)`.
    fn arrays<T: Real, A: Array<T>>(&mut self, count: usize) -> Vec<A> {
        let mut arrays = A::vec(T::ZERO, count);
        for x in arrays.iter_mut().flat_map(A::as_mut_slice) {
            *x = T::from_f64(self.rng.random_range(-1.0..1.0));
        }
        arrays
    }
}
