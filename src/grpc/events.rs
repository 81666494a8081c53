//! Cuts a stream of server-sent events into the data of its events. Knows nothing of what the data says.

use super::fault::Fault;
use bytes::{Buf, BytesMut};

/// Collects bytes until events are complete. Linear in the bytes, however they are cut.
#[derive(Debug)]
pub(super) struct EventReader {
    /// Bytes of a line that has not ended.
    line: BytesMut,
    /// How much of `line` was searched for its end.
    searched: usize,
    /// The data of the event that has not ended.
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was CR: an LF right after it belongs to it.
    after_return: bool,
    limit_bytes: usize,
}

impl EventReader {
    /// `limit_bytes` is the most that one event may hold.
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self {
            line: BytesMut::new(),
            searched: 0,
            data: Vec::new(),
            has_data: false,
            after_return: false,
            limit_bytes,
        }
    }

    /// Takes bytes in and hands the data of each event that they complete to `each`.
    ///
    /// # Errors
    ///
    /// When an event is over the limit.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Vec<u8>),
    ) -> Result<(), Fault> {
        self.line.extend_from_slice(bytes);
        while let Some(line) = self.next_line() {
            if let Some(data) = self.take_line(&line) {
                each(data);
            }
        }
        if self.line.len() + self.data.len() > self.limit_bytes {
            return Err(Fault::bad_answer(format!(
                "an event is larger than {} bytes",
                self.limit_bytes
            )));
        }
        Ok(())
    }

    /// The stream has ended: what an event without its closing blank line holds still counts.
    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        let rest = self.line.split();
        let complete = self.take_line(&rest);
        complete.or_else(|| self.take_event())
    }

    /// Lines end with LF, CR or CRLF.
    fn next_line(&mut self) -> Option<BytesMut> {
        if self.after_return && !self.line.is_empty() {
            self.after_return = false;
            if self.line.first() == Some(&b'\n') {
                self.line.advance(1);
            }
        }
        let unsearched = self.line.get(self.searched..)?;
        let Some(found) = memchr::memchr2(b'\n', b'\r', unsearched) else {
            self.searched = self.line.len();
            return None;
        };
        let mut line = self.line.split_to(self.searched + found + 1);
        self.searched = 0;
        self.after_return = line.last() == Some(&b'\r');
        line.truncate(line.len() - 1);
        Some(line)
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        if line.is_empty() {
            return self.take_event();
        }
        if let Some(value) = line.strip_prefix(b"data").and_then(after_colon) {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
            self.has_data = true;
        }
        None
    }

    fn take_event(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.has_data).then(|| std::mem::take(&mut self.data))
    }
}

/// The value of a field: after a colon and at most one space, or empty without a colon.
fn after_colon(rest: &[u8]) -> Option<&[u8]> {
    match rest.split_first() {
        None => Some(rest),
        Some((b':', value)) => Some(value.strip_prefix(b" ").unwrap_or(value)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<String> {
        let mut reader = EventReader::new(1000);
        let mut events = Vec::new();
        for chunk in chunks {
            reader
                .push(chunk, |data| {
                    events.push(String::from_utf8(data).unwrap());
                })
                .unwrap();
        }
        events.extend(reader.finish().map(|data| String::from_utf8(data).unwrap()));
        events
    }

    const STREAM: &[u8] =
        b": hello\r\nevent: x\r\ndata: one\r\n\r\ndata:two\ndata: three\n\n\nid: 7\n\rdata\rdata: \r\rdata: last";

    #[test]
    fn lines_end_in_any_of_three_ways() {
        assert_eq!(read(&[STREAM]), ["one", "two\nthree", "\n", "last"]);
    }

    #[test]
    fn every_cut_gives_the_same_events() {
        for cut in 0..=STREAM.len() {
            let (head, tail) = STREAM.split_at(cut);
            assert_eq!(read(&[head, tail]), read(&[STREAM]), "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = STREAM.chunks(1).collect();
        assert_eq!(read(&bytes), read(&[STREAM]));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut reader = EventReader::new(100);
        let endless = (0..100).try_for_each(|_| reader.push(b"data: xxxxxxxx", |_| ()));
        assert!(endless.is_err());
    }
}
