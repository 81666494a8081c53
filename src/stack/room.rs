//! Memory for the request bodies that are under way: as many as come at once share it, by whichever protocol.
//!
//! Without that, callers who send large bodies slowly decide how much memory the service takes: limits of calls and of what the
//! upstreams have under way count a call only once its body is there.

use crate::call::Error;
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies of so many bytes and fewer are not counted: the sockets' own buffers take as much.
const SMALL: usize = 64 << 10;

/// Room is given in units of so many bytes.
const UNIT: usize = 64 << 10;

/// All there is. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    /// 512 MiB.
    fn default() -> Self {
        Self::new(512 << 20)
    }
}

impl Room {
    /// For so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS))))
    }

    /// What one body takes of it: nothing yet.
    pub fn share(&self) -> Share {
        Share { room: Arc::clone(&self.0), held: None }
    }
}

/// What one body takes. Given back when it is dropped, or with the last part of the body that [`keep`](Self::keep) made of it.
#[derive(Debug)]
pub struct Share {
    room: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Makes it large enough for so many bytes.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when others have taken the rest.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Error> {
        let needed = if bytes <= SMALL { 0 } else { bytes.div_ceil(UNIT) };
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = needed.checked_sub(held).filter(|more| *more > 0) else { return Ok(()) };
        let more = u32::try_from(more).map_err(|_| Error::Overloaded)?;
        let more = Arc::clone(&self.room).try_acquire_many_owned(more);
        let more = more.map_err(|_| Error::Overloaded)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }

    /// What it has by now; nothing is left.
    pub fn take(&mut self) -> Self {
        Self { room: Arc::clone(&self.room), held: self.held.take() }
    }

    /// The body, which holds the share for as long as there is some of it.
    pub fn keep(self, body: Bytes) -> Bytes {
        match self.held {
            Some(held) => Bytes::from_owner(Kept { body, _held: held }),
            None => body,
        }
    }
}

struct Kept {
    body: Bytes,
    _held: OwnedSemaphorePermit,
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
}
