//! Training in several processes, which here are threads: the bits of one, whatever their number. With MPI it is tested in `simplechain-mpi`.

use std::ops::ControlFlow;
use std::ops::Range;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use simplechain::Error;
use simplechain::data::Samples;
use simplechain::prelude::*;
use simplechain::train::{Alone, Communicator};

simple_chain! {
    struct Net: 2 => dense(tanh, 9) => dropout(0.2) => frozen(dense(tanh, 5)) => dense(id, 1);
    struct Normed: 2 => dense(relu, 4) => batch_norm => dense(id, 1)
}

const SAMPLES: usize = 1200;

/// What all ranks see.
#[derive(Debug)]
struct Table {
    messages: Mutex<Vec<Vec<u8>>>,
    turn: Barrier,
}

#[derive(Clone, Debug)]
struct Thread {
    rank: usize,
    size: usize,
    table: Arc<Table>,
}

impl Thread {
    /// Shows a message to all, and looks at those of all.
    fn exchange(&self, message: &[u8], look: impl FnOnce(&[Vec<u8>])) {
        self.table.messages.lock().unwrap()[self.rank] = message.to_vec();
        self.table.turn.wait();
        look(&self.table.messages.lock().unwrap());
        self.table.turn.wait();
    }
}

impl Communicator for Thread {
    fn rank(&self) -> usize {
        self.rank
    }
    fn size(&self) -> usize {
        self.size
    }
    fn all_gather(&self, part: &[u8], all: &mut [u8], lens: &[usize]) {
        assert_eq!(part.len(), lens[self.rank]);
        self.exchange(part, |parts| all.copy_from_slice(&parts.concat()));
    }
    fn all_to_all(&self, to: &[u8], to_lens: &[usize], from: &mut [u8], from_lens: &[usize]) {
        assert_eq!(to.len(), to_lens.iter().sum::<usize>());
        let header: Vec<u8> = to_lens.iter().flat_map(|len| len.to_le_bytes()).collect();
        self.exchange(&[&header, to].concat(), |messages| {
            let mut rest = from;
            for (message, len) in messages.iter().zip(from_lens) {
                let (header, bytes) = message.split_at(8 * self.size);
                let lens = header
                    .chunks(8)
                    .map(|len| usize::from_le_bytes(len.try_into().unwrap()));
                let start: usize = lens.take(self.rank).sum();
                let place = rest.split_off_mut(..*len).unwrap();
                place.copy_from_slice(&bytes[start..][..*len]);
            }
            assert!(rest.is_empty());
        });
    }
}

/// Runs `program` as so many ranks, and returns what each returns.
fn ranks<R: Send>(size: usize, program: impl Fn(Thread) -> R + Sync) -> Vec<R> {
    let table = Arc::new(Table {
        messages: Mutex::new(vec![Vec::new(); size]),
        turn: Barrier::new(size),
    });
    thread::scope(|scope| {
        let program = &program;
        let start = |rank| {
            let table = table.clone();
            scope.spawn(move || program(Thread { rank, size, table }))
        };
        let threads: Vec<_> = (0..size).map(start).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn data() -> (Vec<[f64; 2]>, Vec<[f64; 1]>) {
    let number = |i: usize| (i as f64 * 12.9898).sin();
    let xs: Vec<_> = (0..SAMPLES)
        .map(|i| [number(2 * i), number(2 * i + 1)])
        .collect();
    let ys = xs.iter().map(|x| [x[0] * x[1]]).collect();
    (xs, ys)
}

/// Samples of which only some may be read.
struct Part<'a>(&'a [[f64; 2]], Range<usize>);

impl Samples<f64, [f64; 2]> for Part<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }
    fn read(&self, index: usize, from: usize, numbers: &mut [f64]) {
        assert!(
            self.1.contains(&index),
            "sample {index} is not in {:?}",
            self.1
        );
        numbers.copy_from_slice(&self.0[index][from..][..numbers.len()]);
    }
}

fn trainer<C: Network>(chain: C) -> Trainer<C, SquaredLoss, Adam<f64>> {
    Trainer::new(chain, SquaredLoss, Adam::new(1e-2)).threads(1)
}

/// Trains as one and as several, and compares all bits of the parameters.
fn same_bits<C, O: Optimizer<f64> + Send>(
    chain: C,
    make: impl Fn() -> Trainer<C, SquaredLoss, O> + Sync,
) where
    SquaredLoss: Loss<C, f64, Target = [f64; 1]>,
    C: Network<Input<f64> = [f64; 2]>,
{
    let (xs, ys) = data();
    let start = chain.init::<f64>(&mut rng(2));
    let train = |mut trainer: Trainer<C, SquaredLoss, O>| {
        let mut params = start.clone();
        let is_full = trainer.state::<f64>().seed == 0;
        let here = if is_full {
            trainer.own_samples::<f64>(SAMPLES)
        } else {
            0..SAMPLES
        };
        let history = trainer.fit(&mut params, &Part(&xs, here), &ys, 3).unwrap();
        (params.as_slice().to_vec(), history.last_loss())
    };
    let want = train(make());
    for size in [1, 2, 3, 4, 7] {
        let found = ranks(size, |thread| train(make().over(thread)));
        assert!(found.iter().all(|found| *found == want), "{size} ranks");
    }
}

#[test]
fn full_batches_of_own_samples() {
    same_bits(Net, || trainer(Net));
    same_bits(Net, || trainer(Net).max_chunks(5));
}

#[test]
fn mini_batches() {
    same_bits(Net, || trainer(Net).batch_size(500).seed(1));
    same_bits(Normed, || trainer(Normed).batch_size(500).seed(1));
}

#[test]
fn accumulated_gradients() {
    same_bits(Net, || {
        let optimizer = Adam::new(1e-2).accumulate(2);
        Trainer::new(Net, SquaredLoss, optimizer)
            .threads(1)
            .batch_size(500)
            .seed(1)
    });
}

#[test]
fn full_batch_methods() {
    let (xs, ys) = data();
    let start = Net.init::<f64>(&mut rng(2));
    let lbfgs = |communicator: &dyn Communicator| {
        let mut params = start.clone();
        let method = Lbfgs::new();
        method
            .fit_over(communicator, Net, &SquaredLoss, &mut params, &xs, &ys, 5)
            .unwrap();
        params
    };
    // 9 blocks.
    let (many_xs, many_ys) = (xs.repeat(4), ys.repeat(4));
    let least_squares = |communicator: &dyn Communicator| {
        let mut params = start.clone();
        let method = LevenbergMarquardt::new();
        method
            .fit_over(communicator, Net, &mut params, &many_xs, &many_ys, 3)
            .unwrap();
        params
    };
    let mut plain = start.clone();
    Lbfgs::new()
        .fit(Net, &SquaredLoss, &mut plain, &xs, &ys, 5)
        .unwrap();
    assert_eq!(plain, lbfgs(&Alone));
    let mut fitted = start.clone();
    LevenbergMarquardt::new()
        .fit(Net, &mut fitted, &many_xs, &many_ys, 3)
        .unwrap();
    assert_eq!(fitted, least_squares(&Alone));
    for size in [2, 3, 7] {
        assert!(
            ranks(size, |thread| lbfgs(&thread))
                .iter()
                .all(|params| *params == plain)
        );
        assert!(
            ranks(size, |thread| least_squares(&thread))
                .iter()
                .all(|params| *params == fitted)
        );
    }
}

/// What one rank alone does ends the call of all.
#[test]
fn errors_and_breaks_are_shared() {
    let (xs, mut ys) = data();
    let start = Net.init::<f64>(&mut rng(2));
    let history = ranks(3, |thread| {
        let is_last = thread.rank == 2;
        trainer(Net)
            .over(thread)
            .fit_with(&mut start.clone(), &xs, &ys, 9, |epoch, _| {
                if is_last && epoch.index == 1 {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })
    });
    assert!(
        history
            .iter()
            .all(|history| history.as_ref().unwrap().epochs.len() == 2)
    );

    let differs = ranks(3, |thread| {
        let samples = SAMPLES - thread.rank / 2;
        let (xs, ys) = (&xs[..samples], &ys[..samples]);
        trainer(Net)
            .over(thread)
            .fit(&mut start.clone(), xs, ys, 1)
            .unwrap_err()
    });
    let what = "the number of samples";
    assert_eq!(
        differs,
        [0; 3].map(|_| Error::RanksDiffer { what, rank: 2 })
    );

    ys[SAMPLES - 1][0] = f64::NAN;
    let fails = ranks(2, |thread| {
        let mut trainer = trainer(Net).require_finite(true).over(thread);
        trainer.fit(&mut start.clone(), &xs, &ys, 1).unwrap_err()
    });
    let Error::NotFinite(found) = &fails[1] else {
        panic!("{fails:?}");
    };
    assert_eq!((found.what, found.sample), ("target", SAMPLES - 1));
    let message = fails[1].to_string();
    assert_eq!(fails[0], Error::Rank { rank: 1, message });

    let diverges = ranks(2, |thread| {
        let mut trainer = trainer(Net).over(thread);
        trainer.fit(&mut start.clone(), &xs, &ys, 1).unwrap_err()
    });
    let Error::Diverged { cause, .. } = &diverges[0] else {
        panic!("{diverges:?}");
    };
    assert_eq!(cause.map(|cause| cause.sample), Some(SAMPLES - 1));
    assert_eq!(diverges[0].to_string(), diverges[1].to_string());
}
