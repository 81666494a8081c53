//! Cuts a byte stream into server-sent events, and puts changed data back into one.
//!
//! Lines end with LF, CR or CRLF, an event with an empty line. The stream may be cut anywhere, also between CR and LF or
//! inside a character; an event is handed on the moment its last byte is there. Knows nothing of what the data means.

use super::Error;
use std::{borrow::Cow, ops::Range};

/// The largest event that is taken; one that is longer is no chat chunk, and holding it would cost memory.
pub(super) const MAX_EVENT_BYTES: usize = 16 << 20;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Cuts events out of bytes.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The beginning of an event whose end is not here yet.
    pending: Vec<u8>,
    scan: Scan,
}

/// Where in the current event the search for its end stands.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    /// Next byte to look at.
    at: usize,
    /// Where the current line begins.
    line: usize,
    /// The byte before the event was a CR that ended the previous one: an LF now belongs to that.
    after_cr: bool,
}

impl Frames {
    /// Takes bytes and hands each event that is complete with them to `each`, in order.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        each: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.pending.is_empty() {
            let rest = self.cut(bytes, each)?;
            self.pending.extend_from_slice(rest);
        } else {
            let mut pending = std::mem::take(&mut self.pending);
            pending.extend_from_slice(bytes);
            let rest = self.cut(&pending, each)?.len();
            pending.drain(..pending.len() - rest);
            self.pending = pending;
        }
        if self.pending.len() > MAX_EVENT_BYTES { Err(Error::TooLarge) } else { Ok(()) }
    }

    /// Takes out an event that the end of the stream left without its empty line; empty if there is none.
    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        self.scan = Scan::default();
        std::mem::take(&mut self.pending)
    }

    fn cut<'b>(
        &mut self,
        mut bytes: &'b [u8],
        each: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>,
    ) -> Result<&'b [u8], Error> {
        loop {
            let Some(end) = self.scan.find_end(bytes) else { return Ok(bytes) };
            let (event, rest) = bytes.split_at(end);
            self.scan = Scan { after_cr: event.ends_with(b"\r"), ..Scan::default() };
            each(Frame { bytes: event })?;
            bytes = rest;
        }
    }
}

impl Scan {
    /// The end of the event that begins at the first of `bytes`, or `None` if it is not here yet.
    fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.after_cr {
            let first = *bytes.first()?;
            self.after_cr = false;
            if first == b'\n' {
                return Some(1); // a frame of its own, so that the byte is neither lost nor held
            }
        }
        loop {
            let end = self.at + memchr::memchr2(b'\n', b'\r', bytes.get(self.at..)?)?;
            let second_half = bytes[end] == b'\n' && end > 0 && bytes[end - 1] == b'\r';
            self.at = end + 1;
            if second_half && end == self.line {
                self.line = end + 1; // the LF of a CRLF whose CR has already ended the line
                continue;
            }
            if end == self.line {
                let crlf = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
                return Some(end + 1 + usize::from(crlf));
            }
            self.line = end + 1;
        }
    }
}

/// One event, with everything that belongs to it, its empty line included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    bytes: &'a [u8],
}

/// What an event carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Payload<'a> {
    /// Nothing: a comment, a retry time, a stray line end.
    None,
    /// The data `[DONE]`.
    Done,
    /// Any other data, its lines joined by LF.
    Data(Cow<'a, str>),
}

impl<'a> Frame<'a> {
    /// An event that was not cut by [`Frames`].
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The event as it came.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What it carries.
    ///
    /// # Errors
    /// [`Error::Malformed`] for data that is no UTF-8.
    pub(super) fn payload(&self) -> Result<Payload<'a>, Error> {
        let mut lines = self.data_lines();
        let Some(first) = lines.next() else { return Ok(Payload::None) };
        let first = text(&self.bytes[first])?;
        let mut data = Cow::Borrowed(first);
        for line in lines {
            let joined = data.to_mut();
            joined.push('\n');
            joined.push_str(text(&self.bytes[line])?);
        }
        Ok(match data.trim() {
            "" => Payload::None,
            "[DONE]" => Payload::Done,
            _ => Payload::Data(data),
        })
    }

    /// Writes the event with other data, all else as it came. The data must have as many lines as before.
    pub(super) fn write_with(&self, data: &str, out: &mut Vec<u8>) {
        let mut copied = 0;
        let mut parts = data.split('\n');
        for range in self.data_lines() {
            out.extend_from_slice(&self.bytes[copied..range.start]);
            out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
            copied = range.end;
        }
        debug_assert!(parts.next().is_none(), "a JSON text has no line end inside a string");
        out.extend_from_slice(&self.bytes[copied..]);
    }

    /// Where the values of the `data` lines are.
    fn data_lines(&self) -> impl Iterator<Item = Range<usize>> + use<'a> {
        let bytes = self.bytes;
        Lines { bytes, at: 0 }.filter_map(move |line| {
            let mut start = line.start;
            if bytes[start..].starts_with(BOM) {
                start += BOM.len(); // allowed at the beginning of a stream
            }
            let rest = bytes[start..line.end].strip_prefix(b"data")?;
            match rest {
                [] => Some(line.end..line.end),
                [b':', b' ', ..] => Some(start + 6..line.end),
                [b':', ..] => Some(start + 5..line.end),
                _ => None, // another field whose name begins alike
            }
        })
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::Malformed)
}

/// The lines of an event, without their ends.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let crlf = rest[length..].starts_with(b"\r\n");
        self.at = start + length + 1 + usize::from(crlf);
        Some(start..start + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every event as it came, and what it carries.
    fn cut(stream: &[u8], sizes: &[usize]) -> Vec<(Vec<u8>, Payload<'static>)> {
        let (mut frames, mut found) = (Frames::default(), Vec::new());
        let mut each = |frame: Frame<'_>| {
            let payload = match frame.payload()? {
                Payload::None => Payload::None,
                Payload::Done => Payload::Done,
                Payload::Data(data) => Payload::Data(data.into_owned().into()),
            };
            found.push((frame.bytes().to_vec(), payload));
            Ok(())
        };
        let (mut rest, mut sizes) = (stream, sizes.iter().cycle());
        while !rest.is_empty() {
            let (part, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            frames.push(part, &mut each).unwrap();
            rest = tail;
        }
        let last = frames.take_rest();
        found.push((last, Payload::None));
        found
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str]) {
        for size in 1..=stream.len() {
            let found = cut(stream.as_bytes(), &[size]);
            let whole: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
            assert_eq!(whole, stream.as_bytes(), "nothing is lost");
            let data: Vec<String> = found
                .into_iter()
                .filter_map(|(_, payload)| match payload {
                    Payload::None => None,
                    Payload::Done => Some("[DONE]".into()),
                    Payload::Data(data) => Some(data.into_owned()),
                })
                .collect();
            assert_eq!(data, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn events_end_with_an_empty_line_of_any_kind() {
        check("data: a\n\ndata: b\n\n", &["a", "b"]);
        check("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]);
        check("data: a\r\rdata: b\r\r", &["a", "b"]);
        check("data: a\n\r\ndata: b\r\n\ndata: c\r\n\r", &["a", "b", "c"]);
        check("\n\n\ndata: a\n\n\n\n", &["a"]);
    }

    #[test]
    fn data_is_read_with_or_without_a_space_and_over_several_lines() {
        check("data:a\n\n", &["a"]);
        check("data:  a\n\n", &[" a"]);
        check("data: a\nid: 1\ndata: b\r\ndata\r\n\r\n", &["a\nb\n"]);
        check("\u{feff}data: a\n\n", &["a"]);
    }

    #[test]
    fn comments_other_fields_and_done() {
        check(
            ": ping\n\nevent: x\ndata: ö\n\ndatum: 1\nretry: 5\n\ndata: [DONE]\n\n",
            &["ö", "[DONE]"],
        );
        check("data:\n\nid\n\ndata:\ndata\n\ndata: \ndata: [DONE]\n\n", &["[DONE]"]);
    }

    #[test]
    fn an_event_without_its_end_is_the_rest() {
        check("data: a\n\ndata: b\n", &["a"]);
    }

    #[test]
    fn an_event_is_handed_on_with_the_first_byte_of_its_empty_line() {
        let (mut frames, mut n_events) = (Frames::default(), 0);
        frames
            .push(b"data: a\r\n\r", &mut |_| {
                n_events += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(n_events, 1);
        assert!(frames.pending.is_empty());
    }

    #[test]
    fn data_is_replaced_in_place() {
        let frame = Frame::new(b"event: x\r\ndata:{\nid: 7\ndata: 1}\n\n");
        let mut out = Vec::new();
        frame.write_with("{\n2}", &mut out);
        assert_eq!(out, b"event: x\r\ndata:{\nid: 7\ndata: 2}\n\n");
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut frames = Frames::default();
        let part = vec![b'a'; 1 << 20];
        let results: Vec<bool> =
            (0..18).map(|_| frames.push(&part, &mut |_| Ok(())).is_ok()).collect();
        assert_eq!(results.iter().filter(|ok| **ok).count(), 16);
    }

    #[test]
    fn data_that_is_no_utf8_is_malformed() {
        assert!(Frame::new(b"data: \xff\n\n").payload().is_err());
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_events(
            stream in "([\r\n:a ]|data: [ab]|\r\n|\n\n|é){0,40}",
            sizes in prop::collection::vec(1..9_usize, 1..9),
        ) {
            let whole = cut(stream.as_bytes(), &[usize::MAX]);
            let parts = cut(stream.as_bytes(), &sizes);
            let bytes = |events: &[(Vec<u8>, Payload<'_>)]| -> Vec<u8> {
                events.iter().flat_map(|(bytes, _)| bytes.clone()).collect()
            };
            prop_assert_eq!(bytes(&whole), stream.as_bytes());
            prop_assert_eq!(bytes(&parts), stream.as_bytes());
            let carried = |events: &[(Vec<u8>, Payload<'static>)]| -> Vec<Payload<'static>> {
                events.iter().map(|(_, payload)| payload.clone()).filter(|p| *p != Payload::None).collect()
            };
            prop_assert_eq!(carried(&whole), carried(&parts));
        }
    }
}
