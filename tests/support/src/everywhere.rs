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

/// What must be the same on every tier whose multiply-adds round alike, and for every number of threads.
#[derive(Debug)]
pub struct SameOnTiers<B> {
    /// The first one, of the tiers that round twice, and of those that round once.
    first: [Option<B>; 2],
}

impl<B: PartialEq> SameOnTiers<B> {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self {
            first: [None, None],
        }
    }

    /// Whether `now`, of the current tier, is what was there first.
    pub fn is_same(&mut self, now: B) -> bool {
        let first = &mut self.first[usize::from(Tier::current().is_fused())];
        match first {
            Some(first) => *first == now,
            None => {
                *first = Some(now);
                true
            }
        }
    }
}

/// Runs `f` once with every tier.
pub fn in_all_tiers(f: impl Fn()) {
    for tier in Tier::available() {
        tier.with(&f).expect("an available tier");
    }
}
