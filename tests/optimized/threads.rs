//! Threads: those of the caller's, never more than were asked for, and none that a `fork` left behind.

use std::fs;
use std::rc::Rc;

use fork::Fork;
use rayon::prelude::*;
use simplechain::chain::{Chain, Network};
use simplechain::init;
use simplechain::loss::SquaredLoss;
use simplechain::optim::{Adam, Sgd};
use simplechain::simple_chain;
use simplechain::train::{Trainer, fit_many};

use core::ops::ControlFlow;

simple_chain! {
    struct Small: 1 => dense(tanh, 4) => dense(id, 1);
    struct Wide: 64 => dense(tanh, 64) => dense(id, 64)
}

fn curve() -> (Vec<[f64; 1]>, Vec<[f64; 1]>) {
    let xs: Vec<[f64; 1]> = (0..40).map(|i| [f64::from(i) / 40.0]).collect();
    let ys = xs.iter().map(|x| [x[0].sin()]).collect();
    (xs, ys)
}

/// A fit that forks, if it is allowed to: 400 samples are several chunks.
fn wide_fit(threads: Option<usize>, epochs: usize) -> f64 {
    let xs: Vec<[f32; 64]> = (0..400).map(|i| [(i % 7) as f32 / 7.0; 64]).collect();
    let mut params = Wide.init::<f32>(&mut init::rng(1));
    let mut trainer = Trainer::new(Wide, SquaredLoss, Sgd::new(1e-3)).batch_size(300);
    if let Some(threads) = threads {
        trainer = trainer.threads(threads);
    }
    trainer
        .fit(&mut params, &xs, &xs, epochs)
        .unwrap()
        .last_loss()
}

/// Threads of this process, at the moment.
fn alive() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Runs the test with this name alone, in a process of its own, so that its threads can be counted and its stack may overflow.
fn alone(test: &str, run: impl FnOnce()) {
    const MARK: &str = "SIMPLECHAIN_TEST_ALONE";
    if std::env::var(MARK).as_deref() == Ok(test) {
        return run();
    }
    let this = std::env::current_exe().unwrap();
    let output = std::process::Command::new(this)
        .args([test, "--exact", "--nocapture"])
        .env(MARK, test)
        .env("RAYON_NUM_THREADS", "3")
        .env("RUST_MIN_STACK", "2097152") // as a user has it
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "{test} was not run"
    );
}

#[test]
fn fits_in_the_callers_workers() {
    alone("fits_in_the_callers_workers", || {
        let (xs, ys) = curve();
        let fit = |seed: u64, threads: Option<usize>| {
            let mut params = Small.init::<f64>(&mut init::rng(seed));
            let mut trainer = Trainer::new(Small, SquaredLoss, Adam::new(1e-2));
            if let Some(threads) = threads {
                trainer = trainer.threads(threads);
            }
            trainer.fit(&mut params, &xs, &ys, 20).unwrap().last_loss()
        };
        let want: Vec<f64> = (0..3000).map(|seed| fit(seed, Some(1))).collect();
        let most = std::sync::atomic::AtomicUsize::new(0);
        for threads in [None, Some(2), Some(8)] {
            let got = (0..3000_u64).into_par_iter().map(|seed| {
                most.fetch_max(alive(), std::sync::atomic::Ordering::Relaxed);
                fit(seed, threads)
            });
            assert_eq!(got.collect::<Vec<_>>(), want);
        }
        // The test's own, its harness', and the three of the global pool.
        assert!(most.into_inner() <= 5);
    });
}

/// Everything that forks, inside of everything that does.
#[test]
fn calls_within_calls() {
    alone("calls_within_calls", || {
        let want = wide_fit(Some(1), 2);
        let xs = vec![[0.5_f32; 64]; 600];
        let params = Wide.init::<f32>(&mut init::rng(1));
        let mut ys = xs.clone();
        Wide.forward_batch(&xs, &params, &mut ys).unwrap();
        let most = std::sync::atomic::AtomicUsize::new(0);
        let deep = |threads: Option<usize>| {
            let losses = fit_many(&mut [(); 3], threads, |_, ()| {
                let inner = fit_many(&mut [(); 3], threads, |_, ()| {
                    most.fetch_max(alive(), std::sync::atomic::Ordering::Relaxed);
                    // Large enough to be worth a fork.
                    let mut outputs = xs.clone();
                    Wide.forward_batch(&xs, &params, &mut outputs)?;
                    assert_eq!(outputs, ys);
                    Ok(wide_fit(threads, 2))
                })?;
                inner.into_iter().collect::<Result<Vec<_>, _>>()
            });
            for losses in losses.unwrap() {
                assert_eq!(losses.unwrap(), [want; 3]);
            }
        };
        (0..200).into_par_iter().for_each(|_| deep(Some(4)));
        (0..50).into_par_iter().for_each(|_| deep(None));
        assert!(most.swap(0, std::sync::atomic::Ordering::Relaxed) <= 5);
        // Outside of a pool: as many as were asked for, beside those of the global pool.
        deep(Some(4));
        assert!(most.into_inner() <= 5 + 4);
    });
}

/// One fit in a pool of the user's takes that pool, if it is told so.
#[test]
fn a_fit_in_the_users_pool() {
    let want = wide_fit(Some(1), 3);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    for threads in [None, Some(1), Some(2), Some(5)] {
        assert_eq!(pool.install(|| wide_fit(threads, 3)), want);
    }
}

/// What is called after an epoch need not be `Send`: it is called on the thread that trains.
#[test]
fn epochs_are_seen_on_the_callers_thread() {
    let xs = vec![[0.5_f32; 64]; 400];
    let here = std::thread::current().id();
    for threads in [1, 2] {
        let seen = Rc::new(core::cell::RefCell::new(Vec::new()));
        let mut params = Wide.init::<f32>(&mut init::rng(1));
        let mut trainer = Trainer::new(Wide, SquaredLoss, Sgd::new(1e-3)).threads(threads);
        let log = Rc::clone(&seen);
        let mut last = params.clone();
        let on_epoch = |epoch: &simplechain::train::Epoch, params: &[f32; Wide::PARAM_COUNT]| {
            assert_eq!(std::thread::current().id(), here);
            log.borrow_mut().push(epoch.index);
            last.copy_from_slice(params);
            if epoch.index == 4 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let history = trainer
            .fit_with(&mut params, &xs, &xs, 100, on_epoch)
            .unwrap();
        assert_eq!(*seen.borrow(), [0, 1, 2, 3, 4]);
        assert_eq!((history.epochs.len(), last), (5, params));
    }
}

#[test]
fn a_panic_after_an_epoch_comes_through() {
    let xs = vec![[0.5_f32; 64]; 400];
    for threads in [1, 2] {
        let panics = std::panic::catch_unwind(|| {
            let mut params = Wide.init::<f32>(&mut init::rng(1));
            let mut trainer = Trainer::new(Wide, SquaredLoss, Sgd::new(1e-3)).threads(threads);
            trainer.fit_with(&mut params, &xs, &xs, 100, |epoch, _| {
                assert!(epoch.index < 2, "enough");
                ControlFlow::Continue(())
            })
        });
        let text = *panics.unwrap_err().downcast::<&str>().unwrap();
        assert_eq!(text, "enough");
    }
}

/// A child has none of its parent's threads.
#[test]
#[cfg(unix)]
fn after_a_fork() {
    alone("after_a_fork", || {
        let xs: Vec<[f32; 64]> = vec![[0.5; 64]; 4000];
        let mut params = Wide.init::<f32>(&mut init::rng(1));
        let mut trainer = Trainer::new(Wide, SquaredLoss, Sgd::new(1e-3)).threads(2);
        let mut ys = xs.clone();
        // Both the trainer's and the global pool have threads now.
        trainer.fit(&mut params, &xs, &xs, 1).unwrap();
        Wide.forward_batch(&xs, &params, &mut ys).unwrap();
        let calls = || {
            let before = params.clone();
            trainer.fit(&mut params, &xs, &xs, 1).unwrap();
            Wide.forward_batch(&xs, &before, &mut ys).unwrap();
            fit_many(&mut [(); 2], Some(2), |_, ()| Ok(())).unwrap();
            drop(trainer);
        };
        match fork::fork().unwrap() {
            Fork::Child => {
                calls();
                std::process::exit(0);
            }
            Fork::Parent(child) => {
                let status = (0..600).find_map(|_| {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    fork::waitpid_nohang(child).unwrap()
                });
                assert!(status.is_some(), "the child hangs");
            }
        }
    });
}
