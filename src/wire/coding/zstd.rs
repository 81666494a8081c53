//! Zstandard.
//!
//! The decoder keeps a window's worth of text back until its frame ends, so that events which come compressed in this
//! way come late. No provider sends such, least of all unasked.

use super::Broken;
use bytes::{Buf as _, Bytes, BytesMut};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window that RFC 9659 lets a sender use.
const MAX_WINDOW: u64 = 8 << 20;
const MAGIC: usize = 4;
const BLOCK_HEADER: usize = 3;
const CHECKSUM: usize = 4;

pub(super) struct Zstd {
    frame: FrameDecoder,
    waiting: BytesMut,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a frame; where at least one is to come.
    Start,
    InFrame {
        checksum: bool,
    },
    /// After a frame; another one may follow.
    Between,
}

impl Zstd {
    pub(super) fn new() -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(MAX_WINDOW);
        Self { frame, waiting: BytesMut::new(), place: Place::Start }
    }

    pub(super) fn feed(&mut self, bytes: &Bytes) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Decodes block by block until there is something to say.
    pub(super) fn read(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            match self.place {
                Place::Start | Place::Between if !self.has_header() => return Ok(None),
                Place::Start | Place::Between => self.begin()?,
                Place::InFrame { checksum } if !self.has_block(checksum) => return Ok(None),
                Place::InFrame { .. } => {
                    if let Some(piece) = self.block()? {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }

    pub(super) fn finish(&mut self) -> Result<(), Broken> {
        if self.place == Place::Between && self.waiting.is_empty() { Ok(()) } else { Err(Broken) }
    }

    /// Whether all of the header of a frame has come. What follows the magic number tells which fields it has.
    fn has_header(&self) -> bool {
        let Some(&descriptor) = self.waiting.get(MAGIC) else { return false };
        let is_single_segment = descriptor & 0x20 != 0;
        let window = usize::from(!is_single_segment);
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size = [window ^ 1, 2, 4, 8][usize::from(descriptor >> 6)];
        self.waiting.len() >= MAGIC + 1 + window + dictionary + size
    }

    fn begin(&mut self) -> Result<(), Broken> {
        let checksum = self.waiting.get(MAGIC).is_some_and(|descriptor| descriptor & 4 != 0);
        let mut rest = &self.waiting[..];
        self.frame.reset(&mut rest).map_err(|_| Broken)?;
        let taken = self.waiting.len() - rest.len();
        self.waiting.advance(taken);
        self.place = Place::InFrame { checksum };
        Ok(())
    }

    /// Whether all of the next block has come. The decoder would lose its place over half of one.
    fn has_block(&self, checksum: bool) -> bool {
        let &[a, b, c, ..] = &self.waiting[..] else { return false };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let is_last = header & 1 != 0;
        let is_run = (header >> 1) & 3 == 1;
        let content = if is_run { 1 } else { (header >> 3) as usize };
        let trailer = if is_last && checksum { CHECKSUM } else { 0 };
        self.waiting.len() >= BLOCK_HEADER + content + trailer
    }

    fn block(&mut self) -> Result<Option<Bytes>, Broken> {
        let mut rest = &self.waiting[..];
        let one = BlockDecodingStrategy::UptoBlocks(1);
        let finished = self.frame.decode_blocks(&mut rest, one).map_err(|_| Broken)?;
        let taken = self.waiting.len() - rest.len();
        self.waiting.advance(taken);
        if finished {
            self.place = Place::Between;
        }
        let piece = self.frame.collect().unwrap_or_default();
        Ok((!piece.is_empty()).then(|| piece.into()))
    }
}
