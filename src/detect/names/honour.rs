//! What is given in somebody's name: `the Hollis Cup` and `the Lovelace Medal` name no one who is spoken of.
//!
//! Strict, since what is dropped here is hidden by no policy: `Name: Ada Lovelace Award: 500` names her.

/// Longest of [`WORDS`], with what ends it.
const LONGEST: usize = 16;
const WORDS: [&str; 10] = [
    "Award",
    "Awards",
    "Cup",
    "Fellowship",
    "Lecture",
    "Medal",
    "Prize",
    "Scholarship",
    "Shield",
    "Trophy",
];

/// True when the name at `start..end` is one word of that of a cup, a prize or the like, which the text speaks of by `the`.
pub(super) fn is_named_there(text: &str, start: usize, end: usize) -> bool {
    let [left, name, rest] =
        [text.get(..start), text.get(start..end), text.get(end..)].map(Option::unwrap_or_default);
    let is_spoken_of = left.ends_with(" the ") || left.ends_with("The ");
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    if !is_spoken_of || name.contains(' ') {
        return false;
    }
    let word = rest.bytes().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    let behind = rest.get(word..).unwrap_or_default().trim_start_matches(' ');
    let is_field = behind.starts_with(|c: char| matches!(c, ':' | '=' | '#') || c.is_numeric());
    !is_field && WORDS.iter().any(|honour| rest.get(..word) == Some(honour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_honour_is_the_next_word_and_the_text_speaks_of_it() {
        for (text, expected) in [
            ("won the Hollis Cup twice", true),
            ("The Hollis Cup", true),
            ("won the Hollis Cups", false),
            ("won the Hollis's Cup", false),
            ("won the Hollis cup", false),
            ("ask the Hollis", false),
            ("please ask Hollis Award committee", false),
            ("Name: Hollis Award: none", false),
            ("the Hollis Scholarship: revoked", false),
            ("the Hollis Award 500 EUR", false),
        ] {
            let start = text.find("Hollis").unwrap();
            assert_eq!(is_named_there(text, start, start + "Hollis".len()), expected, "{text}");
        }
    }
}
