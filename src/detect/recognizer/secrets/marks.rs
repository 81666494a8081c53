//! Keys whose issuer's mark stands in their middle or before marks that words do not have.
//!
//! The mark is short, so a pattern finds it; the check measures the run of Base64 around it.

use super::{SECRET, random};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};

/// The longest key, on either side of its mark.
const SIDE: usize = 96;

pub(in super::super) static MARKED: Recognizer = Recognizer {
    name: "secrets/azure_key",
    description: "keys of Azure with a mark inside: storage, search, functions, messages, caches, models",
    patterns: &[
        Pattern::new(
            SECRET,
            0.95,
            r"AzSe|AzFu|ACDb|\+(?:ASt|ABa|AEh|ASb|ARm|AIoT|ACR)|AzCa|APIM|AIoT|JQQJ99",
        )
        .check(azure),
        Pattern::new(SECRET, 0.9, r"[0-9]Q~[A-Za-z0-9_.~-]{31}").check(entra),
    ],
};

pub(in super::super) static GOOGLE: Recognizer = Recognizer {
    name: "secrets/google_refresh_token",
    description: "refresh tokens of Google",
    patterns: &[Pattern::new(SECRET, 0.9, r"(?-u:\b)1//0[A-Za-z0-9_-]{30}").check(refresh)],
};

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"+/_-".contains(&b)
}

/// A key of one of the lengths that keys of Azure have.
fn azure(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, SIDE);
    let right = prefix(seen.all.get(seen.end..)?, SIDE);
    let before = left.bytes().rev().take_while(|b| is_base64(*b)).count();
    let run = right.bytes().take_while(|b| is_base64(*b)).count();
    let padding = right.bytes().skip(run).take_while(|b| *b == b'=').count();
    let (start, end) = (seen.start - before, seen.end + run + padding);
    let key = seen.all.get(start..end)?;
    (matches!(key.len(), 44 | 52 | 56 | 84 | 88) && random::is_random(key))
        .then(|| seen.accept_span(start, end))?
}

/// Three characters, a digit, `Q~`, and 31 to 34 more.
fn entra(seen: &Seen<'_>) -> Option<Accepted> {
    let fits = |b: &u8| b.is_ascii_alphanumeric() || b"_.~-".contains(b);
    let start = seen.start.checked_sub(3)?;
    let head = seen.all.get(start..seen.start)?;
    let more = prefix(seen.all.get(seen.end..)?, 8).bytes().take_while(|b| fits(b)).count();
    let apart =
        seen.all.get(..start)?.bytes().next_back().is_none_or(|b| !b.is_ascii_alphanumeric());
    (apart && more <= 3 && head.bytes().all(|b| fits(&b)))
        .then(|| seen.accept_span(start, seen.end + more))?
}

fn refresh(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, 200);
    let more = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count();
    let live = random::is_random(seen.text());
    live.then(|| seen.accept_span(seen.start, seen.end + more))?
}
