//! Every call of a chain against its twin.

use simplechain::chain::{Array, Chain};
use simplechain::loss::SquaredLoss;
use simplechain::simd::Real;

use crate::case::Case;
use crate::everywhere::{SameOnTiers, everywhere};
use crate::near::{assert_added, assert_near};
use crate::numbers::{bits, cast, flat, unset};

/// Compares the results of one call, and demands the same bits on every tier and for every number of threads.
struct Results<'a> {
    label: &'a str,
    expected: Vec<SameOnTiers<Vec<u64>>>,
    next: usize,
}

impl<'a> Results<'a> {
    fn new(label: &'a str) -> Self {
        Self {
            label,
            expected: Vec::new(),
            next: 0,
        }
    }

    fn restart(&mut self) {
        self.next = 0;
    }

    #[track_caller]
    fn same_bits<T: Real>(&mut self, what: &str, got: &[T]) {
        if self.next == self.expected.len() {
            self.expected.push(SameOnTiers::new());
        }
        let same = self.expected[self.next].is_same(bits(got));
        assert!(same, "{}, {what}: not the bits of another tier", self.label);
        self.next += 1;
    }
}

/// `forward_batch`, `vjp_batch`, `forward`, `vjp`: they run every kernel.
pub fn outputs_and_cotangents<C: Chain, T: Real>(chain: C, case: &Case) {
    let (params, xs, y_bars) = (cast::<T>(&case.params), cast(&case.xs), cast(&case.y_bars));
    let params = chain.params(&params).unwrap();
    let (xs, y_bars) = (chain.inputs(&xs).unwrap(), chain.outputs(&y_bars).unwrap());
    let (inputs, outputs) = (C::INPUT_LEN, C::OUTPUT_LEN);
    let label = format!("{chain:?} {}", T::NAME);
    let mut results = Results::new(&label);
    everywhere(|tier, threads| {
        results.restart();
        for batch in &case.batches {
            let n = batch.samples;
            let at = format!("{label}, tier {tier}, {threads} threads, {n} samples");

            let mut ys = unset::<T, C::Output<T>>(n);
            chain.forward_batch(&xs[..n], params, &mut ys).unwrap();
            assert_near(format!("{at}: y"), &flat(&ys), &case.ys[..n * outputs]);
            results.same_bits("y", &flat(&ys));

            let mut x_bars = unset::<T, C::Input<T>>(n);
            let mut params_bar = unset::<T, C::Params<T>>(1);
            chain
                .vjp_batch(
                    &xs[..n],
                    params,
                    &y_bars[..n],
                    &mut x_bars,
                    &mut params_bar[0],
                )
                .unwrap();
            assert_near(
                format!("{at}: x_bar"),
                &flat(&x_bars),
                &case.x_bars[..n * inputs],
            );
            assert_near(
                format!("{at}: params_bar"),
                params_bar[0].as_slice(),
                &batch.params_bar,
            );
            results.same_bits("x_bar", &flat(&x_bars));
            results.same_bits("params_bar", params_bar[0].as_slice());
        }

        let at = format!("{label}, tier {tier}");
        for (s, x) in xs.iter().take(20).enumerate() {
            let y = chain.forward(x, params);
            assert_near(
                format!("{at}: forward"),
                y.as_slice(),
                &case.ys[s * outputs..][..outputs],
            );
            results.same_bits("forward", y.as_slice());
        }
        let mut x_bar = unset::<T, C::Input<T>>(1);
        let mut params_bar = unset::<T, C::Params<T>>(1);
        let y = chain.vjp(
            &xs[0],
            params,
            &y_bars[0],
            &mut x_bar[0],
            &mut params_bar[0],
        );
        assert_near(format!("{at}: y of vjp"), y.as_slice(), &case.ys[..outputs]);
        assert_near(
            format!("{at}: x_bar of vjp"),
            x_bar[0].as_slice(),
            &case.x_bars[..inputs],
        );
        let one = &case.batches[1];
        assert_near(
            format!("{at}: params_bar of vjp"),
            params_bar[0].as_slice(),
            &one.params_bar,
        );
        results.same_bits("x_bar of vjp", x_bar[0].as_slice());
        results.same_bits("params_bar of vjp", params_bar[0].as_slice());
    });
}

/// The calls that do a part of that work, or add to what is there, or have a loss for a cotangent.
pub fn every_other_call<C: Chain, T: Real>(chain: C, case: &Case) {
    let (params, xs) = (cast::<T>(&case.params), cast(&case.xs));
    let (y_bars, targets) = (cast(&case.y_bars), cast(&case.targets));
    let params = chain.params(&params).unwrap();
    let (xs, y_bars) = (chain.inputs(&xs).unwrap(), chain.outputs(&y_bars).unwrap());
    let targets = chain.outputs(&targets).unwrap();
    let (inputs, outputs) = (C::INPUT_LEN, C::OUTPUT_LEN);
    let label = format!("{chain:?} {}", T::NAME);
    let mut results = Results::new(&label);
    everywhere(|tier, threads| {
        results.restart();
        for batch in &case.batches {
            let n = batch.samples;
            let at = format!("{label}, tier {tier}, {threads} threads, {n} samples");

            let mut x_bars = unset::<T, C::Input<T>>(n);
            chain
                .vjp_input_batch(&xs[..n], params, &y_bars[..n], &mut x_bars)
                .unwrap();
            assert_near(
                format!("{at}: x_bar"),
                &flat(&x_bars),
                &case.x_bars[..n * inputs],
            );
            results.same_bits("x_bar", &flat(&x_bars));

            let mut params_bar = unset::<T, C::Params<T>>(1);
            chain
                .vjp_params_batch(&xs[..n], params, &y_bars[..n], &mut params_bar[0])
                .unwrap();
            assert_near(
                format!("{at}: params_bar"),
                params_bar[0].as_slice(),
                &batch.params_bar,
            );
            results.same_bits("params_bar", params_bar[0].as_slice());

            let start = 0.75;
            let mut x_bars = vec![C::Input::splat(T::from_f64(start)); n];
            let mut params_bar = C::Params::boxed(T::from_f64(start));
            chain
                .vjp_batch_add(&xs[..n], params, &y_bars[..n], &mut x_bars, &mut params_bar)
                .unwrap();
            assert_added(
                format!("{at}: x_bar of vjp_batch_add"),
                &flat(&x_bars),
                start,
                &case.x_bars[..n * inputs],
            );
            assert_added(
                format!("{at}: params_bar of vjp_batch_add"),
                params_bar.as_slice(),
                start,
                &batch.params_bar,
            );

            if n == 0 {
                continue; // an error, see `bad_input`
            }
            let mut grads = unset::<T, C::Params<T>>(1);
            let loss = chain
                .value_and_grad_batch(&SquaredLoss, &xs[..n], &targets[..n], params, &mut grads[0])
                .unwrap();
            assert_near(format!("{at}: loss"), &[loss], &[batch.loss]);
            assert_near(format!("{at}: grads"), grads[0].as_slice(), &batch.grads);
            results.same_bits("loss", &[loss]);
            results.same_bits("grads", grads[0].as_slice());
            let alone = chain
                .loss_batch(&SquaredLoss, &xs[..n], &targets[..n], params)
                .unwrap();
            assert_eq!(
                bits(&[alone]),
                bits(&[loss]),
                "{at}: loss_batch is not the loss of the gradient"
            );
        }

        let at = format!("{label}, tier {tier}, one sample");
        let (one, x, y_bar) = (&case.batches[1], &xs[0], &y_bars[0]);
        let activations = chain.activations(&xs[0], params);
        assert_near(
            format!("{at}: activations"),
            activations.as_slice(),
            &case.activations,
        );
        results.same_bits("activations", activations.as_slice());

        let near = |what: &str, y: C::Output<T>| {
            assert_near(
                format!("{at}: y of {what}"),
                y.as_slice(),
                &case.ys[..outputs],
            )
        };
        let (want_x_bar, want_params_bar) = (&case.x_bars[..inputs], &one.params_bar);

        let mut x_bar = unset::<T, C::Input<T>>(1);
        near(
            "vjp_input",
            chain.vjp_input(x, params, y_bar, &mut x_bar[0]),
        );
        assert_near(format!("{at}: vjp_input"), x_bar[0].as_slice(), want_x_bar);

        let mut params_bar = unset::<T, C::Params<T>>(1);
        near(
            "vjp_params",
            chain.vjp_params(x, params, y_bar, &mut params_bar[0]),
        );
        assert_near(
            format!("{at}: vjp_params"),
            params_bar[0].as_slice(),
            want_params_bar,
        );

        let start = 0.75;
        let mut x_bar = C::Input::splat(T::from_f64(start));
        let mut params_bar = C::Params::boxed(T::from_f64(start));
        near(
            "vjp_add",
            chain.vjp_add(x, params, y_bar, &mut x_bar, &mut params_bar),
        );
        assert_added(
            format!("{at}: x_bar of vjp_add"),
            x_bar.as_slice(),
            start,
            want_x_bar,
        );
        assert_added(
            format!("{at}: params_bar of vjp_add"),
            params_bar.as_slice(),
            start,
            want_params_bar,
        );

        let before = (x_bar, params_bar.clone());
        x_bar = C::Input::splat(T::from_f64(start));
        params_bar.as_mut_slice().fill(T::from_f64(start));
        let mut tape = C::Tape::splat(T::from_f64(f64::NAN));
        near("forward_tape", chain.forward_tape(x, params, &mut tape));
        results.same_bits("tape", tape.as_slice());
        chain.vjp_tape_add(x, params, &tape, y_bar, &mut x_bar, &mut params_bar);
        assert_eq!(
            bits(x_bar.as_slice()),
            bits(before.0.as_slice()),
            "{at}: vjp_tape_add"
        );
        assert_eq!(
            bits(params_bar.as_slice()),
            bits(before.1.as_slice()),
            "{at}: vjp_tape_add"
        );

        let mut x_bar = C::Input::splat(T::from_f64(start));
        near(
            "vjp_input_add",
            chain.vjp_input_add(x, params, y_bar, &mut x_bar),
        );
        assert_added(
            format!("{at}: vjp_input_add"),
            x_bar.as_slice(),
            start,
            want_x_bar,
        );

        let mut params_bar = C::Params::boxed(T::from_f64(start));
        near(
            "vjp_params_add",
            chain.vjp_params_add(x, params, y_bar, &mut params_bar),
        );
        assert_added(
            format!("{at}: vjp_params_add"),
            params_bar.as_slice(),
            start,
            want_params_bar,
        );

        let mut grads = unset::<T, C::Params<T>>(1);
        let loss = chain.value_and_grad(&SquaredLoss, x, &targets[0], params, &mut grads[0]);
        assert_near(format!("{at}: value_and_grad"), &[loss], &[one.loss]);
        assert_near(format!("{at}: grads"), grads[0].as_slice(), &one.grads);
        results.same_bits("loss of one", &[loss]);
        results.same_bits("grads of one", grads[0].as_slice());
    });
}
