//! What a whole answer is read as, and its parts: the mark of the byte order, lines.

use super::headers;
use crate::json;
use bytes::Bytes;
use http::HeaderMap;

/// What a whole answer is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// One JSON document.
    Json,
    /// A JSON document in each line, as the media type says.
    Lines,
    /// A JSON document in each line, it seems; a line that is none is text.
    SeemingLines,
    /// Text, or what is none.
    Text,
}

impl BodyForm {
    /// By the media type, if that tells; else by what it is: files come as bytes of no type.
    pub fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        Self::by_type(headers).unwrap_or_else(|| Self::by_look(body))
    }

    /// By the media type alone, if that tells.
    pub fn by_type(headers: &HeaderMap) -> Option<Self> {
        if headers::is_json(headers) {
            return Some(Self::Json);
        }
        if headers::is_json_lines(headers) {
            return Some(Self::Lines);
        }
        headers::is_text(headers).then_some(Self::Text)
    }

    /// By what it is. Reads all of a body that begins as JSON does.
    pub fn by_look(body: &[u8]) -> Self {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let mut lines = lines(body).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        if first.starts_with(b"{") && lines.next().is_some() && is_json(first) {
            return Self::SeemingLines;
        }
        if is_json(body) { Self::Json } else { Self::Text }
    }
}

fn is_json(text: &[u8]) -> bool {
    json::walk(text, json::MAX_DEPTH, &mut |_, _| {}).is_ok()
}

/// A mark of the byte order, which is no part of a text, and the body behind it.
pub(super) fn behind_mark(body: Bytes) -> (Bytes, Bytes) {
    let length = if body.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    (body.slice(..length), body.slice(length..))
}

pub(super) fn with_mark(mark: Bytes, body: Bytes) -> Bytes {
    if mark.is_empty() { body } else { [mark, body].concat().into() }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The lines of a body, each with its end.
pub(super) fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split_inclusive(|byte| *byte == b'\n')
}
