//! Content codings: reads bodies that come compressed, piece by piece.
//!
//! Knows nothing of sockets and limits: whoever reads says how much is too much. What a piece grows to is bounded, so
//! that a few bytes that stand for gigabytes cost no more memory than any other. Start at [`Decoder`].

mod brotli;
mod inflate;
#[cfg(test)]
mod tests;
mod zstd;

use brotli::Brotli;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, ETAG},
};
use inflate::Inflate;
use std::fmt;
use zstd::Zstd;

/// A coding that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`.
    Gzip,
    /// `deflate`, with the zlib frame that it should have or without.
    Deflate,
    /// `br`.
    Brotli,
    /// `zstd`, with a window of up to 8 MiB, which RFC 9659 allows.
    Zstd,
}

/// Several codings on top of each other, or one that is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its content-encoding cannot be read; gzip, br, zstd and deflate can, one of them")]
pub struct UnknownCoding;

/// The bytes are not what their coding says, or end too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not what its content-encoding says")]
pub struct Broken;

impl Coding {
    /// The coding that headers tell of; `None` if the body is as it is.
    ///
    /// # Errors
    /// [`UnknownCoding`].
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, UnknownCoding> {
        let mut found = None;
        for value in headers.get_all(CONTENT_ENCODING) {
            for word in value.as_bytes().split(|byte| *byte == b',') {
                match (Self::named(word.trim_ascii())?, found) {
                    (Some(_), Some(_)) => return Err(UnknownCoding),
                    (coding, before) => found = coding.or(before),
                }
            }
        }
        Ok(found)
    }

    fn named(word: &[u8]) -> Result<Option<Self>, UnknownCoding> {
        match word.to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Ok(None),
            b"gzip" | b"x-gzip" => Ok(Some(Self::Gzip)),
            b"deflate" => Ok(Some(Self::Deflate)),
            b"br" => Ok(Some(Self::Brotli)),
            b"zstd" => Ok(Some(Self::Zstd)),
            _ => Err(UnknownCoding),
        }
    }
}

/// Makes headers say what is true of the decoded body: no coding, and what [`describe_changed`] says.
pub fn describe_decoded(headers: &mut HeaderMap) {
    headers.remove(CONTENT_ENCODING);
    describe_changed(headers);
}

/// Makes headers say what is true of a body in other bytes: no length yet, no digest, and an entity tag that does not promise the same
/// bytes.
pub fn describe_changed(headers: &mut HeaderMap) {
    headers.remove(CONTENT_LENGTH);
    for digest in ["content-digest", "content-md5", "digest", "repr-digest"] {
        headers.remove(digest);
    }
    let weak = headers
        .get(ETAG)
        .filter(|tag| !tag.as_bytes().starts_with(b"W/"))
        .map(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()));
    if let Some(Ok(weak)) = weak {
        headers.insert(ETAG, weak);
    }
}

/// Reads one body. [`feed`](Self::feed) it what has come, [`read`](Self::read) until there is no more, and
/// [`finish`](Self::finish) at the end.
pub struct Decoder(Kind);

enum Kind {
    Inflate(Box<Inflate>),
    Brotli(Box<Brotli>),
    Zstd(Box<Zstd>),
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decoder")
    }
}

impl Decoder {
    /// A decoder of a body that begins now.
    pub fn new(coding: Coding) -> Self {
        Self(match coding {
            Coding::Gzip => Kind::Inflate(Box::new(Inflate::gzip())),
            Coding::Deflate => Kind::Inflate(Box::new(Inflate::deflate())),
            Coding::Brotli => Kind::Brotli(Box::new(Brotli::new())),
            Coding::Zstd => Kind::Zstd(Box::new(Zstd::new())),
        })
    }

    /// Takes what has come. To be called when [`read`](Self::read) wants more.
    pub fn feed(&mut self, bytes: Bytes) {
        match &mut self.0 {
            Kind::Inflate(decoder) => decoder.feed(bytes),
            Kind::Brotli(decoder) => decoder.feed(bytes),
            Kind::Zstd(decoder) => decoder.feed(&bytes),
        }
    }

    /// The next piece, up to about a megabyte; `None` if it takes more bytes to make one.
    ///
    /// # Errors
    /// [`Broken`]; nothing may be read after that.
    pub fn read(&mut self) -> Result<Option<Bytes>, Broken> {
        match &mut self.0 {
            Kind::Inflate(decoder) => decoder.read(),
            Kind::Brotli(decoder) => decoder.read(),
            Kind::Zstd(decoder) => decoder.read(),
        }
    }

    /// Says that no more bytes will come. What there was to read has been read.
    ///
    /// # Errors
    /// [`Broken`] if the body is not at its end.
    pub fn finish(&mut self) -> Result<(), Broken> {
        match &mut self.0 {
            Kind::Inflate(decoder) => decoder.finish(),
            Kind::Brotli(decoder) => decoder.finish(),
            Kind::Zstd(decoder) => decoder.finish(),
        }
    }
}
