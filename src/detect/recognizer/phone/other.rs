//! Numbers that the text calls something else: `order 541-555-0123`, `541-555-0123 units`.

use crate::detect::seen::{Seen, is_word};

/// Things with numbers, in the singular. Also the beginning of such words: `Bestellnummer`.
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
    "code", "id", "is", "no", "nos", "nr", "num", "number", "numer", "numero", "nummer", "número", "numéro", "n", "nº", "ref",
    "was",
];
/// What is counted.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "bytes", "cents", "hits", "items", "kb", "kg", "km", "lines", "mb", "ms", "ns", "pcs", "pieces", "pixels", "points", "px",
    "records", "rows", "seconds", "steps", "tokens", "units", "users", "votes",
];

/// True when the word in front says what the number is, or a unit stands behind. A `+` or brackets say more.
pub(super) fn is_called_otherwise(seen: &Seen<'_>) -> bool {
    let marked = seen.text().starts_with(['+', '(']);
    !marked && (is_number_of_thing(seen.left()) || is_count(seen.right()))
}

fn is_number_of_thing(left: &str) -> bool {
    let line = left.rsplit('\n').next().unwrap_or_default();
    // Other marks end what belongs to the number, but for the dot of `no.`.
    let mut words = line
        .rsplit(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | ',' | ';' | '.' | '|'))
        .filter(|word| !word.is_empty())
        .take(4)
        .map(|word| word.trim_matches('.').to_lowercase());
    let Some(first) = words.next() else { return false };
    let is_id = first == "id";
    let thing = if SIGNS.contains(&first.as_str()) {
        words.find(|word| !SIGNS.contains(&word.as_str()))
    } else {
        Some(first)
    };
    let Some(thing) = thing else { return is_id };
    let thing = thing.trim_start_matches('(');
    // `To place an order: 800-555-0199`
    let is_offer = left.trim_end().ends_with(':')
        && words.next().is_some_and(|word| ["a", "an", "place", "to"].contains(&word.as_str()));
    if is_offer {
        return false;
    }
    (is_id && !is_caller(thing)) || THINGS.iter().any(|name| is_form_of(thing, name))
}

/// `caller id`, `phone id`.
fn is_caller(word: &str) -> bool {
    ["caller", "phone", "contact", "mobile", "whatsapp"].contains(&word)
}

/// Not in the plural: `Orders: 800-555-0199` is whom to call. Short words count whole.
fn is_form_of(word: &str, name: &str) -> bool {
    word.strip_prefix(name).is_some_and(|rest| {
        let compound = name.len() > 4 && rest != "s" && rest.chars().all(char::is_alphabetic);
        rest.is_empty() || compound
    })
}

fn is_count(right: &str) -> bool {
    let Some(word) = right.strip_prefix(' ') else { return false };
    let word = word.get(..word.find(|c| !is_word(c)).unwrap_or(word.len())).unwrap_or_default();
    UNITS.contains(&word)
}
