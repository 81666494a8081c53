//! One way to read a run of digit groups as a telephone number.

use super::{
    super::dump,
    has_digits, is_part, plan,
    said::{is_between, is_called, is_in_record},
};
use crate::detect::{
    groups::Groups,
    pattern::Accepted,
    seen::{Digits, Seen, is_latin, is_word, prefix},
};

/// A beginning of the match: its first `count` groups.
pub(super) struct Form<'t> {
    text: &'t str,
    /// What stands in front.
    left: &'t str,
    /// What stands behind.
    behind: &'t str,
    groups: &'t Groups<'t>,
    count: usize,
    digits: Digits,
    extension: usize,
    /// Bytes in hexadecimal stand beside it.
    is_in_dump: bool,
}

impl<'t> Form<'t> {
    /// `None` when it cannot be a number in any form.
    pub(super) fn of(seen: &Seen<'t>, groups: &'t Groups<'t>, count: usize) -> Option<Self> {
        let (lengths, _) = groups.lengths(count);
        if !(7..=17).contains(&lengths.iter().sum::<usize>()) {
            return None;
        }
        let text = seen.text().get(..groups.end(count - 1))?;
        let digits = Digits::of(text);
        let rest = prefix(seen.all.get(seen.start + text.len()..)?, 24);
        let extension = extension_len(rest);
        let whole = Seen { end: seen.start + text.len(), ..*seen };
        let is_in_dump = lengths.starts_with(&[2, 2]) && dump::is_in_dump(&whole, 2);
        let left = seen.left();
        let form = Self { text, left, behind: rest, groups, count, digits, extension, is_in_dump };
        let fits = form.ends_well(rest, seen.before())
            && form.brackets_fit()
            && form.marks_fit()
            && !form.is_other();
        fits.then_some(form)
    }

    /// The form with its score; 0 when it is too long for a number without a calling code.
    pub(super) fn accepted(&self, seen: &Seen<'_>) -> Accepted {
        let scores = [self.score(), self.in_record(seen), self.mobile(seen)];
        let score = scores.into_iter().flatten().reduce(f32::max).unwrap_or_default();
        let score = if self.extension > 0 { (score + 0.15).min(0.95) } else { score };
        Accepted {
            start: seen.start,
            end: seen.start + self.text.len() + self.extension,
            score: Some(score),
            confirmed: None,
        }
    }

    /// Neither a word, nor a unit, nor more digits may touch it; `-Office` and ` office` may follow, and a mark that stands also
    /// `before` it.
    fn ends_well(&self, rest: &str, before: Option<char>) -> bool {
        let behind = rest.get(self.extension..).unwrap_or_default();
        let mut ahead = behind.chars();
        match (ahead.next(), ahead.next()) {
            // An escape in text that stands as a string in other text.
            (Some('\\'), Some('n' | 'r' | 't' | 'u' | '"' | '\\')) => true,
            (Some(mark @ ('*' | '\\')), _) => !behind.trim_start_matches(mark).starts_with(is_word),
            (Some(c), next) if before == Some(c) && "%€£$@=".contains(c) => {
                !next.is_some_and(is_word)
            }
            (Some(c), _) if "%°€£$@=".contains(c) => false,
            (Some(c), _) if is_latin(c) => false,
            // A comma may part two numbers, or thousands.
            (Some(','), Some(c)) => !c.is_ascii_digit() || self.text.contains(['-', '+', '(']),
            (Some('/'), Some(_)) if has_digits(self.text) => {
                let next = behind.get(1..).unwrap_or_default();
                let len = next.find(|c| !is_part(c)).unwrap_or(next.len());
                len == 0
                    || !next.starts_with(|c: char| c.is_ascii_digit())
                    || has_digits(&next[..len])
            }
            (Some('.' | '-' | '/' | ':' | '('), Some(c)) => !c.is_ascii_digit(),
            _ => true,
        }
    }

    /// Brackets do not nest, and stand around a country or area code near the beginning.
    fn brackets_fit(&self) -> bool {
        let mut open = None;
        let mut pairs = 0;
        for (at, c) in self.text.char_indices() {
            match (c, open) {
                ('(', None) if at < 10 => open = Some(at),
                (')', Some(from)) if at - from <= 8 => (open, pairs) = (None, pairs + 1),
                ('(' | ')', _) => return false,
                _ => {}
            }
        }
        pairs <= 2 && open.is_none()
    }

    fn marks_fit(&self) -> bool {
        let marks = || (0..self.count - 1).map(|nth| self.groups.mark(nth));
        let slashes = marks().filter(|m| m.contains('/')).count();
        let dots = marks().filter(|m| m.contains('.')).count();
        let plain = marks().all(is_mark);
        // `239  -596.6651`: a column of figures with signs.
        let signs =
            marks().any(|m| m.starts_with(' ') && m.ends_with('-') && (m.len() > 2 || dots > 0));
        // Dots between some groups only are decimal points or ends of sentences.
        let dotted = dots == 0
            || dots >= (self.count - 1).saturating_sub(1)
            || marks().next().is_some_and(|m| m.contains('.'));
        // `500-999/8000` is a range of something.
        let hyphens = marks().filter(|m| m.contains('-')).count();
        let range =
            slashes > 0 && hyphens > 0 && marks().next_back().is_some_and(|m| m.contains('/'));
        // `555-0134/555-0178` are two.

        let two = self
            .text
            .split_once('/')
            .is_some_and(|(one, other)| has_digits(one) && has_digits(other));
        plain
            && !signs
            && slashes <= 2
            && dotted
            && !range
            && !two
            && self.text.matches('+').count() <= 1
    }

    /// Dates, addresses of machines, fractions, years, the ends of what 31 bits count, bits, words of a dump.
    fn is_other(&self) -> bool {
        let (lengths, count) = self.groups.lengths(self.count);
        let lengths = lengths.get(..count).unwrap_or_default();
        let mark = self.groups.mark(0);
        let year = |nth: usize| {
            matches!(self.groups.get(nth).parse::<u16>(), Ok(1900..=2099))
                && self.groups.get(nth).len() == 4
        };
        let international = self.text.contains('+');
        // `0 1 0 1 1 0 1`, `0399 0308 0301`
        let bits = self.digits.iter().all(|&digit| digit < 2);
        let starts_with_zero = |nth: usize| self.groups.get(nth).starts_with('0');
        let padded = lengths.len() > 2 && (0..count).all(starts_with_zero);
        match lengths {
            _ if international => false,
            _ if bits => true,
            [4, 4, ..] if padded => true,
            [10] if ["2147483647", "2147483648"].contains(&self.text) => true,
            [4, 4] => year(0) && year(1),
            [4, 1 | 2, 1 | 2, ..] => year(0),
            [1 | 2, 1 | 2, 4] => year(2),
            [1..=3, 1..=3, 1..=3, 1..=3] => mark == ".",
            // `192.0.2.0/24`
            [1..=3, 1..=3, 1..=3, 1..=3, 1 | 2] => mark == "." && self.groups.mark(3) == "/",
            [_, _] => mark == ".",
            [3, 2, 4] => mark == "-",
            _ => false,
        }
    }

    fn score(&self) -> Option<f32> {
        let scores = [
            self.chinese_mobile(),
            self.russian(),
            self.international(),
            self.north_american(),
            self.bracketed(),
            self.trunk(),
            self.called(),
            self.bare(),
        ];
        scores.into_iter().flatten().reduce(f32::max)
    }

    /// `+`, `00` or `011`, then a calling code.
    fn international(&self) -> Option<f32> {
        let plus = self.text.contains('+');
        let skip = match &*self.digits {
            _ if plus => 0,
            [0, 0, ..] if !self.is_row_of_bytes() => 2,
            [0, 1, 1, ..] if self.count > 1 => 3,
            _ => return None,
        };
        let fit = plan::international(self.digits.get(skip..)?)?;
        match (fit, plus) {
            (plan::Fit::Valid, true) => Some(0.95),
            (plan::Fit::Valid, false) => Some(if skip == 2 { 0.75 } else { 0.55 }),
            (plan::Fit::Possible, true) => Some(0.6),
            (plan::Fit::Possible, false) => Some(0.3),
        }
    }

    /// 3-3-4, with or without the 1 in front.
    fn north_american(&self) -> Option<f32> {
        let (lengths, count) = self.groups.lengths(self.count);
        let at = match lengths.get(..count)? {
            [3, 3, 4] => 0,
            [1, 3, 3, 4] if self.groups.get(0) == "1" => 1,
            [3, 3, 3, 4] if self.groups.get(0) == "001" => 1,
            _ => return None,
        };
        let number = self.digits.get(self.digits.len() - 10..)?;
        let dialable = number[0] > 1 && number[3] > 1;
        let (first, second) = (self.groups.mark(at), self.groups.mark(at + 1));
        let known = plan::is_valid_national("US", number) || plan::is_valid_national("CA", number);
        let score = match (first.trim(), second) {
            ("-", "-") | ("", "-") if !dialable && self.is_of_figures() => 0.3,
            (")" | ")-", "-" | " " | "." | " - ") => 0.8,
            ("-", "-") | ("", "-") => 0.75,
            (".", ".") | ("•" | "·", _) => 0.65,
            ("", " ") if known => 0.52,
            ("", " ") => 0.2,
            ("-" | "/", _) => 0.6,
            _ => 0.3,
        };
        Some(if dialable { score + 0.05 } else { score - 0.05 })
    }

    /// `100-200-3000`, `111-222-3333`: round figures, or each a row of one digit.
    fn is_of_figures(&self) -> bool {
        let groups = || (0..self.count).map(|nth| self.groups.get(nth));
        groups().all(|group| group.ends_with('0'))
            || groups().all(|group| group.bytes().all(|b| Some(b) == group.bytes().next()))
    }

    /// Ten digits without marks that the words around them say to call: `text 4155550123`, `Ann Lee, 4155550123, ann@example.org`.
    fn called(&self) -> Option<f32> {
        let ten = self.count == 1 && self.digits.len() == 10;
        (ten && plan::is_valid_national("US", &self.digits)
            && !is_counted(&self.digits)
            && (is_called(self.left) || is_between(self.left, self.behind)))
        .then_some(0.65)
    }

    /// Ten or eleven digits that begin as mobile numbers do where a zero is dialled at home, apart from all else: `07911123884`.
    fn mobile(&self, seen: &Seen<'_>) -> Option<f32> {
        const BEGINNINGS: [&[u8]; 9] = [
            &[0, 7],
            &[0, 9],
            &[0, 1, 0],
            &[0, 1, 5],
            &[0, 1, 6],
            &[0, 1, 7],
            &[0, 8, 0],
            &[0, 4],
            &[0, 6],
        ];
        let begins = match (self.count, self.digits.len()) {
            (1, 11) => BEGINNINGS.get(..7)?,
            (1, 10) => BEGINNINGS.get(7..)?,
            _ => return None,
        };
        let apart = seen.before().is_none_or(|c| c.is_whitespace() || "(,;".contains(c));
        (apart
            && begins.iter().any(|begin| self.digits.starts_with(begin))
            && plan::is_valid_somewhere(&self.digits)
            && !is_isbn(&self.digits))
        .then_some(0.55)
    }

    /// A cell of a row that has somebody's mail address in another.
    fn in_record(&self, seen: &Seen<'_>) -> Option<f32> {
        let whole = Seen { end: seen.start + self.text.len(), ..*seen };
        let is_known = || {
            plan::is_valid_somewhere(&self.digits)
                || plan::is_valid_national("US", &self.digits) && !is_counted(&self.digits)
        };
        (is_in_record(&whole) && is_known()).then_some(0.65)
    }

    /// An area code in brackets, elsewhere in the world, or a trunk zero: `(0)20 7946 0844`.
    fn bracketed(&self) -> Option<f32> {
        if self.text.starts_with("(0)") && plan::is_valid_somewhere(&self.digits) {
            return Some(0.6);
        }
        let inside = self.text.strip_prefix('(')?.split(')').next()?;
        let area = inside.trim();
        let year = area.len() == 4 && (area.starts_with("19") || area.starts_with("20"));
        let digits = area.bytes().all(|b| b.is_ascii_digit()) && (2..=5).contains(&area.len());
        let rest = self.digits.len() - area.len().min(self.digits.len());
        (digits && !year && (5..=9).contains(&rest) && self.count <= 5).then_some(0.6)
    }

    /// A trunk zero and a number that a large plan knows, in two groups and more.
    fn trunk(&self) -> Option<f32> {
        let grouped = (2..=6).contains(&self.count) && self.groups.get(0).len() >= 2;
        let trunk = self.digits.first() == Some(&0) && self.digits.get(1) != Some(&0);
        let lengths = (9..=12).contains(&self.digits.len()) && !self.continues();
        (grouped
            && trunk
            && lengths
            && !self.is_zip()
            && !self.is_row_of_bytes()
            && (plan::is_valid_somewhere(&self.digits) || self.is_usual_grouping()))
        .then_some(0.55)
    }

    /// `02110-1301`: a US post code.
    fn is_zip(&self) -> bool {
        matches!(self.groups.lengths(self.count), (lengths, 2) if lengths.starts_with(&[5, 4]))
            && self.groups.mark(0) == "-"
    }

    /// `01 02 03 04 05` counts, `00 46 02 00 00 00` has many zeros, `03 03 01 00 01` small numbers only, `02 04 01 23 45 67` more pairs
    /// than France writes, and beside `00 10 00 31 46 D9` other bytes stand.
    fn is_row_of_bytes(&self) -> bool {
        let (lengths, count) = self.groups.lengths(self.count);
        let pairs = lengths.iter().take(count).all(|&len| len == 2);
        let value = |nth: usize| self.groups.get(nth).parse::<u8>().unwrap_or_default();
        let counts = (1..count).all(|nth| value(nth).wrapping_sub(value(nth - 1)) == 1);
        let zeros = (0..count).filter(|&nth| self.groups.get(nth) == "00").count();
        let long = count > 5 && self.groups.get(0) != "00";
        let small = (0..count).filter(|&nth| value(nth) < 10).count();
        pairs && (counts || zeros > 2 || small > 3 || long || self.is_in_dump)
    }

    /// True when more groups follow, as in a table of numbers.
    fn continues(&self) -> bool {
        self.count < self.groups.len() && self.groups.mark(self.count - 1).starts_with(' ')
    }

    /// Ten digits as most of Europe writes them: `024 971 50 30`, `06 12 34 56 78`, `0171 234 567`.
    fn is_usual_grouping(&self) -> bool {
        let (lengths, count) = self.groups.lengths(self.count);
        let lengths = lengths.get(..count).unwrap_or_default();
        self.groups.is_even(count)
            && matches!(
                lengths,
                [3, 3, 2, 2]
                    | [2, 2, 2, 2, 2]
                    | [4, 2, 2, 2]
                    | [3, 3, 4]
                    | [4, 3, 3]
                    | [3, 7]
                    | [4, 7]
            )
    }

    /// `8 (495) 123-45-67`: Russia and Kazakhstan dial an 8 at home.
    fn russian(&self) -> Option<f32> {
        let national = self.digits.strip_prefix(&[8])?;
        let grouped = self.count >= 3 && self.groups.get(0).len() == 1;
        (grouped && plan::is_valid_national("RU", national)).then_some(0.65)
    }

    /// Eleven digits of a Chinese mobile number, in Chinese text.
    fn chinese_mobile(&self) -> Option<f32> {
        let ideograph = |c: char| c.is_alphanumeric() && !is_word(c);
        let fits = self.digits.len() == 11
            && self.left.chars().rev().take(4).any(ideograph)
            && plan::is_valid_national("CN", &self.digits);
        fits.then_some(0.6)
    }

    /// Whatever words call a number.
    fn bare(&self) -> Option<f32> {
        let same = self.digits.iter().all(|d| *d == self.digits[0]);
        ((7..=15).contains(&self.digits.len()) && !same).then_some(0.1)
    }
}

/// ISO 2108: a book of before 2007, by its check digit.
fn is_isbn(digits: &[u8]) -> bool {
    let weighed = (1..=10).rev().zip(digits).map(|(weight, &digit)| weight * u32::from(digit));
    digits.len() == 10 && weighed.sum::<u32>() % 11 == 0
}

/// What is close to the end of what 31 bits count, and hours of a day: `2024010112`.
fn is_counted(digits: &[u8]) -> bool {
    let number = |from, to| {
        let part: Option<&[u8]> = digits.get(from..to);
        part.into_iter().flatten().fold(0, |number, digit| number * 10 + u32::from(*digit))
    };
    let is_hour = matches!(number(0, 4), 2000..=2099)
        && matches!(number(4, 6), 1..=12)
        && matches!(number(6, 8), 1..=31)
        && number(8, 10) < 24;
    is_hour || number(0, 6) == 214_748
}

/// Length of ` x123`, ` ext. 123`, `#123` at the start of `rest`, or 0.
fn extension_len(rest: &str) -> usize {
    let trimmed = rest.trim_start_matches([' ', ',']);
    let lower = prefix(trimmed, 12).to_ascii_lowercase();
    let Some(word) = ["extension", "ext.", "ext", "xtn", "durchwahl", "x", "#"]
        .iter()
        .find(|w| lower.starts_with(**w))
    else {
        return 0;
    };
    let behind = trimmed.get(word.len()..).unwrap_or_default();
    let digits_at = behind.len() - behind.trim_start_matches([' ', ':', '.']).len();
    let number = behind.get(digits_at..).unwrap_or_default();
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let free = !number.get(digits..).is_some_and(|after| after.starts_with(is_word));
    let gap = rest.len() - trimmed.len();
    if (1..=6).contains(&digits) && digits_at <= 2 && gap <= 2 && free {
        gap + word.len() + digits_at + digits
    } else {
        0
    }
}

/// What may stand between two groups.
fn is_mark(mark: &str) -> bool {
    matches!(mark, " " | "-" | "." | "/")
        || (!mark.contains("   ")
            && matches!(
                mark.trim(),
                "" | "-" | "." | "/" | "•" | "·" | "(" | ")" | ") (" | ")-" | "-(" | ")(" | ")."
            ))
}
