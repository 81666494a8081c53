//! Telephone and fax numbers.
//!
//! One pattern finds runs of digit groups that could be a number; [`number`] then asks each of its beginnings, cut between
//! groups, how much it looks like one, and takes the best. What a form is worth by itself:
//!
//! | form | score |
//! | --- | --- |
//! | `+` and a calling code, valid in that numbering plan | 0.95; of a possible length only 0.6 |
//! | North American 3-3-4 | 0.5 to 0.85, by marks and by what the plan says |
//! | area code in brackets | 0.6 |
//! | trunk `0`, grouped or of a mobile, valid in a large numbering plan | 0.55 |
//! | anything else of 7 to 15 digits | 0.1 |
//!
//! Words such as "phone" raise a weak one to 0.65.

mod form;
mod other;
mod plan;
mod said;

use crate::detect::{
    EntityType,
    groups::Groups,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_latin},
};
use form::Form;

/// Words that introduce a number, in the main languages.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "call at", "call her", "call him", "call me", "call my", "call on", "call the", "call them", "call us",
    "call you", "callback", "calling", "cell", "cellphone", "contact me", "contact no",
    "contact number", "contact us", "desk", "dial", "emergency contact", "fax", "hotline", "hp no", "hp number", "landline",
    "back on", "local number", "mob", "mobile", "msisdn", "my number", "new number", "office", "ph", "phone", "phones", "please call",
    "reach her", "reach him", "reach me", "reach us", "ring me", "ring us", "send sms", "sms to", "switchboard", "tel",
    "telephone", "text me", "text us", "to call", "viber", "wa me", "wechat", "whatsapp",
    "her number", "his number", "their number",
    // German, Dutch
    "anruf", "anrufen", "bel me", "bel mij", "bellen", "bellen op", "bereikbaar op", "durchwahl", "erreichbar", "erreichen",
    "festnetz", "fon", "gsm", "handy", "handynummer", "meine nummer", "neue nummer", "mijn nummer", "nieuwe nummer", "mobiel", "mobil", "mobilnummer", "mobiltelefon",
    "nummer ist", "ruf an", "ruf mich", "rufen", "rufnummer", "rückruf", "telefax", "telefon", "telefonnr", "telefonnummer",
    "telefoon", "telefoonnummer",
    // French
    "appelez", "appeler", "appelle", "joignable", "joindre", "mon num", "mon numéro", "numéro de téléphone", "portable", "rappeler",
    "nouveau numéro", "rappelez", "tél", "téléphone", "téléphoner",
    // Spanish, Portuguese, Italian
    "celular", "cel", "cellulare", "chama no", "chiama", "chiamami", "chiamare", "chiamate", "chiamatemi", "fijo", "fisso", "ligar",
    "ligue", "liga me", "liga no", "liga para", "llama", "llámame", "llamame", "llamar", "llame", "llámenos", "marca", "márcame",
    "marcame", "meu número", "meu numero", "novo número", "novo numero", "nuevo número", "nuevo numero", "nuovo numero", "mi numero", "mi número", "mio numero", "movil", "móvil", "recapito", "telefone",
    "telefono", "telemóvel", "telemovel", "telf", "teléfono", "tfn", "tfno", "zap",
    // Nordic languages, Finnish
    "mit nummer", "mitt nummer", "numeroni", "puh", "puhelin", "puhelinnumero", "ring", "ringa", "ringe", "soita", "soittaa",
    "tlf", "tlfn",
    // Polish, Czech, Hungarian, Romanian, Turkish
    "beni ara", "cep", "dzwonić", "dzwoń", "hívj", "hívjon", "numer telefonu", "nr tel", "sunați", "sună", "telefonszám",
    "telefonu", "telefonum", "volejte", "zadzwoń", "zavolej", "zavolejte",
    // Greek, Russian, Ukrainian
    "дзвоніть", "звони", "звоните", "звонить", "моб", "мобильный", "мой номер", "номер телефона", "позвони", "позвоните",
    "тел", "телефон", "телефону", "κιν", "κινητό", "πάρε με", "τηλ", "τηλέφωνο",
    // Asia
    "hubungi", "no hp", "nomor hp", "sđt", "telepon", "điện thoại", "جوال", "هاتف", "موبايل", "اتصل", "טלפון", "נייד", "โทร",
    "电话", "電話", "手机", "手機", "携帯", "连络", "联系方式", "연락처", "전화", "휴대폰", "핸드폰", "फोन", "फ़ोन", "मोबाइल",
];

/// More groups are a table of numbers.
const MOST_GROUPS: usize = 8;
/// Above it, a form needs no words.
const SURE: f32 = 0.6;

/// Groups of digits with marks between, perhaps behind a `+` or in brackets.
///
/// The run ends with its last digit (or the first letter of an extension), so that longer numbers do not match at all.
const RUN: &str =
    r"(?:[+(][+( ]{0,2}|(?-u:\b))[0-9](?:[ ./()•·-]{0,4}[0-9]){6,17}(?:(?-u:\b)|[xXeE])";

pub(super) static PHONE: Recognizer = Recognizer {
    name: "phone",
    description: "telephone numbers in international, North American and other national forms, by the numbering plans of libphonenumber",
    patterns: &[Pattern::new(EntityType::PHONE_NUMBER, 0.1, RUN)
        .check(number)
        .context(0.65, WORDS)],
};

/// The beginning of the match that looks most like a number by itself, the longest of equals. Where that is not sure, words
/// may confirm the longest that is possible at all.
fn number(seen: &Seen<'_>) -> Option<Accepted> {
    if !begins_well(seen) || other::is_called_otherwise(seen) {
        return None;
    }
    let groups = Groups::of(seen.text());
    let mut best: Option<Accepted> = None;
    let mut longest = None;
    for count in (1..=groups.len().min(MOST_GROUPS)).rev() {
        let Some(form) = Form::of(seen, &groups, count) else { continue };
        let accepted = form.accepted(seen);
        longest = longest.or(Some((accepted.start, accepted.end)));
        if best.is_none_or(|best| accepted.score > best.score) {
            best = Some(accepted);
        }
    }
    best.map(
        |best| if best.score > Some(SURE) { best } else { Accepted { confirmed: longest, ..best } },
    )
}

/// What stands in front of the last `/` of `text` and may be a number.
fn run_before(text: &str) -> &str {
    let text = text.strip_suffix('/').unwrap_or_default();
    let start = text.rfind(|c: char| !is_part(c)).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

/// What may stand in a number behind its first character.
fn is_part(c: char) -> bool {
    c.is_ascii_digit() || "-.()".contains(c)
}

/// Enough digits for a whole number.
fn has_digits(run: &str) -> bool {
    run.bytes().filter(u8::is_ascii_digit).count() >= 7
}

/// A digit and the space behind it end `text`.
fn ends_in_number(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'0'..=b'9', b' '])
}

/// `<td>`, `</b>`, `<a href="…">` end `text`.
fn ends_in_tag(text: &str) -> bool {
    let tag = text.rsplit('<').next().filter(|tag| tag.len() < text.len()).unwrap_or_default();
    tag.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic())
}

/// A number does not begin in the middle of a word, a sum or another number.
fn begins_well(seen: &Seen<'_>) -> bool {
    let bracket = seen.text().starts_with('(');
    let plus = seen.text().starts_with('+');
    let marked = bracket || plus || seen.text().contains('(');
    match seen.before() {
        Some(c) if is_latin(c) => !seen.is_touched_left(),
        // Seconds, and the year and zone behind them: `11:42:09 2013 -0700`.
        Some(':') if is_time(seen) => false,
        // The text of a link is the beginning of a hash: `[4306943](https://…)`.
        Some('[') if is_link(seen) => false,
        // Markdown: `**541-555-0123**`, `\+1 541 555 0123`.
        Some('*') => begins_token(seen, '*'),
        Some('\\') => (bracket || plus) && begins_token(seen, '\\'),
        Some(mark) if SIGNS.contains(mark) => {
            seen.after() == Some(mark) && begins_token(seen, mark)
        }
        Some('(') if !bracket => seen.is_free_left("(-./+,"),
        // `b)+1 541 555 0123`, `1)+1 541 555 0123`, but no sum.
        Some(')') => {
            let inside = seen.left().chars().rev().nth(1);
            plus && (inside.is_some_and(char::is_alphabetic) || is_numbered(seen.left()))
                && seen.text().contains([' ', '-'])
        }
        Some('+') => false,
        // `555-0134/555-0178`
        Some('/') if has_digits(run_before(seen.left())) => true,
        // Links of messengers: `wa.me/15415550123`.
        Some('/') if LINKS.iter().any(|link| seen.left().ends_with(link)) => true,
        // In the middle of a row of numbers only what has marks of its own is a telephone number.
        Some(' ') if ends_in_number(seen.left()) => marked || seen.text().contains('-'),
        // `office-1(516)…`, `021-68812753,021-68808888`.
        Some('-') if marked => true,
        // Behind a tag or an arrow, but not behind a comparison: `<td>541-555-0123</td>`, `->+1 541 555 0123`.
        Some('>') => plus || ends_in_tag(seen.left()),
        Some(',') if marked || seen.text().starts_with('0') || said::is_in_record(seen) => true,
        _ => seen.is_free_left("-./+,<>"),
    }
}

/// Two digits and a colon in front, two digits as the first group: minutes and seconds.
fn is_time(seen: &Seen<'_>) -> bool {
    let group = seen.text().bytes().take_while(u8::is_ascii_digit).count();
    group == 2 && matches!(seen.left().as_bytes(), [.., b'0'..=b'9', b'0'..=b'9', b':'])
}

/// Digits alone in the brackets of a link that does not call them.
fn is_link(seen: &Seen<'_>) -> bool {
    let digits = seen.text().bytes().all(|b| b.is_ascii_digit());
    digits && seen.right().strip_prefix("](").is_some_and(|link| !link.starts_with("tel:"))
}

/// Addresses of messengers that end in a number.
const LINKS: [&str; 2] = ["wa.me/", "t.me/"];

/// `text` ends with the `1)` that begins a point of a list.
fn is_numbered(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or(text).trim_start();
    line.strip_suffix(')').is_some_and(|number| {
        matches!(number.len(), 1 | 2) && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Signs in front of numbers that are no telephone numbers, unless they stand on both sides: a sign of money or number, an operator.
const SIGNS: &str = "#$€£%&^";

/// Nothing is joined to the left of the `mark`s in front.
fn begins_token(seen: &Seen<'_>, mark: char) -> bool {
    let before = seen.left().trim_end_matches(mark).chars().next_back();
    !before.is_some_and(|c| is_latin(c) || c == ')')
}
