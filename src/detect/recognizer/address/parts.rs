//! Addresses that are told by all of their parts together, none of which is a house number in front of a street.

use super::words;
use crate::detect::{
    pattern::Accepted,
    seen::{Seen, prefix, suffix},
};

/// A British or Canadian post code.
pub(super) const BRITISH: &str = r"(?-u:\b)[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z][A-Z0-9](?-u:\b)";
/// Block, house and flat, in front of the part of a Japanese town in Latin letters.
pub(super) const JAPANESE: &str = r"(?-u:\b)[0-9]{1,3}-[0-9]{1,3}(?:-[0-9]{1,4})? [A-Z][a-z]";
/// The flat that an Indian address begins with.
pub(super) const INDIAN: &str = r"(?i-u:\b(?:flat|plot|house|door|room|shop)(?: ?no\.?)?) ?(?:[A-Z]{1,2}[-/ ]?)?[0-9]{1,4}[A-Za-z]?(?:/[0-9]{1,4})?, ?[A-Z]";

/// At most so many parts are read, of so many bytes in all.
const MOST_PARTS: usize = 6;
const LONGEST: usize = 128;

/// `The Old Rectory, Church Lane, Bishop's Tawton, Devon EX32 0BQ`: what was matched is the post code. One of the parts in front of it
/// is a street.
pub(super) fn british(seen: &Seen<'_>) -> Option<Accepted> {
    let (outward, inward) = seen.text().split_once(' ')?;
    let known = words::is_post_code(outward, inward) && seen.stands_alone();
    let line = suffix(seen.all.get(..seen.start).filter(|_| known)?, LONGEST);
    let line = line.rsplit('\n').next()?;
    let mut end = line.strip_suffix(' ')?.trim_end_matches(',').len();
    let (mut start, mut is_street) = (None, false);
    for nth in 0..MOST_PARTS {
        let before = line.get(..end)?;
        let Some(from) = words::trailing_name(before) else { break };
        let part = before.get(from..)?;
        let (name, kind) = part.rsplit_once(' ').unwrap_or(("", part));
        is_street |= nth > 0 && !name.is_empty() && words::suffix(kind).is_some();
        let from = from - if line.get(..from)?.ends_with("The ") { "The ".len() } else { 0 };
        start = Some(from);
        match before.get(..from).and_then(|b| b.strip_suffix(", ")) {
            Some(more) => end = more.len(),
            None => break,
        }
    }
    let start = seen.start - (line.len() - start.filter(|_| is_street)?);
    seen.accept_span(start, seen.end)
}

/// `4-12-8 Minami-Aoyama, Minato-ku, Tokyo 107-0062`
pub(super) fn japanese(seen: &Seen<'_>) -> Option<Accepted> {
    const WARDS: [&str; 7] = ["-ku", "-shi", "-cho", "-machi", "-gun", "-son", "-mura"];
    if !seen.is_free_left("-./\\:+@#$%&~=") {
        return None;
    }
    let from = seen.end - 2;
    let (end, parts) = named_parts(seen.all, from)?;
    let is_ward = |part: &str| WARDS.iter().any(|ward| part.ends_with(ward));
    let read = seen.all.get(from..end)?;
    let told = parts > 1 && read.split(", ").skip(1).any(is_ward);
    let code = seen.all.get(end..).and_then(|rest| code_len(rest, &[3, 4]));
    told.then(|| seen.accept_span(seen.start, end + code.unwrap_or_default()))?
}

/// `Flat B-402, Sai Krupa CHS, Andheri East, Mumbai 400069`
pub(super) fn indian(seen: &Seen<'_>) -> Option<Accepted> {
    let from = seen.end - 1;
    let (end, parts) = named_parts(seen.all, from)?;
    let rest = seen.all.get(end..)?;
    let code = code_len(rest, &[6]).or_else(|| code_len(rest, &[3, 3]))?;
    (parts > 1).then(|| seen.accept_span(seen.start, end + code))?
}

/// Where the parts that begin at `from` end, all in words with capitals and parted by commas, and how many they are.
fn named_parts(text: &str, from: usize) -> Option<(usize, usize)> {
    let window = prefix(text.get(from..)?, LONGEST);
    let line = window.split('\n').next()?;
    let (mut end, mut count) = (0, 0);
    for part in line.split(", ").take(MOST_PARTS) {
        let words = part.split(' ');
        // `12th Main`
        let words = words.take_while(|word| words::is_capitalised(word) || words::is_ordinal(word));
        let len: usize = words.map(|word| word.len() + 1).sum();
        let len = len.min(part.len() + 1).checked_sub(1)?;
        count += 1;
        let at = end + len;
        let whole = len == part.len();
        end = at + if whole { ", ".len() } else { 0 };
        if !whole {
            return Some((from + at, count));
        }
    }
    Some((from + (end - ", ".len()).min(line.len()), count))
}

/// How long a post code of such groups of digits is that begins `text` behind a space or a dash.
fn code_len(text: &str, groups: &[usize]) -> Option<usize> {
    let code = [" - ", "-", " "].iter().find_map(|mark| text.strip_prefix(mark))?;
    let mut rest = code;
    for (nth, len) in groups.iter().enumerate() {
        if nth > 0 {
            rest = rest.strip_prefix(['-', ' '])?;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest = rest.get(digits..).filter(|_| digits == *len)?;
    }
    Some(text.len() - rest.len())
}
