//! Values that are known to be harmless.

use super::error::innermost;
use regex_automata::{Input, meta::Regex, util::syntax};
use std::collections::HashSet;

/// Values that stay although a recognizer finds them: word for word, or by a pattern of the whole value.
#[derive(Clone, Debug, Default)]
pub(super) struct AllowList {
    exact: HashSet<String>,
    patterns: Option<Regex>,
}

/// Why a pattern of an allow list cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct AllowListError(String);

impl AllowList {
    /// Takes values that are compared as they are, and patterns that must match a value from its first to its last
    /// character.
    ///
    /// # Errors
    /// When a pattern is no regular expression, or all together are too large.
    pub(super) fn new(
        exact: impl IntoIterator<Item = String>,
        patterns: &[String],
    ) -> Result<Self, AllowListError> {
        let whole = patterns.iter().map(|p| Self::whole(p)).collect::<Result<Vec<_>, _>>()?;
        let compile = || Regex::new_many(&whole).map_err(|error| AllowListError(innermost(&error)));
        let patterns = (!whole.is_empty()).then(compile).transpose()?;
        Ok(Self { exact: exact.into_iter().collect(), patterns })
    }

    /// True when `value` may stay. Takes time linear in its length.
    pub(super) fn contains(&self, value: &str) -> bool {
        self.exact.contains(value)
            || self.patterns.as_ref().is_some_and(|regex| regex.is_match(Input::new(value)))
    }

    /// Anchors a pattern at both ends; it is parsed by itself first, so that no bracket of its own gets around that.
    fn whole(pattern: &str) -> Result<String, AllowListError> {
        syntax::parse(pattern).map_err(|error| AllowListError(innermost(&error)))?;
        let whole = format!(r"\A(?:{pattern})\z");
        syntax::parse(&whole).map_err(|error| AllowListError(innermost(&error)))?;
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(exact: &[&str], patterns: &[&str]) -> Result<AllowList, AllowListError> {
        let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        AllowList::new(exact.iter().map(|e| (*e).to_owned()), &patterns)
    }

    #[test]
    fn a_value_is_allowed_as_a_whole_or_not_at_all() {
        let list = list(&["help@example.org"], &["[a-z]+@example\\.com|a"]).unwrap();
        assert!(list.contains("help@example.org"));
        assert!(list.contains("ann@example.com"));
        assert!(list.contains("a"));
        assert!(!list.contains("HELP@example.org"));
        assert!(!list.contains("ann@example.com.test"));
        assert!(!list.contains("ab"));
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        assert!(!AllowList::default().contains(""));
        assert!(!AllowList::default().contains("x"));
    }

    #[test]
    fn a_pattern_cannot_close_the_group_that_holds_it() {
        assert!(list(&[], &["a)|(b"]).is_err());
        assert!(list(&[], &["("]).is_err());
        assert!(list(&[], &["(?x) a # end"]).is_err());
    }

    #[test]
    fn the_error_is_one_line() {
        let message = list(&[], &["ab[c"]).unwrap_err().to_string();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains("unclosed"), "{message}");
    }
}
