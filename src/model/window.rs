//! A text in pieces that the tokenizer can take without much memory, and their tokens in windows that the model can take.
//!
//! Both overlap, so that no word is read without what stands around it; each token counts once, in the piece and the window
//! in which more stands around it.

use std::ops::Range;
use tokenizers::{Encoding, Tokenizer, TruncationDirection};

/// The length of a piece in bytes, without what it shares with its neighbours.
const PIECE: usize = 4096;
/// What a piece shares with each neighbour, in bytes; also how far the end of a piece may move to a space.
const MARGIN: usize = 256;

/// A part of a text: what is read, and which part of that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What is given to the tokenizer, in bytes of the text.
    pub(super) read: Range<usize>,
    /// Tokens that begin here count, in bytes of the text.
    pub(super) counts: Range<usize>,
}

/// The pieces of a text, in order: what counts of them is the whole text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece> {
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= text.len() {
            return None;
        }
        let to = if text.len() - from <= PIECE + MARGIN {
            text.len()
        } else {
            behind_space(text, from + PIECE)
        };
        let read =
            behind_space_before(text, from)..behind_space(text, (to + MARGIN).min(text.len()));
        let piece = Piece { read, counts: from..to };
        from = to;
        Some(piece)
    })
}

/// The place behind the last white space in the [`MARGIN`] before `at`, or else `at`, moved back to a character.
fn behind_space(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    let at = boundary(text, at);
    let margin = boundary(text, at.saturating_sub(MARGIN));
    let space = text[margin..at].char_indices().rev().find(|(_, c)| c.is_whitespace());
    space.map_or(at, |(place, c)| margin + place + c.len_utf8())
}

/// Where the words in the [`MARGIN`] before `at` begin.
fn behind_space_before(text: &str, at: usize) -> usize {
    let margin = boundary(text, at.saturating_sub(MARGIN));
    if margin == 0 {
        return 0;
    }
    let space = text[margin..at].char_indices().find(|(_, c)| c.is_whitespace());
    space.map_or(margin, |(place, c)| margin + place + c.len_utf8())
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A tokenizer that cuts what it reads into windows.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    tokenizer: Tokenizer,
    /// How many tokens a window has room for beside the special ones.
    room: usize,
    /// How many tokens two windows share.
    shared: usize,
}

/// Some tokens to be read at once, and which of them count.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) encoding: Encoding,
    pub(super) counts: Range<usize>,
}

impl Windows {
    /// Cuts into windows of at most `tokens` tokens, the special ones at their ends included.
    ///
    /// # Errors
    /// When there is no room for words in so few tokens.
    pub(super) fn new(mut tokenizer: Tokenizer, tokens: usize) -> Result<Self, String> {
        let shared = tokens / 4;
        tokenizer.with_padding(None);
        // What looks like a special token in somebody's text is text.
        tokenizer.set_encode_special_tokens(true);
        tokenizer.with_truncation(None).map_err(|error| error.to_string())?;
        let special = tokenizer.encode("", true).map_err(|error| error.to_string())?.len();
        let room = tokens.saturating_sub(special);
        if room < shared + 8 {
            return Err(format!("leaves no room for words beside {special} special tokens"));
        }
        Ok(Self { tokenizer, room, shared })
    }

    /// How many tokens of a text a window has room for.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// The windows of a text, in order. Offsets are bytes of it.
    pub(super) fn of(&self, text: &str) -> Result<Vec<Window>, String> {
        let mut first = self.tokenizer.encode(text, false).map_err(|error| error.to_string())?;
        // Not by the tokenizer's own truncation, which since 0.23 reads no further than the first window.
        first.truncate(self.room, self.shared, TruncationDirection::Right);
        let rest = first.take_overflowing();
        let last = rest.len();
        let windows = std::iter::once(first).chain(rest).enumerate();
        windows
            .map(|(nth, encoding)| {
                let whole = self.tokenizer.post_process(encoding, None, true);
                Ok(self.window(whole.map_err(|error| error.to_string())?, nth == 0, nth == last))
            })
            .collect()
    }

    /// Of the shared tokens half count here and half in the neighbour.
    fn window(&self, encoding: Encoding, is_first: bool, is_last: bool) -> Window {
        let special = encoding.get_special_tokens_mask();
        let start = special.iter().take_while(|it| **it == 1).count();
        let end = special.len() - special[start..].iter().rev().take_while(|it| **it == 1).count();
        let before = if is_first { 0 } else { self.shared / 2 };
        let after = if is_last { 0 } else { self.shared - self.shared / 2 };
        let from = (start + before).min(end);
        let counts = from..end.saturating_sub(after).max(from);
        Window { encoding, counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let mut end = 0;
        for piece in pieces(text) {
            assert_eq!(piece.counts.start, end);
            assert!(piece.counts.end > end && piece.counts.len() <= PIECE + MARGIN);
            end = piece.counts.end;
            assert!(piece.read.start <= piece.counts.start && end <= piece.read.end);
            let around = piece.counts.start - piece.read.start;
            assert!(around <= MARGIN + 3 && piece.read.end - end <= MARGIN);
            assert!(text.is_char_boundary(end) && text.get(piece.read).is_some());
        }
        assert_eq!(end, text.len());
    }

    #[test]
    fn pieces_are_the_whole_text_and_share_a_margin() {
        check("");
        check("short");
        check(&"word ".repeat(4000));
        check(&"no-space".repeat(4000));
        check(&"größer ".repeat(4000));
        check(&"数".repeat(8000));
    }

    /// A tokenizer that takes words apart at spaces, and puts a special token at each end.
    fn by_words() -> Tokenizer {
        let special = |id: u32, content: &str| {
            serde_json::json!({"id": id, "content": content, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true})
        };
        let json = serde_json::json!({
            "version": "1.0", "added_tokens": [special(1, "[CLS]"), special(2, "[SEP]")],
            "pre_tokenizer": {"type": "WhitespaceSplit"},
            "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
            "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "[CLS]": 1, "[SEP]": 2}},
        });
        Tokenizer::from_bytes(json.to_string()).unwrap()
    }

    #[test]
    fn each_token_counts_in_one_window_and_has_others_around_it() {
        let windows = Windows::new(by_words(), 32).unwrap();
        for words in [0, 1, 29, 30, 31, 52, 53, 500] {
            let text = "größe ".repeat(words);
            let read = windows.of(&text).unwrap();
            let mut counted = Vec::new();
            for (nth, Window { encoding, counts }) in read.iter().enumerate() {
                let ids = encoding.get_ids();
                assert!(ids.len() <= 32 && ids.first() == Some(&1) && ids.last() == Some(&2));
                assert!(nth == 0 || counts.start == 5);
                counted.extend(encoding.get_offsets()[counts.clone()].iter().map(|place| place.0));
            }
            let expected: Vec<usize> = (0..words).map(|nth| nth * "größe ".len()).collect();
            assert_eq!(counted, expected, "{words} words");
        }
    }

    #[test]
    fn what_looks_like_a_special_token_is_text() {
        let read = Windows::new(by_words(), 32).unwrap().of("a [SEP] b").unwrap();
        assert_eq!(read[0].encoding.get_special_tokens_mask(), [1, 0, 0, 0, 1]);
        assert_eq!(read[0].encoding.get_ids(), [1, 0, 2, 0, 2]);
    }

    #[test]
    fn a_window_needs_room_for_words() {
        assert!(Windows::new(by_words(), 8).unwrap_err().contains("2 special tokens"));
    }

    #[test]
    fn a_piece_ends_behind_a_space() {
        let text = "word ".repeat(2000);
        for piece in pieces(&text) {
            assert!(piece.counts.end == text.len() || text[..piece.counts.end].ends_with(' '));
        }
    }
}
