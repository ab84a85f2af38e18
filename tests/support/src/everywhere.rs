//! Every tier of the CPU, and threads.

use std::sync::OnceLock;

use rayon_core::{ThreadPool, ThreadPoolBuilder};
use simplechain::simd::Tier;

/// Runs `f` once with a tier and a pool of threads, for all tiers, and 1 and 2 threads.
pub fn everywhere(mut f: impl FnMut(Tier, usize) + Send) {
    static POOLS: OnceLock<[ThreadPool; 2]> = OnceLock::new();
    let pools = POOLS.get_or_init(|| {
        [1, 2].map(|threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads);
            pool.build().expect("two threads")
        })
    });
    for tier in Tier::available() {
        for pool in pools {
            pool.install(|| tier.with(|| f(tier, pool.current_num_threads())))
                .expect("an available tier");
        }
    }
}

/// Runs `f` once with every tier.
pub fn in_all_tiers(f: impl Fn()) {
    for tier in Tier::available() {
        tier.with(&f).expect("an available tier");
    }
}
