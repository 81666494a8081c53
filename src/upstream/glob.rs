//! Patterns of model names, such as `gpt-*`.

/// A pattern in which `*` stands for any characters, also none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<u8>);

impl Glob {
    pub(super) fn new(text: &str) -> Self {
        Self(text.bytes().collect())
    }

    /// Whether it stands for the whole of `name`. In time that grows with the product of both lengths, at worst.
    pub(super) fn matches(&self, name: &str) -> bool {
        meet(&self.0, name.as_bytes(), |_| false)
    }

    /// Whether some name fits both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        meet(&self.0, &other.0, |byte| byte == b'*')
    }
}

/// Whether `pattern` and `other` have a text in common; `is_star` says which bytes of `other` are stars.
///
/// Row by row: after each byte of `pattern`, at which places of `other` both may be at once.
fn meet(pattern: &[u8], other: &[u8], is_star: impl Fn(u8) -> bool) -> bool {
    // Beginnings of `other` that may be empty.
    let stars = other.iter().take_while(|byte| is_star(**byte)).count();
    let mut row: Vec<bool> = (0..=other.len()).map(|at| at <= stars).collect();
    for &byte in pattern {
        let mut next = vec![false; other.len() + 1];
        next[0] = byte == b'*' && row[0];
        for (at, &opposite) in other.iter().enumerate() {
            next[at + 1] = if byte == b'*' || is_star(opposite) {
                // A star ends here, or takes in one more on the other side.
                row[at + 1] || next[at]
            } else {
                byte == opposite && row[at]
            };
        }
        row = next;
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, name, expected) in [
            ("gpt-*", "gpt-4o", true),
            ("gpt-*", "gpt-", true),
            ("gpt-*", "GPT-4o", false),
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("*", "", true),
            ("*/llama*:free", "meta/llama-3:free", true),
            ("*/llama*:free", "meta/llama-3", false),
            ("a*b*c", "abbcbc", true),
            ("", "a", false),
            ("gpt-4", "gpt-*", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn patterns_overlap_if_some_name_fits_both() {
        for (one, other, expected) in [
            ("gpt-*", "gpt-4o", true),
            ("gpt-*", "o*", false),
            ("*-mini", "gpt-*", true),
            ("*", "claude-*", true),
            ("a*c", "ab*", true),
            ("a*c", "*d", false),
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4", false),
            ("**", "", true),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                assert_eq!(Glob::new(one).overlaps(&Glob::new(other)), expected, "{one} {other}");
            }
        }
    }

    #[test]
    fn many_stars_take_no_more_than_the_product() {
        let pattern = Glob::new(&"a*".repeat(100));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(50))));
        assert!(pattern.matches(&"a".repeat(5000)));
    }
}
