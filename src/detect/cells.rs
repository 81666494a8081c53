//! Values beside the names that tell what they are, in two cells of a table or the like: each is written out as `name: value`, one a
//! line, and searched again.

use super::{Candidate, context, names, seen::prefix};
use std::cell::RefCell;

/// Longer cells of a header are prose.
pub(super) const LONGEST_NAME: usize = 40;
/// Cells with fewer letters and digits hold no value.
const SHORTEST_CELL: usize = 3;
/// Of longer cells only the beginning is searched.
const LONGEST_CELL: usize = 1024;

thread_local! {
    /// The name at hand in plain form: there are many of them.
    static PLAIN: RefCell<String> = RefCell::default();
}

/// Words of a header that say what a value is which does not say so itself, sorted.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "aadhaar", "aba", "account", "acct", "address", "age", "apikey", "bank", "bic", "birth", "birthdate", "birthday", "born", "bsn",
    "card", "cc", "cell", "claim", "clave", "contraseña", "cpf", "curp", "customer", "cvc", "cvv", "dea", "device", "dl", "dni",
    "dob", "driver", "drivers", "ein", "email", "employee", "exp", "expiration", "expires", "expiry", "fax", "geburtsdatum", "handy", "iban",
    "imei", "insurance", "ip", "itin", "kennwort", "kontonummer", "licence", "license", "login", "mac", "mbi", "medicare",
    "member", "mobile", "mrn", "national", "nhs", "nie", "nif", "nino", "npi", "pan", "pass", "passphrase", "passport",
    "passwd", "password", "passwort", "patient", "pesel", "phone", "pin", "plate", "policy", "postcode", "pw", "pwd", "record",
    "rfc", "routing", "rut", "secret", "security", "senha", "serial", "sin", "social", "ssn", "steuer", "student", "subscriber", "swift",
    "tax", "tel", "telefon", "telefono", "telephone", "teléfono", "tfn", "tin", "token", "user", "userid", "username", "vin",
    "wachtwoord", "whatsapp", "zip",
];

/// Values with their names and their places in the text.
#[derive(Debug, Default)]
pub(super) struct Cells<'t>(Vec<Cell<'t>>);

#[derive(Debug)]
struct Cell<'t> {
    name: &'t str,
    start: usize,
    value: &'t str,
}

impl<'t> Cells<'t> {
    /// Takes a value that begins at `start`, if it may be one.
    pub(super) fn take(&mut self, name: &'t str, start: usize, value: &'t str) {
        if value.chars().filter(|c| c.is_alphanumeric()).nth(SHORTEST_CELL - 1).is_some() {
            self.0.push(Cell { name, start, value: prefix(value, LONGEST_CELL) });
        }
    }

    /// Appends what `search` finds in the values.
    pub(super) fn find(
        &self,
        search: &mut impl FnMut(&str, &mut Vec<Candidate>),
        out: &mut Vec<Candidate>,
    ) {
        if self.0.is_empty() {
            return;
        }
        let mut written = String::new();
        // Where each value begins as it is written.
        let mut places = Vec::with_capacity(self.0.len());
        for cell in &self.0 {
            written.extend([cell.name, ": "]);
            places.push(written.len());
            written.extend([cell.value, "\n\n"]);
        }
        let mut found = Vec::new();
        search(&written, &mut found);
        out.extend(found.into_iter().filter_map(|c| self.place(&places, c)));
    }

    /// Brings a candidate back to the text; `None` when it is not within a value.
    fn place(&self, places: &[usize], candidate: Candidate) -> Option<Candidate> {
        let nth = places.partition_point(|&at| at <= candidate.start).checked_sub(1)?;
        let cell = self.0.get(nth)?;
        let start = cell.start + (candidate.start - places[nth]);
        let end = cell.start + (candidate.end - places[nth]);
        (end <= cell.start + cell.value.len()).then_some(Candidate { start, end, ..candidate })
    }
}

/// A few short words, as stand in headers.
pub(super) fn is_name(cell: &str) -> bool {
    cell.len() <= LONGEST_NAME
        && cell.starts_with(char::is_alphabetic)
        && cell.chars().all(|c| {
            c.is_alphanumeric()
                || matches!(c, ' ' | '_' | '-' | '#' | '.' | '/' | '(' | ')' | '\'' | '*' | '%')
        })
        && cell.split(' ').count() <= 5
}

/// True if one of the words of `name` says what a value is.
pub(super) fn is_telling(name: &str) -> bool {
    PLAIN.with_borrow_mut(|plain| {
        plain.clear();
        context::append_plain(plain, name);
        let plain = plain.trim();
        plain.split(' ').any(|word| TELLING.binary_search(&word).is_ok())
            || names::is_field_of_names(plain)
    })
}

/// The cells that `find` searches, with what is said of them.
#[cfg(test)]
pub(super) fn said_by(find: impl FnOnce(&mut dyn FnMut(&str, &mut Vec<Candidate>))) -> Vec<String> {
    let mut said = Vec::new();
    find(&mut |part, _| said.extend(part.lines().map(str::to_owned)));
    said.retain(|line| !line.is_empty());
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_headers_are_sorted_for_the_search() {
        assert!(TELLING.is_sorted());
    }
}
