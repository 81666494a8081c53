//! gzip and deflate.

use super::Broken;
use bytes::{Buf as _, Bytes};
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::{io, io::Write, mem};

/// How many bytes are decoded at once. They grow a thousandfold at most, to a megabyte.
const STEP: usize = 1024;

pub(super) struct Inflate {
    format: Format,
    waiting: Bytes,
}

enum Format {
    Gzip(MultiGzDecoder<Vec<u8>>),
    Zlib(ZlibDecoder<Vec<u8>>),
    Raw(DeflateDecoder<Vec<u8>>),
    /// Called deflate; its first byte tells whether it is framed.
    Unseen,
}

impl Inflate {
    pub(super) fn gzip() -> Self {
        Self { format: Format::Gzip(MultiGzDecoder::new(Vec::new())), waiting: Bytes::new() }
    }

    pub(super) fn deflate() -> Self {
        Self { format: Format::Unseen, waiting: Bytes::new() }
    }

    pub(super) fn feed(&mut self, bytes: Bytes) {
        if let (Format::Unseen, Some(first)) = (&self.format, bytes.first()) {
            // zlib names method 8 here; a raw stream would begin with a stored block and its padding set.
            self.format = if first & 0x0f == 8 {
                Format::Zlib(ZlibDecoder::new(Vec::new()))
            } else {
                Format::Raw(DeflateDecoder::new(Vec::new()))
            };
        }
        self.waiting = bytes;
    }

    pub(super) fn read(&mut self) -> Result<Option<Bytes>, Broken> {
        while !self.waiting.is_empty() {
            let step = &self.waiting[..self.waiting.len().min(STEP)];
            let piece = self.format.decode(step).map_err(|_| Broken)?;
            self.waiting.advance(step.len());
            if !piece.is_empty() {
                return Ok(Some(piece.into()));
            }
        }
        Ok(None)
    }

    pub(super) fn finish(&mut self) -> Result<(), Broken> {
        let finished = match &mut self.format {
            Format::Gzip(decoder) => decoder.try_finish(),
            Format::Zlib(decoder) => decoder.try_finish(),
            Format::Raw(decoder) => decoder.try_finish(),
            Format::Unseen => return Err(Broken),
        };
        finished.map_err(|_| Broken)
    }
}

impl Format {
    fn decode(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(decoder) => write(decoder, bytes).map(|()| mem::take(decoder.get_mut())),
            Self::Zlib(decoder) => write(decoder, bytes).map(|()| mem::take(decoder.get_mut())),
            Self::Raw(decoder) => write(decoder, bytes).map(|()| mem::take(decoder.get_mut())),
            Self::Unseen => Ok(Vec::new()),
        }
    }
}

/// Flushed, so that what can be said is said at once: an event must not wait for the next one.
fn write(decoder: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    decoder.write_all(bytes)?;
    decoder.flush()
}
