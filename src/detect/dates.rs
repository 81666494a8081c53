//! Dates in the plain form in which words near a match are read: lower case, single spaces, digits apart from letters.

/// What stands between the dates of a list.
const JOINERS: &[&str] =
    &["and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e", "en", "of"];
/// How the days of a month end.
const ORDINALS: &[&str] = &["st", "nd", "rd", "th"];
const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// A date that a word names stands no further behind it, in bytes.
const NEAR: usize = 12;

/// True if `plain` holds a date, and words behind it that are not of a list of dates.
pub(super) fn are_told(plain: &str) -> bool {
    let is_word = |word: &&str| !is_number(word) && !JOINERS.contains(word);
    behind_first(plain).is_some_and(|mut behind| behind.any(|word| is_word(&word)))
}

/// True if `plain` holds a date.
pub(super) fn are_in(plain: &str) -> bool {
    behind_first(plain).is_some()
}

/// True if a number follows at once, as a date does that the word before names.
pub(super) fn follow(plain: &str) -> bool {
    plain.bytes().take(NEAR).any(|byte| byte.is_ascii_digit())
}

/// The words behind the first date: a year, three numbers, or a day and a month.
fn behind_first(plain: &str) -> Option<impl Iterator<Item = &str>> {
    let mut words = plain.split_ascii_whitespace().peekable();
    let mut numbers = 0;
    let mut month = false;
    while let Some(word) = words.next() {
        if !is_number(word) {
            numbers = 0;
            month = is_month(word);
            continue;
        }
        numbers += 1;
        let is_day = word.len() <= 2
            && (month
                || words.peek().is_some_and(|next| ORDINALS.contains(next) || is_month(next)));
        if is_day || is_year(word) || numbers == 3 {
            let is_of_date =
                |word: &&str| is_number(word) || ORDINALS.contains(word) || is_month(word);
            while words.next_if(is_of_date).is_some() {}
            return Some(words);
        }
    }
    None
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && (word.starts_with("19") || word.starts_with("20"))
}

fn is_month(word: &str) -> bool {
    word.get(..3).is_some_and(|short| MONTHS.contains(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_told_if_other_words_stand_behind_it() {
        for told in [" 3 april 1960 admitted ", " 1960 04 03 hired ", " on july 19 th today is "] {
            assert!(are_told(told), "{told}");
        }
        for other in
            [" on ", " 3 april 1960 ", " 1960 04 03 and ", " at 3 40 pm on ", " in room 4 on "]
        {
            assert!(!are_told(other), "{other}");
        }
    }

    #[test]
    fn a_date_has_a_year_or_three_numbers_or_a_month() {
        assert!(are_in(" 4 th of may ") && are_in(" 03 04 60 ") && are_in(" since 2019 "));
        assert!(!are_in(" 3 of 40 ") && !are_in(" may "));
    }
}
