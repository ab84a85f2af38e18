//! What Miri can run in minutes: calls or, with `--trainings`, short trainings side by side on two threads, in each tier of this CPU.
//! Panics if tiers that round alike have other bits.

use std::collections::BTreeMap;

use simplechain::Error;
use simplechain::prelude::*;
use simplechain::simd::Tier;
use simplechain_test_targets::few_calls;

simple_chain! {
    struct Net: 2 => dense(tanh, 3) => batch_norm => dropout(0.1) => dense(id, 1)
}

fn trainings() -> Result<Vec<u64>, Error> {
    let xs: Vec<[f32; 2]> = (0..9).map(|i| [0.1 * i as f32, 0.5]).collect();
    let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0] * x[1]]).collect();
    let mut params: Vec<_> = (0..2).map(|s| Net.init::<f32>(&mut rng(s))).collect();
    let fits = fit_many(&mut params, Some(2), |_, params| {
        Trainer::new(Net, SquaredLoss, Adam::new(1e-2))
            .batch_size(5)
            .fit(params, &xs, &ys, 1)
    })?;
    fits.into_iter().collect::<Result<Vec<_>, _>>()?;
    let params = params.iter().flat_map(|params| **params);
    Ok(params.map(|p| u64::from(p.to_bits())).collect())
}

fn main() {
    let is_threaded = std::env::args().any(|argument| argument == "--trainings");
    let mut results = BTreeMap::new();
    for tier in Tier::available() {
        let result = tier.with(|| match is_threaded {
            true => trainings().expect("good data"),
            false => vec![few_calls()],
        });
        let result = result.expect("an available tier");
        println!("{tier} {:016x}", result[0]);
        let first = results
            .entry(tier.is_fused())
            .or_insert_with(|| result.clone());
        assert_eq!(*first, result, "{tier}");
    }
}
