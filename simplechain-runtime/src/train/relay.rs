//! Training in a pool, with callbacks on the thread that started it.

use alloc::boxed::Box;
use core::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::epoch::{Epoch, OnEpoch};
use crate::array::Array;
use crate::simd::Real;
use crate::threads::OwnPool;

/// Whose turn it is.
enum Turn {
    /// The pool trains.
    Training,
    /// The caller handles an epoch.
    Epoch(Epoch),
    /// The caller's answer.
    Answer(ControlFlow<()>),
    /// Training is over.
    Done,
}

/// The state that both sides write, in turn.
struct Desk<P> {
    turn: Turn,
    /// The parameters after an epoch.
    params: Box<P>,
}

struct Relay<P> {
    desk: Mutex<Desk<P>>,
    turned: Condvar,
}

impl<P> Relay<P> {
    // A panicking side takes its last turn while it unwinds, so a poisoned state is still consistent.
    fn desk(&self) -> MutexGuard<'_, Desk<P>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, until: fn(&Turn) -> bool) -> MutexGuard<'_, Desk<P>> {
        let waiting = self
            .turned
            .wait_while(self.desk(), |desk| !until(&desk.turn));
        waiting.unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, turn: Turn) {
        self.desk().turn = turn;
        self.turned.notify_all();
    }
}

/// Takes the last turn, even when dropped by a panic: the other side must not wait forever.
struct Leave<'a, P>(&'a Relay<P>, fn() -> Turn);

impl<P> Drop for Leave<'_, P> {
    fn drop(&mut self) {
        self.0.turn(self.1());
    }
}

/// Runs `train` in the pool. Its callback calls `on_epoch` on this thread, which need not be `Send`.
pub(super) fn install<T: Real, P: Array<T>, R: Send>(
    pool: &OwnPool,
    on_epoch: OnEpoch<'_, P>,
    train: impl FnOnce(OnEpoch<'_, P>) -> R + Send,
) -> R {
    let relay = Relay {
        desk: Mutex::new(Desk {
            turn: Turn::Training,
            params: P::boxed(T::ZERO),
        }),
        turned: Condvar::new(),
    };
    let (mut train, mut result) = (Some(train), None);
    let mut there = || {
        let _leave = Leave(&relay, || Turn::Done);
        let train = train.take().expect("it is called once");
        result = Some(train(&mut |epoch, params| {
            relay
                .desk()
                .params
                .as_mut_slice()
                .copy_from_slice(params.as_slice());
            relay.turn(Turn::Epoch(*epoch));
            let mut desk = relay.wait(|turn| matches!(turn, Turn::Answer(_)));
            match core::mem::replace(&mut desk.turn, Turn::Training) {
                Turn::Answer(answer) => answer,
                _ => unreachable!("it was waited for"),
            }
        }));
    };
    let mut here = || {
        let leave = Leave(&relay, || Turn::Answer(ControlFlow::Break(())));
        loop {
            let desk = relay.wait(|turn| matches!(turn, Turn::Epoch(_) | Turn::Done));
            let Turn::Epoch(epoch) = desk.turn else {
                break;
            };
            let answer = on_epoch(&epoch, &desk.params);
            drop(desk);
            relay.turn(Turn::Answer(answer));
        }
        core::mem::forget(leave);
    };
    pool.beside(&mut there, &mut here);
    result.expect("a panic would have come through the scope")
}
