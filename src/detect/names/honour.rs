//! What is given in somebody's name: `the Stanley Cup` and `the Ada Lovelace Medal` name no one who is spoken of.

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

/// True when the name that ends at `end` is that of a cup, a prize or the like.
pub(super) fn is_behind(text: &str, end: usize) -> bool {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(b" ") else { return false };
    let word = rest.iter().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric()).count();
    WORDS.iter().any(|honour| rest.get(..word) == Some(honour.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_honour_is_the_next_word_and_whole() {
        for (text, expected) in [
            ("Stanley Cup winner", true),
            ("Stanley Cup", true),
            ("Stanley Cups", false),
            ("Stanley's Cup", false),
            ("Stanley cup", false),
            ("Stanley", false),
        ] {
            assert_eq!(is_behind(text, "Stanley".len()), expected, "{text}");
        }
    }
}
