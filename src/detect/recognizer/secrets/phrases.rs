//! Secrets of several words: passphrases, the words that open a wallet, passwords of programs in four groups, codes for a lost phone.

use super::{random, value::Value};
use crate::detect::{
    pattern::Accepted,
    seen::{Seen, prefix},
};

/// Words that make a sentence of others.
#[rustfmt::skip]
const OF_SENTENCES: &[&str] = &[
    "the", "a", "an", "you", "your", "is", "to", "of", "and", "for", "or", "in", "on", "with", "this", "that", "it", "be", "not", "from", "at",
    "as", "by", "are", "was", "will", "must", "should", "if", "when", "than", "we", "i", "my", "no",
];

/// True for several words that tell something rather than being a secret: `must have 8 characters`.
pub(super) fn is_sentence(text: &str) -> bool {
    #[rustfmt::skip]
    const OF_MESSAGES: &[&str] = &[
        "at", "can", "cannot", "character", "characters", "chars", "contain", "digit", "digits", "enter", "expired", "expires", "failed",
        "have", "has", "incorrect", "invalid", "least", "length", "letters", "long", "matching", "max", "maximum", "min", "minimum", "more", "most",
        "need", "needs", "number", "required", "requires", "test", "too", "use", "valid", "with", "wrong",
    ];
    const NAMES: [&str; 7] = ["contras", "kennw", "mot de", "parol", "passw", "senha", "wachtw"];
    let lower = text.to_lowercase();
    let is_label = NAMES.iter().any(|name| lower.contains(name));
    is_label
        || text.contains(['(', ':', ';', ',', '?', '<', '{'])
        || text.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase).any(|word| {
            OF_SENTENCES.contains(&word.as_str()) || OF_MESSAGES.contains(&word.as_str())
        })
}

/// `passphrase: four words or more`, and the twelve to 24 words that open a wallet.
pub(super) fn phrase(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = seen.right();
    let sign = rest.trim_start_matches(['"', '\'', ' ', '*']);
    let near = [":", "=", "is:", "is ", "was "].iter().find_map(|s| sign.strip_prefix(s));
    let open = near.or_else(|| far(sign))?;
    let value = open.trim_start_matches(' ');
    let value = value.strip_prefix("b\"").unwrap_or(value);
    let value = value.trim_start_matches([' ', '"', '\'', '`', '*']);
    let start = seen.end + (rest.len() - value.len());
    let line = prefix(seen.all.get(start..)?, 320);
    let (mut end, mut count) = (0, 0);
    let mut whole = None;
    let mut plain = true;
    for word in line.split_inclusive([' ', '-']) {
        let bare = word.trim_end_matches([' ', '-']);
        let letters = bare.bytes().take_while(u8::is_ascii_lowercase).count();
        if !(3..=12).contains(&letters) || count == 24 {
            plain &= letters == 0 || count >= 12;
            break;
        }
        (end, count) = (end + letters, count + 1);
        whole = is_wallet(count).then_some((end, count)).or(whole);
        plain &= !OF_SENTENCES.contains(&bare.get(..letters)?);
        if letters < bare.len() {
            break;
        }
        end += word.len() - bare.len();
    }
    // The words of a sentence may follow those of a wallet.
    let (end, count) = if count > 12 { whole.unwrap_or((end, count)) } else { (end, count) };
    let text = line.get(..end)?.trim_end_matches([' ', '-']);
    let wallet = is_wallet(count);
    let is_marked = near.is_some() || value.len() < open.trim_start_matches(' ').len();
    let chosen = is_marked
        && seen.text().eq_ignore_ascii_case("passphrase")
        && (4..=11).contains(&count)
        && plain;
    (wallet || chosen).then(|| seen.accept_span(start, start + text.len()))?
}

/// How many words open a wallet.
fn is_wallet(count: usize) -> bool {
    matches!(count, 12 | 15 | 18 | 21 | 24)
}

/// Behind what the phrase is for: "… for the backup drive is "…"".
fn far(rest: &str) -> Option<&str> {
    let at = rest.find(" is ")? + " is".len();
    let between = rest.get(..at)?;
    (between.starts_with("for ") && !between.contains(['.', '\n', ':', '"']))
        .then(|| rest.get(at..))?
}

/// How long the password of a program is that begins `text`: four groups of four small letters in no order, as Google (with spaces), Apple and
/// Bluesky (with hyphens) give them out.
pub(super) fn app_password(text: &str) -> Option<usize> {
    const LENGTH: usize = 4 * 5 - 1;
    let groups = text.get(..LENGTH)?;
    let mark = if groups.contains('-') { '-' } else { ' ' };
    let fits = groups.split(mark).count() == 4
        && groups
            .split(mark)
            .all(|group| group.len() == 4 && group.bytes().all(|b| b.is_ascii_lowercase()));
    let sum: f32 = groups.split(mark).map(|group| random::surprise(group.as_bytes())).sum();
    let ends = text.get(LENGTH..)?.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != mark);
    (fits && ends && sum >= 4.0 * 5.3).then_some(LENGTH)
}

/// Where the words end that `value` begins on a line of its own: three to eight, small, perhaps with numbers, and no sentence.
pub(super) fn words_to_end(all: &str, value: &Value<'_>) -> Option<usize> {
    let line = prefix(all.get(value.start..)?, 120).split('\n').next()?.trim_end();
    let letters =
        |word: &str| (3..=12).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let number = |word: &str| word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<_> = line.split(' ').collect();
    let fits = words.iter().all(|word| letters(word) || number(word))
        && !words.iter().any(|word| OF_SENTENCES.contains(word))
        && words.iter().filter(|word| letters(word)).count() >= 3
        && words.len() <= 8;
    fits.then_some(value.start + line.len())
}

/// `recovery codes: 4418-9920, 8831-0472`: all codes of the list as one.
pub(super) fn codes(seen: &Seen<'_>) -> Option<Accepted> {
    const LIST: usize = 512;
    let rest = prefix(seen.all.get(seen.end..)?, LIST);
    let sign = rest.trim_start_matches([' ', '*']);
    let open = [":", "are ", "="].iter().find_map(|s| sign.strip_prefix(s))?;
    let list = open.trim_start_matches([' ', '\n', '\r', '*', '`', '"', '[']);
    let start = seen.end + (rest.len() - list.len());
    let is_code = |code: &str| {
        (8..=14).contains(&code.len())
            && code.bytes().filter(u8::is_ascii_digit).count() >= 2
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && (code.contains('-')
                || random::is_random(code)
                || code.bytes().all(|b| b.is_ascii_digit()))
    };
    let (mut at, mut end) = (0, 0);
    for part in list.split_inclusive([',', ' ', '\n', ';']) {
        let code = part.trim_matches([',', ' ', '\n', '\r', ';', '"', '`', '.', ']']);
        if is_code(code) {
            end = at + part.find(code)? + code.len();
        } else if !code.is_empty() && code != "-" {
            break;
        }
        at += part.len();
    }
    (end > 0).then(|| seen.accept_span(start, start + end))?
}
