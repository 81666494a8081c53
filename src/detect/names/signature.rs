//! Who signs: the line below `Thanks,`, `best regards` or `LG`, in whatever way names are written there: `kev`, `RK`, `Mary Ann`.

use super::{
    Candidate,
    field::{candidate, is, words},
    lexicon::Entry,
};
use crate::detect::seen::{prefix, suffix};
use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memchr_iter;
use std::sync::LazyLock;

/// The last word of what letters and chats end with.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "thanks", "thx", "thank you", "cheers", "regards", "sincerely", "best wishes", "best", "yours", "xoxo", "danke", "grüße", "grüßen", "gruß",
    "gruss", "mfg", "lg", "vg", "merci", "cordialement", "saludos", "gracias", "atentamente", "saluti", "grazie", "obrigado", "obrigada",
    "groetjes", "groeten", "hilsen", "hälsningar", "pozdrawiam",
];
/// What may stand beside that word in its line.
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "", "a lot", "again", "all", "and best", "best", "freundliche", "freundlichen", "in advance", "kind", "liebe", "many", "mit freundlichen", "so much",
    "thanks and", "truly", "viele", "vielen", "warm", "with best", "with kind", "team", "everyone", "with thanks and",
];
/// Capitals that sign for nobody.
const OFFICES: &[&str] =
    &["CEO", "CFO", "CTO", "EU", "HR", "IT", "OK", "PM", "PR", "PS", "QA", "TBD", "UK", "UN", "US"];

/// Longer lines are no endings, in bytes.
const LONGEST_ENDING: usize = 40;
/// Longer lines are no names, in bytes, and have more words.
const LONGEST: usize = 40;
const MOST_WORDS: usize = 3;

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(ENDINGS)
        .expect("a few short words")
});

/// The people who sign in `text`, in order of place.
pub(super) fn find(text: &str) -> impl Iterator<Item = Candidate> {
    memchr_iter(b'\n', text.as_bytes()).filter_map(|line_end| {
        let near = suffix(text.get(..line_end)?, LONGEST_ENDING + 1);
        let line = near.rsplit('\n').next()?;
        if line.len() > LONGEST_ENDING {
            return None;
        }
        let start = line_end - line.len();
        let mut endings = AUTOMATON.find_iter(line);
        endings.find_map(|ending| signed(text, start + ending.start(), start + ending.end()))
    })
}

/// The name in the line below the one with the ending at `start..end`.
fn signed(text: &str, start: usize, end: usize) -> Option<Candidate> {
    let left = suffix(text.get(..start)?, LONGEST);
    let before =
        left.rsplit('\n').next().filter(|line| line.len() < left.len() || left.len() == start)?;
    let window = prefix(text.get(end..)?, 2 * LONGEST);
    let (behind, below) = window.split_once('\n')?;
    let is_ending = |part: &str| {
        let part = part.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
        BESIDE.contains(&part.as_str())
    };
    let is_apart = !before.ends_with(char::is_alphanumeric)
        && !behind.starts_with(char::is_alphanumeric)
        && !behind.contains([':', '=', '(', '"'])
        && !behind.contains(|c: char| c.is_ascii_digit());
    if !is_apart || !is_ending(before) || !is_ending(behind) {
        return None;
    }
    let line = below.trim_start_matches(['\n', '\r', ' ', '-', '~']);
    let at = end + behind.len() + 1 + (below.len() - line.len());
    let line = line.split(['\n', '\r']).next()?;
    // The line must end within what is read.
    let is_whole =
        at + line.len() == text.len() || text.get(at + line.len()..)?.starts_with(['\n', '\r']);
    let name = line.trim_end_matches([' ', '.', ',', '!']);
    let fits = name.len() <= LONGEST
        && (1..=MOST_WORDS).contains(&words(name).count())
        && name.chars().all(|c| c.is_alphabetic() || " -'’.".contains(c))
        && words(name).all(is_name)
        // An office may sign with a word that nobody knows.
        && (words(name).all(|word| is(word, Entry::PERSON) || is_initials(word))
            || words(name).next().is_some_and(|word| word.len() > 2 && is(word, Entry::GIVEN)));
    (is_whole && fits).then(|| candidate(at, name))
}

/// A name of people, a word that means nothing, or initials.
fn is_name(word: &str) -> bool {
    if word.starts_with(char::is_lowercase) {
        let other = Entry::COMMON | Entry::KNOWN | Entry::FUNCTION | Entry::FOREIGN;
        return is(word, Entry::GIVEN) && !is(word, Entry::FUNCTION)
            || is(word, Entry::PERSON) && !is(word, other);
    }
    is_initials(word)
        || (is(word, Entry::PERSON) || !is(word, u32::MAX))
            && !is(word, Entry::CALENDAR)
            && word.chars().nth(1).is_some()
}

fn is_initials(word: &str) -> bool {
    word.chars().count() <= 3 && word.chars().all(char::is_uppercase) && !OFFICES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: Option<&str>) {
        let found: Vec<_> = find(text).map(|c| &text[c.start..c.end]).collect();
        assert_eq!(found, Vec::from_iter(name), "{text}");
    }

    #[test]
    fn the_line_below_an_ending_signs() {
        check("See you.\n\nThanks!\nRK", Some("RK"));
        check("thx\nsam", Some("sam"));
        check("Best regards,\n\nMary Ann\nSales", Some("Mary Ann"));
        check("Mit freundlichen Grüßen\nJörg Müller", Some("Jörg Müller"));
        check("many thanks in advance,\n- Will", Some("Will"));
    }

    #[test]
    fn other_lines_do_not() {
        for text in [
            "Thanks\nok",
            "Thanks,\nSupport Team",
            "Viele Grüße\nHausverwaltung",
            "Saludos,\nAdministración",
            "Saluti,\nLa Redazione",
            "Thanks!\nHR",
            "best:\n  Rose",
            "The best\nRose in the garden is red.",
            "Thanks to all of you\nRose",
            "Thanks,\nthe order has come",
            "no thanks\nRose",
            "Regards,\n",
            "best = 5\nrose",
        ] {
            check(text, None);
        }
    }
}
