//! Names in hash tags: a tag is one word, so that a name in it is masked as a whole, `#` and all.
//!
//! `#VoteForAnna` with the name alone taken out would leave half a word, and what is left often tells the rest.

use super::Candidate;

/// Longest part of a tag, on either side of a name, that is looked at, in bytes.
const LONGEST: usize = 64;

/// Widens the names from the `first` on that stand in a hash tag to the whole tag; of several in one tag the surest stays.
pub(super) fn widen(text: &str, names: &mut Vec<Candidate>, first: usize) {
    for name in names.iter_mut().skip(first) {
        if let Some((start, end)) = tag_around(text, name) {
            (name.start, name.end) = (start, end);
        }
    }
    merge(names, first);
}

/// Makes one of neighbours that overlap.
fn merge(names: &mut Vec<Candidate>, first: usize) {
    let mut tail = names.split_off(first);
    tail.dedup_by(|later, kept| {
        let overlap = later.start < kept.end;
        if overlap {
            kept.end = kept.end.max(later.end);
            if later.score > kept.score {
                (kept.kind, kept.score) = (later.kind, later.score);
            }
        }
        overlap
    });
    names.append(&mut tail);
}

/// The hash tag that `name` is a part of.
fn tag_around(text: &str, name: &Candidate) -> Option<(usize, usize)> {
    if !text.get(name.start..name.end)?.chars().all(is_tag) {
        return None;
    }
    let before = text.get(..name.start)?;
    let head: usize =
        before.chars().rev().take_while(|c| is_tag(*c)).take(LONGEST).map(char::len_utf8).sum();
    let start = name.start.checked_sub(head + 1)?;
    if text.as_bytes().get(start) != Some(&b'#') {
        return None;
    }
    let after = text.get(name.end..)?;
    let tail: usize =
        after.chars().take_while(|c| is_tag(*c)).take(LONGEST).map(char::len_utf8).sum();
    Some((start, name.end + tail))
}

fn is_tag(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
