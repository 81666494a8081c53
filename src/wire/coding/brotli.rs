//! Brotli.

use super::Broken;
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::{Buf as _, Bytes};

/// How large a piece gets. A few bytes may stand for megabytes; they come out one piece after the other.
const PIECE: usize = 16 << 10;

pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    waiting: Bytes,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It wants more bytes.
    Hungry,
    /// It has more to say.
    Full,
    Done,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self {
            state: BrotliState::new(alloc(), alloc(), alloc()),
            waiting: Bytes::new(),
            progress: Progress::Hungry,
        }
    }

    pub(super) fn feed(&mut self, bytes: Bytes) {
        self.waiting = bytes;
    }

    pub(super) fn read(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            match self.progress {
                Progress::Done | Progress::Hungry if self.waiting.is_empty() => return Ok(None),
                Progress::Done => return Err(Broken), // something after the end
                Progress::Hungry | Progress::Full => {}
            }
            let piece = self.step()?;
            if !piece.is_empty() {
                return Ok(Some(piece.into()));
            }
        }
    }

    pub(super) fn finish(&mut self) -> Result<(), Broken> {
        if self.progress == Progress::Done { Ok(()) } else { Err(Broken) }
    }

    /// Takes all that is waiting, unless there is no room for what comes of it.
    fn step(&mut self) -> Result<Vec<u8>, Broken> {
        let mut piece = vec![0; PIECE];
        let (mut input_left, mut taken) = (self.waiting.len(), 0);
        let (mut room, mut written, mut total) = (PIECE, 0, 0);
        let result = BrotliDecompressStream(
            &mut input_left,
            &mut taken,
            &self.waiting,
            &mut room,
            &mut written,
            &mut piece,
            &mut total,
            &mut self.state,
        );
        self.waiting.advance(taken);
        piece.truncate(written);
        self.progress = match result {
            BrotliResult::ResultSuccess => Progress::Done,
            BrotliResult::NeedsMoreInput => Progress::Hungry,
            BrotliResult::NeedsMoreOutput => Progress::Full,
            BrotliResult::ResultFailure => return Err(Broken),
        };
        Ok(piece)
    }
}
