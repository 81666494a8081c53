//! Messages that banks send each other (SWIFT MT): customers in the fields 50 and 59, with account, name and address, and banks in 52 to 58.
//!
//! `:59:/FR1420041010050500013M02606`, and on the lines below `MOREAU ISABELLE`, `12 RUE DES LILAS`, up to the next field.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

/// A customer: who orders, and who gets.
const CUSTOMER: &str = r":5(?:0[AFHK]?|9[AF]?):";

pub(super) static PAYMENT: Recognizer = Recognizer {
    name: "payment",
    description: "accounts, names and banks in SWIFT MT messages (fields 50, 59 and 52 to 58)",
    patterns: &[
        Pattern::new(EntityType::US_BANK_NUMBER, 0.85, CUSTOMER).check(account),
        Pattern::new(EntityType::PERSON, 0.85, CUSTOMER).check(name),
        Pattern::new(
            EntityType::SWIFT_CODE,
            0.9,
            r":5[2-8]A: ?[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?-u:\b)",
        )
        .check(bank),
    ],
};

/// The longest line (the standard has 35), in bytes.
const LONGEST_LINE: usize = 48;

/// The first line of a field, and the one below if the first is an account.
fn lines<'t>(seen: &Seen<'t>) -> Option<(Option<&'t str>, usize, &'t str)> {
    let rest = seen.all.get(seen.end..)?;
    let line = prefix(rest, LONGEST_LINE).split(['\n', '\r']).next()?;
    let Some(account) = line.strip_prefix('/') else { return Some((None, seen.end, line)) };
    let below = rest.get(line.len()..)?;
    let next = below.trim_start_matches('\r').strip_prefix('\n')?;
    let start = seen.all.len() - next.len();
    Some((Some(account), start, prefix(next, LONGEST_LINE).split(['\n', '\r']).next()?))
}

fn account(seen: &Seen<'_>) -> Option<Accepted> {
    let account = lines(seen)?.0?;
    let digits = account.bytes().filter(u8::is_ascii_digit).count();
    let fits = account.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (fits && digits >= 6).then(|| seen.accept_span(seen.end + 1, seen.end + 1 + account.len()))?
}

/// The first line below the account: words in capitals. Companies have such lines as well, and are taken for people rather than for nobody.
fn name(seen: &Seen<'_>) -> Option<Accepted> {
    let (_, start, line) = lines(seen)?;
    // `1/MOREAU ISABELLE` of the form with numbered lines.
    let name = line.strip_prefix("1/").unwrap_or(line);
    let start = start + (line.len() - name.len());
    let fits = |c: char| c.is_alphabetic() || " -'.,&".contains(c);
    let words = name.split(' ').filter(|word| word.len() > 1).count();
    (name.chars().all(fits) && (2..=6).contains(&words) && name.starts_with(char::is_uppercase))
        .then(|| seen.accept_span(start, start + name.trim_end().len()))?
}

fn bank(seen: &Seen<'_>) -> Option<Accepted> {
    let code = seen.text().get(":57A:".len()..)?.trim_start();
    seen.accept_span(seen.end - code.len(), seen.end)
}
