//! `normalize` of data far from 0: the difference from the mean is what counts, and it is exact.

use simplechain::chain::Chain;
use simplechain::derivatives::Derivatives;
use simplechain::simd::{Real, Tier};
use simplechain::simple_chain;

/// The second has half a unit that `f32` cannot hold there.
const MEAN: [f64; 2] = [16_000_000.0, -16_000_000.5];
const STD: [f64; 2] = [3.0, 0.5];

simple_chain! {
    struct Far: 2 => normalize(MEAN, STD)
}

fn check<T: Real>(tolerance: f64) {
    // Integers up to 2^24 are `f32`; so are the differences from the first mean, and twice that from the second.
    let xs: Vec<[T; 2]> = (0..37)
        .map(|i| [MEAN[0] + f64::from(i - 18), -16_000_000.0 + f64::from(i)].map(T::from_f64))
        .collect();
    for tier in Tier::available() {
        let run = || {
            let mut ys = vec![[T::ZERO; 2]; xs.len()];
            Far.forward_batch(&xs, &[], &mut ys).unwrap();
            for (x, y) in xs.iter().zip(&ys) {
                assert_eq!(Far.forward(x, &[]), *y);
                for o in 0..2 {
                    let want = (x[o].to_f64() - MEAN[o]) / STD[o];
                    let off = (y[o].to_f64() - want).abs();
                    assert!(
                        off <= tolerance * want.abs(),
                        "{} gives {}, not {want}",
                        x[o],
                        y[o]
                    );
                }
                // The slope is 1 / std, and there is no curvature.
                let [value, slope, curvature] = Far.jet(x, &[], &[T::ONE; 2]);
                assert_eq!(value, *y);
                assert_eq!(slope, STD.map(|std| T::from_f64(1.0 / std)));
                assert_eq!(curvature, [T::ZERO; 2]);
                let mut x_bar = [T::ZERO; 2];
                Far.vjp_input(x, &[], &[T::ONE; 2], &mut x_bar);
                assert_eq!(x_bar, slope);
            }
        };
        tier.with(run).unwrap();
    }
}

#[test]
fn the_mean_is_subtracted_first() {
    check::<f32>(1e-7);
    check::<f64>(1e-15);
}
