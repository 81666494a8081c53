//! Memory for the request bodies that are under way: as many as come at once share it, by whichever protocol.
//!
//! Without that, callers who send large bodies slowly decide how much memory the service takes: limits of calls and of what the
//! upstreams have under way count a call only once its body is there. Nor does one caller get all of it: the less is free, the less
//! one may hold in several bodies.

use crate::call::{CallerId, Error};
use bytes::Bytes;
use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Bodies of so many bytes and fewer are not counted: the sockets' own buffers take as much.
const SMALL: usize = 64 << 10;

/// Room is given in units of so many bytes.
const UNIT: usize = 64 << 10;

/// For each unit that is free, a caller may hold so many.
const FOR_EACH_FREE: usize = 7;

/// All there is. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<All>);

#[derive(Debug)]
struct All {
    units: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    by_all: usize,
    /// No caller who has none.
    by: HashMap<CallerId, usize>,
}

impl Default for Room {
    /// 512 MiB.
    fn default() -> Self {
        Self::new(512 << 20)
    }
}

impl Room {
    /// For so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(All { units: bytes.div_ceil(UNIT), taken: Mutex::default() }))
    }

    /// What one body takes of it that is no caller's: nothing yet.
    pub fn share(&self) -> Share {
        Share { room: Arc::clone(&self.0), caller: None, units: 0 }
    }

    /// What one body of a caller takes of it: nothing yet.
    pub fn share_of(&self, caller: &CallerId) -> Share {
        Share { room: Arc::clone(&self.0), caller: Some(caller.clone()), units: 0 }
    }
}

impl All {
    /// Takes `more` units for a body that has `own`; false when others have taken them, or need them.
    fn take(&self, caller: Option<&CallerId>, own: usize, more: usize) -> bool {
        let mut taken = self.lock();
        let Some(left) = self.units.saturating_sub(taken.by_all).checked_sub(more) else {
            return false;
        };
        if let Some(caller) = caller {
            let held = taken.by.get(caller).copied().unwrap_or(0);
            // One body may be as large as there is room.
            let is_one = held <= own;
            if !is_one && held + more > (left + 1).saturating_mul(FOR_EACH_FREE) {
                return false;
            }
            taken.by.insert(caller.clone(), held + more);
        }
        taken.by_all += more;
        true
    }

    fn give_back(&self, caller: Option<&CallerId>, units: usize) {
        let mut taken = self.lock();
        taken.by_all -= units;
        let Some(caller) = caller else { return };
        if let Some(held) = taken.by.get_mut(caller) {
            *held -= units;
            if *held == 0 {
                taken.by.remove(caller);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing panics while it is locked.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one body takes. Given back when it is dropped, or with the last part of the body that [`keep`](Self::keep) made of it.
#[derive(Debug)]
pub struct Share {
    room: Arc<All>,
    caller: Option<CallerId>,
    units: usize,
}

impl Share {
    /// Makes it large enough for so many bytes.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when others have taken the rest, or the caller has so much in other bodies that they need it.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Error> {
        let needed = if bytes <= SMALL { 0 } else { bytes.div_ceil(UNIT) };
        if needed > self.units {
            if !self.room.take(self.caller.as_ref(), self.units, needed - self.units) {
                return Err(Error::Overloaded);
            }
            self.units = needed;
        }
        Ok(())
    }

    /// What it has by now; nothing is left.
    pub fn take(&mut self) -> Self {
        let units = mem::take(&mut self.units);
        Self { room: Arc::clone(&self.room), caller: self.caller.clone(), units }
    }

    /// The body, which holds the share for as long as there is some of it.
    pub fn keep(self, body: Bytes) -> Bytes {
        if self.units == 0 {
            return body;
        }
        Bytes::from_owner(Kept { body, _held: self })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.units > 0 {
            self.room.give_back(self.caller.as_ref(), self.units);
        }
    }
}

struct Kept {
    body: Bytes,
    _held: Share,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_what_there_is_and_give_it_back_with_their_last_part() {
        let room = Room::new(4 * UNIT);
        let mut one = room.share();
        one.grow(3 * UNIT).unwrap();
        let body = one.keep(vec![1; 3 * UNIT].into());
        assert!(matches!(room.share().grow(2 * UNIT), Err(Error::Overloaded)));
        let part = body.slice(5..6);
        drop(body);
        assert!(matches!(room.share().grow(2 * UNIT), Err(Error::Overloaded)));
        drop(part);
        room.share().grow(4 * UNIT).unwrap();
    }

    #[test]
    fn a_share_grows_with_its_body_and_small_bodies_need_none() {
        let room = Room::new(4 * UNIT);
        let (mut one, mut other) = (room.share(), room.share());
        for bytes in [SMALL, 2 * UNIT, 2 * UNIT + 1, 4 * UNIT] {
            one.grow(bytes).unwrap();
        }
        other.grow(SMALL).unwrap();
        assert_eq!(other.keep(Bytes::from_static(b"{}")), "{}");
        drop(one);
        room.share().grow(4 * UNIT).unwrap();
    }

    #[test]
    fn a_caller_with_many_bodies_leaves_room_to_others_and_one_body_may_take_all() {
        let room = Room::new(16 * UNIT);
        let (ann, bob) = (CallerId::new("ann"), CallerId::new("bob"));
        let body = |caller: &CallerId, units: usize| {
            let mut share = room.share_of(caller);
            share.grow(units * UNIT).map(|()| share).ok()
        };
        let anns: Vec<Share> = std::iter::from_fn(|| body(&ann, 2)).collect();
        assert_eq!(anns.len(), 7);
        let bobs = body(&bob, 2).expect("the last eighth is left to others");
        assert!(body(&ann, 2).is_none());
        drop((anns, bobs));
        let all = body(&ann, 16).expect("it is one body");
        assert!(body(&bob, 2).is_none());
        drop(all);
        assert!(room.0.lock().by.is_empty(), "nobody is remembered");
    }
}
