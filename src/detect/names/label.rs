//! Words that stand before an identifier, and are themselves no name: the `Pt ID` of `Pt ID 88204`, the `IBAN` of `Anna Miller IBAN IT81…`.
//!
//! What is dropped here is no name, so no policy hides it for one; the identifier behind is found by its own recognizer.

use super::{
    analysis::{Analysis, Word},
    lexicon::Entry,
    token::{self, Shape, Token},
};
use std::{collections::HashSet, ops::Range, sync::LazyLock};

/// Names of numbers that are the names of nothing else, in small letters.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "abn", "aadhaar", "bsn", "btc", "bvn", "contraseña", "contato", "hkid", "kennwort", "kreditkarte", "passwort", "ssns", "cnpj", "cpf", "curp", "cvc", "cvv", "dob", "ein", "gstin", "hetu", "hicn", "iban", "iccid", "imei",
    "imsi", "itin", "kenteken", "kennzeichen", "kontonummer", "kto", "mbi", "meid", "mrn", "nino", "npi", "npwp", "nric", "pesel",
    "personalnr", "personalnummer", "personnummer", "henkilötunnus", "rijksregisternummer", "rxbin", "siren", "siret", "ssn", "steuer",
    "steuernummer", "steuernr", "tfn", "titulaire", "inhaber", "upi", "usdt", "vin", "xrp", "zcash", "xsrf", "csrf", "uuid", "guid", "url", "uri",
    "kvnr", "versichertennummer", "matrikelnummer", "kundennummer", "bestellnummer", "rechnungsnummer", "vorgangsnummer", "aktenzeichen",
    "hausarzt", "geburtsdatum", "ausweisnummer", "fahrzeugschein", "fahrgestellnummer", "swift/bic", "nuss", "nss", "ppsn", "mykad",
    "reisepassnummer", "rentenversicherungsnummer", "sozialversicherungsnummer", "targa", "matricule", "immatriculation", "matrícula",
];
/// Words that are no name before a number, or beside a word of [`NUMBERS`].
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "acct", "account", "aba", "ach", "amex", "badge", "bic", "bin", "bt", "carta", "case", "cell", "cf", "chart", "ci", "claim",
    "client", "codice", "code", "contact", "cuit", "customer", "d", "identità", "dea", "diners", "dl", "dln", "dni", "dni/nie", "employee",
    "emp", "eth", "exp", "fax", "fein", "fin", "fiscale", "fru", "gh", "group", "grp", "gsm", "handy", "hosp", "host", "hrb", "id", "ids",
    "lei", "ld", "invoice", "ip", "ipv4", "ipv6", "isbn", "isin", "jcb", "konto", "ktp", "kvk", "license", "licence", "lic", "list", "ltc", "mac",
    "maestro", "mastercard", "medicaid", "medicare", "member", "mobile", "mpi", "nhs", "nie", "nif", "nik", "nip", "nin", "no", "nr", "num",
    "number", "nummer", "numero", "número", "numéro", "order", "otp", "pan", "pasaporte", "passeport", "passport", "patient", "pcn", "phone",
    "philhealth", "pid", "pin", "plate", "pnr", "policy", "pps", "provider", "pt", "puk", "qr", "ref", "regon", "reisepass", "rfc", "rg",
    "rib", "routing", "rtn", "rut", "rx", "security", "serial", "sin", "siv", "sku", "sn", "social", "sol", "sort", "ss", "sss", "student", "svnr",
    "swift", "tax", "tel", "telefon", "telefono", "teléfono", "ticket", "tin", "titolare", "titular", "tracking", "uan", "uid", "unionpay",
    "upc", "urn", "user", "ust", "vat", "visa", "voter", "wallet", "wlan",
];
/// Tokens looked at behind a name.
const REACH: usize = 6;
/// Letters of the codes of banks: `BELADEBEXXX`.
const CODES_OF_BANKS: [usize; 2] = [8, 11];
/// Letters of the longest code in front of a number: `HH-KV 4418`.
const LONGEST_CODE: usize = 4;

static KNOWN: LazyLock<[HashSet<u64>; 2]> = LazyLock::new(|| {
    [NUMBERS, LABELS].map(|words| words.iter().map(|word| token::hash(word)).collect())
});

/// The name at `name` without the label it ends with, or begins with, and the number behind that; `None` when nothing is left.
pub(super) fn without(text: &str, analysis: &Analysis, name: Range<usize>) -> Option<Range<usize>> {
    let [numbers, labels] = &*KNOWN;
    let tokens = &analysis.tokens;
    let is_number = |token: &Token| numbers.contains(&token.id);
    let is_label = |token: &Token| is_number(token) || labels.contains(&token.id);
    let inside = tokens.get(name.clone())?;
    // Most names have no such word.
    let Some(first) = inside.iter().position(is_label) else { return Some(name) };
    let is_behind = |token: &Token| is_label(token) || is_of_number(token);
    let foreign = inside.iter().rposition(|token| !is_behind(token)).map_or(0, |last| last + 1);
    let Some(kept) = (first.max(foreign)..inside.len()).find(|&at| is_label(&inside[at])) else {
        return Some(name);
    };
    let label = &inside[kept..];
    let has_digits = label.iter().any(|token| matches!(token.shape, Shape::Digits | Shape::Code));
    let has_number = label.iter().any(is_number);
    if !has_digits && !has_number && !stands_before_number(text, tokens, name.end) {
        return Some(name);
    }
    let words = analysis.words.get(name.start..name.start + kept)?;
    let is_nothing = |word: &Word| word.entry.has(Entry::FUNCTION | Entry::FOREIGN);
    if words.iter().all(is_nothing) {
        return None;
    }
    // `Anna Card 4` may be called so, and `Quay Road No. 4` is; `Anna Miller IBAN IT81` is not.
    let is_apart = (has_number || !has_digits)
        && label.iter().all(|token| !matches!(token.shape, Shape::Capital | Shape::Initial))
        && inside[kept - 1].shape != Shape::Upper;
    let marks = inside[..kept]
        .iter()
        .rev()
        .take_while(|token| matches!(token.shape, Shape::Mark | Shape::Break));
    Some(if is_apart { name.start..name.start + kept - marks.count() } else { name })
}

/// Digits, short capitals, and the marks between them.
fn is_of_number(token: &Token) -> bool {
    match token.shape {
        Shape::Digits | Shape::Code | Shape::Mark | Shape::Break => true,
        Shape::Upper | Shape::Initial => token.end - token.start <= LONGEST_CODE,
        Shape::Lower | Shape::Capital | Shape::Mixed => false,
    }
}

/// True if an identifier, or the sign in front of one, is next.
fn stands_before_number(text: &str, tokens: &[Token], at: usize) -> bool {
    for (nth, token) in tokens.iter().skip(at).take(REACH).enumerate() {
        match token.shape {
            Shape::Digits | Shape::Code => return true,
            Shape::Mark => match token.slice(text) {
                "#" | "=" if nth == 0 => return true,
                ":" | "#" | "=" | "." | "-" | "/" | "(" | "°" | "º" => {}
                _ => return false,
            },
            Shape::Upper if CODES_OF_BANKS.contains(&(token.end - token.start)) => return true,
            Shape::Upper | Shape::Initial if token.end - token.start <= LONGEST_CODE => {}
            Shape::Upper
            | Shape::Initial
            | Shape::Lower
            | Shape::Capital
            | Shape::Mixed
            | Shape::Break => {
                return false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{super::LEXICON, *};

    /// What is left of the marked name.
    fn left(marked: &str) -> Option<String> {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let text = marked.replace(['[', ']'], "");
        let mut analysis = Analysis::default();
        analysis.read(&text, &LEXICON);
        let tokens = &analysis.tokens;
        let inside = |token: &&Token| start <= token.start && token.end <= end;
        let first = tokens.iter().position(|token| start <= token.start).unwrap();
        let count = tokens.iter().filter(inside).count();
        let name = without(&text, &analysis, first..first + count)?;
        Some(text[tokens[name.start].start..tokens[name.end - 1].end].to_owned())
    }

    #[test]
    fn a_label_is_no_name_before_its_number() {
        for text in [
            "[Pt ID] 88204",
            "[PAN] 3736",
            "[BIC]: BELADEBE",
            "[NHS No]: 767 203",
            "das [Kennzeichen] HH-KV 4418",
            "[Carta d'identità] CA44188KT",
            "[MEMBER lD] ZGP 918",
            "[NRIC] of the tenant",
            "[Kenteken K-418-XZ] staat",
            "das Auto mit [dem Kennzeichen HH-KV] 4418",
            "[ID 20418]",
        ] {
            assert_eq!(left(text), None, "{text}");
        }
    }

    #[test]
    fn a_label_is_cut_from_the_name_before_it() {
        assert_eq!(left("[Ludovica Sforzini IBAN] IT81").as_deref(), Some("Ludovica Sforzini"));
        assert_eq!(left("[Tyne Quay, VIN] WBA4").as_deref(), Some("Tyne Quay"));
    }

    #[test]
    fn names_that_are_labels_elsewhere_stay() {
        for (text, name) in [
            ("the [NHS] is short of nurses", "NHS"),
            ("[ETH] Zurich", "ETH"),
            ("[Visa] and its rivals", "Visa"),
            ("[Anna Card] 4", "Anna Card"),
            ("[Anna Miller] 4", "Anna Miller"),
            ("[Quay Road No. 4]", "Quay Road No. 4"),
            ("[No. 10 Downing Street]", "No. 10 Downing Street"),
        ] {
            assert_eq!(left(text).as_deref(), Some(name), "{text}");
        }
    }
}
