//! Bank accounts: IBAN, account numbers, routing numbers, bank codes.

use crate::detect::{
    EntityType, checksum,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Digits, Seen, is_word, prefix},
};

pub(super) static BANK: Recognizer = Recognizer {
    name: "bank",
    description: "IBAN by country length and check digits (ISO 13616); account, routing (ABA) and bank codes (ISO 9362) named as such",
    patterns: &[
        Pattern::new(EntityType::IBAN_CODE, 0.1, r"(?-u:\b)[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9]")
            .check(iban)
            .context(0.7, &["iban", "ibans", "account", "konto", "compte", "cuenta", "conto", "rekening"]),
        Pattern::new(EntityType::IBAN_CODE, 0.7, r"(?i-u:\biban)(?-u:\b)").check(foreign_iban),
        Pattern::new(
            EntityType::US_BANK_NUMBER,
            0.75,
            r"(?i-u:\b(?:(?:bank|checking|savings|deposit|credit union|brokerage)?[ _-]?(?:account|acct|acc|a/c)(?:s|ount)?(?: ?(?:no|num|number|nr|#)\b)?|bank account|account_?(?:no|num|number)|kontonummer|konto(?:-?nr)?|kto\b[.-]{0,2}(?:nr\b)?|clabe|cuenta(?: (?:corriente|bancaria|de ahorros))?|conta(?: (?:corrente|poupan(?:ç|c)a|banc(?:á|a)ria))?|conto(?: (?:corrente|bancario))?|compte(?: bancaire)?|rib\b|rekening(?:nummer|nr)?|kontonr|tilinumero|num(?:é|e)ro de compte|n(?:ú|u)mero de (?:cuenta|conta)|(?:nr|numer) (?:rachunku|konta)|(?:č|c)(?:í|i)slo (?:ú|u)(?:č|c)tu))",
        )
        .check(account),
        Pattern::new(EntityType::US_BANK_NUMBER, 0.75, r"(?:口座番号|账号|賬號|帳號|账户|계좌번호|номер сч(?:е|ё)та|р/с)").check(account_behind),
        // CBU of Argentina and RIB of France, which are longer than others; `from checking 0044178820`.
        Pattern::new(EntityType::US_BANK_NUMBER, 0.8, r"(?-u:\b)(?:CBU|RIB)(?-u:\b)").check(long_account),
        Pattern::new(EntityType::US_BANK_NUMBER, 0.75, r"(?i-u:\b(?:from|to|into|my|his|her) (?:checking|savings) )[0-9]").check(own_account),
        // Poland writes its IBAN without the country at home.
        Pattern::new(EntityType::US_BANK_NUMBER, 0.1, r"(?-u:\b)[0-9]{2}(?: ?[0-9]{4}){6}(?-u:\b)").check(polish),
        Pattern::new(
            EntityType::ABA_ROUTING_NUMBER,
            0.9,
            r"(?i-u:\b(?:routing|aba|rtn|aba routing|routing transit|transit)(?:[ _-]?(?:number|no|num|code))?)",
        )
        .check(routing),
        Pattern::new(EntityType::ABA_ROUTING_NUMBER, 0.85, r"(?i-u:\b(?:sort[ _-]?code|bsb))").check(branch),
        Pattern::new(EntityType::ABA_ROUTING_NUMBER, 0.7, r"(?i-u:\bs/?c:? )[0-9]{2}-[0-9]{2}-[0-9]{2}(?-u:\b)").check(branch_behind),
        Pattern::new(EntityType::ABA_ROUTING_NUMBER, 0.85, r"(?i-u:\b(?:blz|bankleitzahl))").check(german_bank),
        Pattern::new(EntityType::ABA_ROUTING_NUMBER, 0.8, r"(?i-u:\btransit(?:[ _-]?(?:number|no|#))?)").check(canadian_branch),
        Pattern::new(EntityType::SWIFT_CODE, 0.85, r"(?i-u:\b(?:swift|bic|ifsc|swift/bic|bic/swift)(?:[ _-]?(?:code|number|no))?)")
            .check(swift),
    ],
};

/// Takes as many letters and digits as the country has; what follows may not go on.
fn iban(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.start..)?, 80);
    let want = checksum::iban_length(rest.get(..2)?)?;
    let mut count = 0;
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        match c {
            c if c.is_ascii_alphanumeric() => count += 1,
            ' ' | '-' => continue,
            _ => break,
        }
        end = at + 1;
        if count == want {
            break;
        }
    }
    let text = rest.get(..end)?;
    let found = Seen { end: seen.start + end, ..*seen };
    let one_case = !text.contains(|c: char| c.is_ascii_lowercase())
        || !text.contains(|c: char| c.is_ascii_uppercase());
    if count != want
        || !one_case
        || !found.is_whole_word()
        || is_scattered(text)
        || is_in_uuid(seen)
    {
        return None;
    }
    let accepted = found.accept()?;
    Some(if checksum::iban(text) { accepted.with_score(1.0) } else { accepted })
}

/// A number called IBAN that is none by its country or its length, as made-up and mistyped ones are: `IBAN: XX12 ABCD 0000 1234`.
fn foreign_iban(seen: &Seen<'_>) -> Option<Accepted> {
    let shape = Shape { length: (4, 34), digits: 2, letters: true, marks: "-" };
    let start = named::value(seen, &shape)?.start;
    let rest = prefix(seen.all.get(start..)?, 48);
    let (country, digits) = rest.get(..4)?.split_at_checked(2)?;
    let begins = country.bytes().all(|b| b.is_ascii_alphabetic())
        && digits.bytes().all(|b| b.is_ascii_digit());
    // A right one is found by its form, with what it is worth.
    let form = Seen { all: seen.all, start, end: start + 4 };
    if !begins || iban(&form).is_some() {
        return None;
    }
    let len = grouped_len(rest);
    let value = rest.get(..len)?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let count = value.bytes().filter(u8::is_ascii_alphanumeric).count();
    ((15..=34).contains(&count) && digits >= 8).then(|| seen.accept_span(start, start + len))?
}

/// How long the number at the beginning of `text` is: a run of letters and digits in one case; or groups of four of them and a last one of
/// digits; or one group of four, the country and its check digits, and all the rest in one that is mostly digits.
fn grouped_len(text: &str) -> usize {
    let mut end = 0;
    let lower = text.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = |c: char| {
        c.is_ascii_digit() || if lower { c.is_ascii_lowercase() } else { c.is_ascii_uppercase() }
    };
    for group in text.split([' ', '-']) {
        let len = group.find(|c| !fits(c)).unwrap_or(group.len());
        let at = end + usize::from(end > 0);
        let digits = group.bytes().take(len).filter(u8::is_ascii_digit).count();
        let ends = group.get(len..).is_some_and(|b| !b.starts_with(is_word));
        let may_be = match (end, len) {
            (_, 0) => false,
            (0, _) | (_, 4) => true,
            (4, 5..) => digits * 2 > len,
            (_, 5..) => false,
            _ => digits == len,
        };
        if !ends || !may_be {
            break;
        }
        end = at + len;
        if len < group.len() || len != 4 {
            break;
        }
    }
    end
}

/// Within a UUID, behind its first group or its first two.
fn is_in_uuid(seen: &Seen<'_>) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    [9, 14].iter().any(|before| {
        let uuid = seen.start.checked_sub(*before).and_then(|at| seen.all.get(at..at + 36));
        uuid.is_some_and(|uuid| {
            let is_group = |group: &str| group.bytes().all(|b| b.is_ascii_hexdigit());
            uuid.split('-').map(str::len).eq(GROUPS) && uuid.split('-').all(is_group)
        })
    })
}

/// Marks only as people group: never two in a row, and no words of prose between.
fn is_scattered(text: &str) -> bool {
    let groups = text.split([' ', '-']).count();
    text.contains("  ")
        || text.contains("--")
        || groups > 12
        || (groups > 2 && text.split([' ', '-']).next().is_some_and(|g| g.len() < 4))
}

const ACCOUNT: Shape = Shape { length: (6, 20), digits: 6, letters: true, marks: "- " };

fn account(seen: &Seen<'_>) -> Option<Accepted> {
    let found = named::value(seen, &ACCOUNT)?;
    (!named::is_row_id(seen, &found)).then(|| plausible(seen, found))?
}

fn long_account(seen: &Seen<'_>) -> Option<Accepted> {
    named::value(seen, &Shape { length: (22, 23), digits: 22, letters: true, marks: " -" })
}

fn own_account(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let end = seen.run(20, |c| c.is_ascii_digit());
    let found = Seen { start, end, ..*seen };
    ((6..=17).contains(&(end - start)) && found.stands_alone()).then(|| found.accept())?
}

fn account_behind(seen: &Seen<'_>) -> Option<Accepted> {
    plausible(seen, named::value_behind(seen, &ACCOUNT)?)
}

fn plausible(seen: &Seen<'_>, found: Accepted) -> Option<Accepted> {
    let value = seen.all.get(found.start..found.end)?;
    // Names of accounts are no numbers: at most four letters, in front or behind.
    let constant = value.bytes().all(|b| Some(b) == value.bytes().next());
    // `ACC-2024-88123`: the word is part of the number.
    if seen.after() == Some('-') {
        return None;
    }
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    (!constant && letters <= 4 && !value.contains(|c: char| c.is_ascii_lowercase()))
        .then_some(found)
}

/// Check digits as in the IBAN.
fn polish(seen: &Seen<'_>) -> Option<Accepted> {
    let valid = seen.stands_alone() && checksum::iban(&format!("PL{}", seen.text()));
    valid.then(|| seen.accept())?.map(|a| a.with_score(0.85))
}

/// Eight digits, of which the first is none of 0 and 9.
fn german_bank(seen: &Seen<'_>) -> Option<Accepted> {
    named::value(seen, &Shape { length: (8, 8), digits: 8, letters: false, marks: " " })
}

/// Five digits in front of those of the institution.
fn canadian_branch(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (5, 5), digits: 5, letters: false, marks: "" })?;
    let behind = seen.all.get(found.end..)?.trim_start_matches([' ', ',', ';', '/']);
    prefix(behind, 4).eq_ignore_ascii_case("inst").then_some(found)
}

fn branch_behind(seen: &Seen<'_>) -> Option<Accepted> {
    let len = "00-00-00".len();
    seen.accept_span(seen.end - len, seen.end)
}

fn routing(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (9, 9), digits: 9, letters: false, marks: "- " })?;
    let digits = Digits::of(seen.all.get(found.start..found.end)?);
    let constant = digits.iter().all(|d| *d == digits[0]);
    if constant {
        return None;
    }
    Some(if checksum::aba(&digits) { found } else { found.with_score(0.6) })
}

/// British sort codes (`20-30-40`) and Australian BSB numbers (`062-000`).
fn branch(seen: &Seen<'_>) -> Option<Accepted> {
    named::value(seen, &Shape { length: (6, 6), digits: 6, letters: false, marks: "- " })
}

/// ISO 9362: four letters of the bank, two of the country, two or five of the place.
fn swift(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (8, 11), digits: 0, letters: true, marks: "" })?;
    let value = seen.all.get(found.start..found.end)?;
    // The Indian code has a zero behind the four letters of the bank.
    let indian = value.len() == 11 && value.as_bytes().get(4) == Some(&b'0');
    let letters = if indian { 4 } else { 6 };
    let fits = matches!(value.len(), 8 | 11)
        && value.bytes().take(letters).all(|b| b.is_ascii_uppercase())
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    fits.then_some(found)
}
