//! Numbers that the text calls something else: `order 541-555-0123`, `541-555-0123 units`.

use crate::detect::seen::{Seen, is_word};

/// Things with numbers, in the singular.
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "article", "artikel", "auftrag", "barcode", "batch", "bestell", "build", "checksum", "colis", "commande", "commit", "ean",
    "encomenda", "facture", "factura", "factuur", "fattura", "fatura", "gtin", "invoice", "isbn", "issn", "job", "lot", "model",
    "offset", "order", "ordine", "pacco", "paket", "paquete", "parcel", "part", "pedido", "po", "price", "product", "produkt",
    "rechnung", "reference", "request", "revision", "row", "sendung", "serial", "session", "shipment", "sku", "ticket",
    "timestamp", "tracking", "transaction", "upc", "version", "vorgang", "zamówieni", "заказ",
];
/// Words between a thing and its number.
#[rustfmt::skip]
const SIGNS: &[&str] = &[
    "code", "id", "no", "nos", "nr", "num", "number", "numer", "numero", "nummer", "número", "numéro", "n", "nº", "ref",
];
/// Ends of compounds that say the same: `Bestellnummer`.
const NUMBERS: &[&str] = &["number", "nummer", "numer", "nr"];
/// What is counted.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "bytes", "cents", "hits", "items", "kb", "kg", "km", "lines", "mb", "ms", "ns", "pcs", "pieces", "pixels", "points", "px",
    "records", "rows", "seconds", "steps", "tokens", "units", "users", "votes",
];
/// Of these, what nothing in front makes a telephone's: `phone screen, 2556-1179 px`.
#[rustfmt::skip]
const MEASURES: &[&str] = &[
    "cm", "dpi", "ghz", "hz", "khz", "mah", "mhz", "mm", "nm", "ohm", "ohms", "pixels", "ppi", "px", "volts", "watts",
];
/// Things that are called so right in front of the number, whatever else is spoken of: `fax machine model 4418-203-7110`.
const MODELS: &[&str] =
    &["dimensions", "model", "part", "resolution", "resistors", "sample", "size", "sku"];
/// Ends of names of variables that count: `tel_count=4418203711`.
#[rustfmt::skip]
const COUNTS: &[&str] = &[
    "bytes", "count", "counter", "hash", "index", "len", "length", "max", "min", "ms", "offset", "seed", "size", "timestamp", "total", "ts",
];
/// Words that say of a number behind them that it is a telephone's, whatever stands beside it. Beginnings count: `cellphone`.
const PHONES: &[&str] =
    &["cell", "fax", "handy", "mobil", "phone", "sms", "telefon", "telephone", "whatsapp"];
/// Those right in front of it do so too.
const CALLS: &[&str] = &["at", "call", "dial", "ring", "tel", "text", "tlf", "tél"];

/// Types of numbers, between the name of a constant and its value: `CQ_RING: u32 = `.
const TYPES: &[&str] = &[
    "c_int", "c_long", "c_uint", "c_ulong", "i128", "i32", "i64", "isize", "u128", "u32", "u64",
    "usize",
];

/// True when the words right in front say what the number is, or a unit stands behind. A `+` or brackets say more, and so does a
/// word for telephones in front: what is dropped here no other word brings back.
pub(super) fn is_called_otherwise(seen: &Seen<'_>) -> bool {
    let line = sentence(seen.left());
    !seen.text().starts_with(['+', '('])
        && (is_count(seen.right(), MEASURES)
            || is_typed(line)
            || is_model(line, tells_call(line))
            || !tells_call(line) && (is_number_of_thing(line) || is_count(seen.right(), UNITS)))
}

/// What stands in front in the same line and sentence.
fn sentence(left: &str) -> &str {
    let line = left.rsplit('\n').next().unwrap_or_default();
    let begins =
        |at: &usize| line.get(at + 2..).is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let last = line.rmatch_indices(". ").map(|(at, _)| at).find(begins);
    last.and_then(|at| line.get(at + 2..)).unwrap_or(line)
}

fn tells_call(line: &str) -> bool {
    let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    words.last().is_some_and(|last| CALLS.contains(&last.as_str()))
        || words.iter().any(|word| PHONES.iter().any(|phone| word.starts_with(phone)))
}

/// `order `, `Order no. `, `Bestellnummer: `, `timestamp=`, `#` included. A mark that ends a sentence or a part of one ends what
/// belongs to the number; a colon alone does so too: `For reference: 541-555-0123`.
fn is_number_of_thing(line: &str) -> bool {
    let (text, is_named) = match line.trim_end().strip_suffix('#') {
        Some(rest) => (rest.trim_end(), true),
        None => (line.trim_end(), false),
    };
    let (text, is_field) = match text.strip_suffix([':', '=']) {
        Some(rest) => (rest.trim_end(), text.ends_with(':')),
        None => (text, false),
    };
    let mut words = text.split(' ').rev().filter(|word| !word.is_empty());
    let Some(last) = words.next().map(str::to_lowercase) else { return false };
    if SIGNS.contains(&last.trim_end_matches('.')) {
        return words.next().is_some_and(|word| is_thing(&word.to_lowercase()));
    }
    is_thing(&last) && (!is_field || is_named || is_compound(&last))
}

/// Whole words: what was ordered or requested may be anything, and `Orders: 800-555-0199` is whom to call.
fn is_thing(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '"', '*']);
    THINGS.contains(&word) || is_compound(word)
}

fn is_compound(word: &str) -> bool {
    let head = NUMBERS.iter().find_map(|number| word.strip_suffix(number));
    head.is_some_and(|head| THINGS.iter().any(|thing| head.starts_with(thing)))
}

/// `model `, `Size: `, `tel_count=`. A part or a size of something else than a telephone.
fn is_model(line: &str, tells_call: bool) -> bool {
    let text = line.trim_end_matches([' ', ':', '=', '"', '\'']);
    let word = text.rsplit(|c| !is_word(c)).next().unwrap_or_default().to_lowercase();
    let is_counter = word.rsplit_once('_').is_some_and(|(_, end)| COUNTS.contains(&end));
    let may_be_phones = matches!(word.as_str(), "part" | "sample" | "size");
    is_counter || MODELS.contains(&word.as_str()) && !(may_be_phones && tells_call)
}

/// `: u32 = `
fn is_typed(line: &str) -> bool {
    let text = line.strip_suffix("= ").unwrap_or_default().trim_end();
    TYPES.iter().any(|kind| text.strip_suffix(kind).is_some_and(|name| name.ends_with(": ")))
}

fn is_count(right: &str, units: &[&str]) -> bool {
    let Some(word) = right.strip_prefix(' ') else { return false };
    let word = word.get(..word.find(|c| !is_word(c)).unwrap_or(word.len())).unwrap_or_default();
    units.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let start = text.find('5').unwrap();
        let end = start + "541-555-0123".len();
        assert_eq!(is_called_otherwise(&Seen { all: text, start, end }), expected, "{text}");
    }

    #[test]
    fn what_the_text_calls_a_number_of_something_is_no_phone() {
        for text in [
            "order 541-555-0123",
            "invoice no. 541-555-0123",
            "Order # 541-555-0123",
            "Bestellnummer: 541-555-0123",
            "timestamp=541-555-0123",
            "about 541-555-0123 units",
            "a phone, 541-555-0123 px wide",
            "phone model 541-555-0123",
            "tel_count=541-555-0123",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn phones_beside_orders_stay() {
        for text in [
            "I asked about my order. 541-555-0123 is my cell",
            "Questions about your invoice? 541-555-0123",
            "Thanks for the parcel - 541-555-0123",
            "For reference: 541-555-0123",
            "The number you requested is 541-555-0123",
            "He ordered. 541-555-0123 is his",
            "My cell phone is 541-555-0123 users say",
            "Phone, job 541-555-0123; home",
            "Orders: 541-555-0123",
            "caller id 541-555-0123",
            "call 541-555-0123 users are waiting",
        ] {
            check(text, false);
        }
    }
}
