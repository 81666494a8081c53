//! Gives turns at what is scarce to callers one after the other, so that one who asks for many keeps no other waiting for all of
//! them.

use crate::call::CallerId;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// As many turns at once as there are of what is scarce.
#[derive(Debug)]
pub(super) struct Turns(Mutex<State>);

#[derive(Debug)]
struct State {
    free: usize,
    /// What each caller waits with, in the order in which it came. Nobody waits while something is free.
    lines: HashMap<CallerId, VecDeque<oneshot::Sender<Turn>>>,
    /// Who waits, each once, in the order of their next turns.
    order: VecDeque<CallerId>,
}

impl Turns {
    pub(super) fn new(n: usize) -> Self {
        Self(Mutex::new(State { free: n, lines: HashMap::new(), order: VecDeque::new() }))
    }

    /// A turn for this caller, at once if something is free.
    pub(super) fn of(&'static self, caller: &CallerId) -> Result<Turn, oneshot::Receiver<Turn>> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return Ok(Turn(Some(self)));
        }
        let (sender, receiver) = oneshot::channel();
        let State { lines, order, .. } = &mut *state;
        let line = lines.entry(caller.clone()).or_insert_with(|| {
            order.push_back(caller.clone());
            VecDeque::new()
        });
        line.push_back(sender);
        Err(receiver)
    }

    /// Who is next; if nobody is, what was given back is free.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut state = self.lock();
        let State { free, lines, order } = &mut *state;
        let Some(caller) = order.pop_front() else {
            *free += 1;
            return None;
        };
        let line = lines.get_mut(&caller)?;
        let next = line.pop_front();
        if line.is_empty() {
            lines.remove(&caller);
        } else {
            order.push_back(caller);
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lasts until it is dropped. Then the next caller has it.
#[derive(Debug)]
pub(super) struct Turn(Option<&'static Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.0.take() else { return };
        // Those who went away meanwhile are passed over, one by one: each could be the last of very many.
        while let Some(next) = turns.next() {
            match next.send(Self(Some(turns))) {
                Ok(()) => return,
                Err(mut unwanted) => unwanted.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(n: usize) -> &'static Turns {
        Box::leak(Box::new(Turns::new(n)))
    }

    fn caller(name: &str) -> CallerId {
        CallerId::new(name)
    }

    #[test]
    fn callers_take_turns_however_many_one_of_them_asks_for() {
        let turns = turns(1);
        let mut turn = turns.of(&caller("ann")).unwrap();
        let mut waiting: Vec<_> = ["ann", "ann", "ann", "bob", "bob", "cy"]
            .into_iter()
            .map(|name| (name, turns.of(&caller(name)).unwrap_err()))
            .collect();
        let mut order = Vec::new();
        while !waiting.is_empty() {
            drop(turn);
            let at = waiting.iter_mut().position(|(_, it)| !it.is_empty()).unwrap();
            let (name, mut receiver) = waiting.remove(at);
            order.push(name);
            turn = receiver.try_recv().unwrap();
        }
        assert_eq!(order, ["ann", "bob", "cy", "ann", "bob", "ann"]);
    }

    #[test]
    fn who_has_gone_away_is_passed_over_and_what_nobody_wants_is_free() {
        const MANY: usize = 100_000;
        let turns = turns(1);
        let turn = turns.of(&caller("ann")).unwrap();
        for _ in 0..MANY {
            drop(turns.of(&caller("ann")));
        }
        let mut last = turns.of(&caller("ann")).unwrap_err();
        drop(turn);
        let turn = last.try_recv().unwrap();
        let gone = turns.of(&caller("bob")).unwrap_err();
        // It has its turn, and does not know it.
        drop(turn);
        drop(gone);
        assert!(turns.of(&caller("cy")).is_ok());
        let state = turns.lock();
        assert!(state.lines.is_empty() && state.order.is_empty());
    }
}
