//! Puts a body together that comes in pieces, up to a limit.

use bytes::{Bytes, BytesMut};

/// Whoever announces a length reserves no more room by that, in bytes: it may never come.
const MOST_RESERVED: usize = 1 << 20;

/// What has come of a body. Most bodies come in one piece, which then is not copied.
#[derive(Debug)]
pub struct Collected {
    limit_bytes: usize,
    announced_bytes: usize,
    pieces: Pieces,
}

#[derive(Debug)]
enum Pieces {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Collected {
    /// Nothing, of a body of at most so many bytes.
    pub fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, announced_bytes: 0, pieces: Pieces::Nothing }
    }

    /// The same, with room for so many bytes as soon as more than one piece has come.
    #[must_use]
    pub fn announced(mut self, bytes: u64) -> Self {
        self.announced_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self
    }

    /// Adds the next piece.
    ///
    /// # Errors
    /// Gives the piece back if there were more bytes with it than the limit.
    pub fn push(&mut self, piece: Bytes) -> Result<(), Bytes> {
        if piece.len() > self.limit_bytes.saturating_sub(self.len()) {
            return Err(piece);
        }
        if !piece.is_empty() {
            self.add(piece);
        }
        Ok(())
    }

    fn add(&mut self, piece: Bytes) {
        match &mut self.pieces {
            Pieces::Nothing => self.pieces = Pieces::One(piece),
            Pieces::One(first) => {
                let reserved = self.announced_bytes.min(self.limit_bytes).min(MOST_RESERVED);
                let mut all = BytesMut::with_capacity(reserved.max(first.len() + piece.len()));
                all.extend_from_slice(first);
                all.extend_from_slice(&piece);
                self.pieces = Pieces::Many(all);
            }
            Pieces::Many(all) => all.extend_from_slice(&piece),
        }
    }

    /// How many bytes have come.
    pub(crate) fn len(&self) -> usize {
        match &self.pieces {
            Pieces::Nothing => 0,
            Pieces::One(bytes) => bytes.len(),
            Pieces::Many(bytes) => bytes.len(),
        }
    }

    /// All that has come.
    pub fn into_bytes(self) -> Bytes {
        match self.pieces {
            Pieces::Nothing => Bytes::new(),
            Pieces::One(bytes) => bytes,
            Pieces::Many(bytes) => bytes.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(mut collected: Collected, pieces: &[&'static str]) -> Result<Bytes, Bytes> {
        for piece in pieces {
            collected.push(Bytes::from_static(piece.as_bytes()))?;
        }
        Ok(collected.into_bytes())
    }

    #[test]
    fn pieces_are_put_together_up_to_the_limit() {
        for (pieces, expected) in [
            (&[][..], Ok("")),
            (&["abc"], Ok("abc")),
            (&["", "ab", "", "c", ""], Ok("abc")),
            (&["abcd"], Err("abcd")),
            (&["ab", "c", "d"], Err("d")),
            (&["ab", "cd"], Err("cd")),
        ] {
            let expected =
                expected.map(str::as_bytes).map(Bytes::from).map_err(|it: &str| Bytes::from(it));
            assert_eq!(collect(Collected::new(3), pieces), expected);
            // Whatever was announced.
            for bytes in [0, 2, 3, u64::MAX] {
                assert_eq!(collect(Collected::new(3).announced(bytes), pieces), expected);
            }
        }
    }

    #[test]
    fn a_single_piece_is_not_copied() {
        let piece = Bytes::from(vec![b'a'; 10]);
        let mut collected = Collected::new(10).announced(10);
        collected.push(piece.clone()).unwrap();
        assert_eq!(collected.into_bytes().as_ptr(), piece.as_ptr());
    }

    #[test]
    fn what_is_only_announced_takes_little_room() {
        let mut collected = Collected::new(1 << 30).announced(1 << 30);
        collected.push(Bytes::from_static(b"a")).unwrap();
        collected.push(Bytes::from_static(b"b")).unwrap();
        let Pieces::Many(all) = &collected.pieces else { panic!("two pieces have come") };
        assert!(all.capacity() < 2 * MOST_RESERVED);
    }
}
