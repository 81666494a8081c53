//! ISO 13616-1: international bank account numbers.

use super::mod97_remainder;

/// The country's length and its mix of letters and digits, and MOD 97-10 over the text with its first four characters moved
/// to the end. Marks are passed over.
pub(crate) fn iban(text: &str) -> bool {
    let compact: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let (Some(country), Some(check)) = (compact.get(..2), compact.get(2..4)) else { return false };
    let rest = compact.get(4..).unwrap_or_default();
    structure(country).is_some_and(|structure| fits(structure, rest))
        && check.bytes().all(|b| b.is_ascii_digit())
        && mod97_remainder(rest.chars().chain(country.chars()).chain(check.chars())) == Some(1)
}

/// How long the numbers of a country are. `country` in either case.
pub(crate) fn iban_length(country: &str) -> Option<usize> {
    structure(country).map(|structure| 4 + fields(structure).map(|(len, _)| len).sum::<usize>())
}

fn structure(country: &str) -> Option<&'static str> {
    let country = country.to_ascii_uppercase();
    STRUCTURES
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|code| code == country))
        .map(|(structure, _)| *structure)
}

/// True when `number` is made of the fields of `structure`.
fn fits(structure: &str, number: &str) -> bool {
    let mut rest = number.as_bytes();
    for (len, kind) in fields(structure) {
        let Some((field, behind)) = rest.split_at_checked(len) else { return false };
        let is_right = field.iter().all(|b| match kind {
            'n' => b.is_ascii_digit(),
            'a' => b.is_ascii_alphabetic(),
            _ => b.is_ascii_alphanumeric(),
        });
        if !is_right {
            return false;
        }
        rest = behind;
    }
    rest.is_empty()
}

/// The lengths of the fields, and what each is made of.
fn fields(structure: &str) -> impl Iterator<Item = (usize, char)> {
    structure.split_inclusive(['n', 'a', 'c']).filter_map(|field| {
        let (len, kind) = field.split_at_checked(field.len() - 1)?;
        Some((len.parse().ok()?, kind.chars().next()?))
    })
}

/// What follows the check digits, by the IBAN registry (SWIFT, release 98): digits (`n`), letters (`a`), either (`c`).
#[rustfmt::skip]
const STRUCTURES: &[(&str, &str)] = &[
    ("11n", "NO"),
    ("12n", "BE"),
    ("14n", "DK FI FO GL SD"),
    ("15n", "SI"),
    ("16n", "AT BA EE LT MN XK"),
    ("17n", "HR"),
    ("18n", "CR DE ME RS VA"),
    ("19n", "AE IL SO TL"),
    ("20n", "CZ ES SE SK TN"),
    ("21n", "LY PT ST"),
    ("22n", "IS"),
    ("23n", "BI DJ MR"),
    ("24n", "HU PL"),
    ("25n", "EG"),
    ("2a12n", "FK"),
    ("2a16n", "GE"),
    ("4a10n", "NL"),
    ("4a14n", "GB IE"),
    ("4a15n", "IQ"),
    ("4a16n", "VG"),
    ("4a20n", "HN NI SV"),
    ("4c20n", "DO"),
    ("3n13c", "KZ LU"),
    ("3n16c", "OM"),
    ("4n20c", "LB"),
    ("5n12c", "CH LI"),
    ("6n16c", "TR"),
    ("6n19c", "UA"),
    ("7n16c", "GR"),
    ("8n12c", "AD"),
    ("8n16c", "AL CY"),
    ("2n18c", "SA"),
    ("14n15c", "RU"),
    ("4a13c", "LV"),
    ("4a14c", "BH"),
    ("4a15c", "GI"),
    ("4a16c", "PK RO"),
    ("4a20c", "AZ"),
    ("4a21c", "PS QA"),
    ("4a22c", "KW"),
    ("4a24c", "LC"),
    ("4a6n8c", "BG"),
    ("4a4n18c", "JO YE"),
    ("4a5n18c", "MT"),
    ("20c", "MD"),
    ("24c", "GT"),
    ("4c4n16c", "BY"),
    ("1a10n12c", "IT SM"),
    ("10n11c2n", "FR MC"),
    ("3n10c2n", "MK"),
    ("4a19n3a", "MU"),
    ("4a20n3a", "SC"),
    ("23n1a1c", "BR"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_registry_are_accepted_in_either_case_and_with_marks() {
        for good in [
            "GB82 WEST 1234 5698 7654 32",
            "DE89370400440532013000",
            "NO9386011117947",
            "FR1420041010050500013M02606",
            "IT60X0542811101000000123456",
            "MT84MALT011000012345MTLCAST001S",
            "MU17BOMM0101101030300200000MUR",
            "BR1800360305000010009795493C1",
            "AD1200012030200359100100",
            "MD24AG000225100013104168",
            "CH9300762011623852957",
            "nl91abna0417164300",
        ] {
            assert!(iban(good), "{good}");
        }
    }

    #[test]
    fn wrong_check_digits_countries_and_structures_are_refused() {
        for bad in [
            "GB82 WEST 1234 5698 7654 33",
            "XX82 WEST 1234 5698 7654 32",
            "é",
            // The end of a UUID: the check digits are right, and Andorra has digits where letters stand.
            "ad76-4fab-b7c9-5d75ab1ee7e8",
        ] {
            assert!(!iban(bad), "{bad}");
        }
    }

    #[test]
    fn each_country_has_one_structure_of_a_sound_length() {
        let mut codes: Vec<&str> =
            STRUCTURES.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        for code in &codes {
            assert!(iban_length(code).is_some_and(|len| (15..=34).contains(&len)), "{code}");
        }
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
