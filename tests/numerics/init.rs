//! First parameters, and the stream of random numbers that is promised for a seed.

use rand::Rng;
use simplechain::chain::Chain;
use simplechain::init::{self, Init};
use simplechain::simple_chain;

use crate::chains::{MatExp, Odd};

simple_chain! {
    /// Enough weights for statistics.
    struct Large: 300 => dense(id, 500) => dense(id, 100)
}

/// xoshiro256++ whose state SplitMix64 fills from the seed, by their reference implementations.
#[test]
fn stream() {
    for seed in [0, 1, 42, u64::MAX] {
        let mut filler = seed;
        let mut state = [0; 4].map(|_: u64| {
            filler = filler.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (filler ^ (filler >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        let mut rng = init::rng(seed);
        for _ in 0..1000 {
            let [s0, s1, s2, s3] = &mut state;
            let next = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
            let shifted = *s1 << 17;
            *s2 ^= *s0;
            *s3 ^= *s1;
            *s1 ^= *s2;
            *s0 ^= *s3;
            *s2 ^= shifted;
            *s3 = s3.rotate_left(45);
            assert_eq!(rng.next_u64(), next);
        }
    }
}

/// The values of a release are those of every later one.
#[test]
fn pinned() {
    let first = |init| {
        let params = MatExp.init_with::<f64>(init, &mut init::rng(42));
        [params[0], params[1], params[160], params[751]]
    };
    for (init, want) in PINNED {
        let got = first(init);
        for (got, want) in got.iter().zip(want) {
            // The logarithm and cosine of a platform may differ in the last place.
            assert!(
                (got - want).abs() <= 1e-15,
                "{init:?}: {got:?} instead of {want:?}"
            );
        }
        let single = MatExp.init_with::<f32>(init, &mut init::rng(42));
        assert_eq!(single[751], got[3] as f32);
    }
}

const PINNED: [(Init, [f64; 4]); 4] = [
    (
        Init::GlorotNormal,
        [
            -0.1812534010140617,
            -0.20469471056242391,
            -0.08304574107316377,
            0.01271736046596663,
        ],
    ),
    (
        Init::GlorotUniform,
        [
            -0.2566290763608486,
            -0.39509793384778563,
            0.1375143000029708,
            0.27910093132443964,
        ],
    ),
    (
        Init::HeNormal,
        [
            -0.5437602030421852,
            -0.6140841316872718,
            -0.10170984547027118,
            0.014218441248134893,
        ],
    ),
    (
        Init::HeUniform,
        [
            -0.7698872290825458,
            -1.185293801543357,
            0.16841993367164285,
            0.3120443275124737,
        ],
    ),
];

#[test]
fn variance() {
    for (init, from_fans, bounded) in [
        (
            Init::GlorotNormal,
            (|i, o| 2.0 / (i + o)) as fn(f64, f64) -> f64,
            false,
        ),
        (Init::GlorotUniform, |i, o| 2.0 / (i + o), true),
        (Init::HeNormal, |i, _| 2.0 / i, false),
        (Init::HeUniform, |i, _| 2.0 / i, true),
    ] {
        let params = Large.init_with::<f64>(init, &mut init::rng(1));
        for (l, (fan_in, fan_out)) in [(300.0, 500.0), (500.0, 100.0)].into_iter().enumerate() {
            let (weights, want) = (Large.weights(&params, l), from_fans(fan_in, fan_out));
            let moment =
                |power| weights.iter().map(|w| w.powi(power)).sum::<f64>() / weights.len() as f64;
            // Five standard deviations of the mean, and of the variance of normal numbers.
            let root = (weights.len() as f64).sqrt();
            assert!(moment(1).abs() < 5.0 * want.sqrt() / root, "{init:?}");
            assert!(
                (moment(2) / want - 1.0).abs() < 5.0 * 2f64.sqrt() / root,
                "{init:?}"
            );
            let kurtosis = moment(4) / moment(2).powi(2);
            assert!(
                (kurtosis - if bounded { 1.8 } else { 3.0 }).abs() < 0.15,
                "{init:?}: {kurtosis}"
            );
            let largest = weights.iter().fold(0.0f64, |most, w| most.max(w.abs()));
            assert_eq!(largest <= (3.0 * want).sqrt(), bounded, "{init:?}");
            assert!(Large.bias(&params, l).iter().all(|b| *b == 0.0));
        }
    }
    let zeros = Large.init_with::<f32>(Init::Zeros, &mut init::rng(1));
    assert!(zeros.iter().all(|p| *p == 0.0));
}

#[test]
fn seeds() {
    let init = |seed| Odd.init::<f32>(&mut init::rng(seed));
    assert_eq!(init(1), init(1));
    assert_ne!(init(1), init(2));
    // A generator goes on: the next network is another.
    let mut rng = init::rng(1);
    assert_ne!(Odd.init::<f32>(&mut rng), Odd.init::<f32>(&mut rng));
}
