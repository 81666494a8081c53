//! Vehicle registrations. Plates look like any product code, so all need a word near them.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix},
};

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "plate", "plates", "license plate", "licence plate", "number plate", "plate number", "registration plate",
    "vehicle registration", "reg", "registration", "kennzeichen", "nummernschild", "autokennzeichen", "matrícula",
    "matricula", "placa", "placas", "patente", "targa", "immatriculation", "plaque", "kenteken", "nummerplaat",
    "rejestracyjny", "rejestracja", "registreringsnummer", "regnr", "rekisterinumero", "plaka", "plakalı", "vrm",
    "vrn", "车牌", "车牌号", "номер машины", "госномер",
];

pub(super) static PLATE: Recognizer = Recognizer {
    name: "license_plate",
    description: "vehicle registrations named as such, and those of the main countries' forms near such a word",
    patterns: &[
        Pattern::new(
            EntityType::LICENSE_PLATE,
            0.8,
            r"(?i-u:\b(?:(?:licen[sc]e|number|registration|vehicle|car|reg)[ _-]?plates?|plates?|plate (?:number|no)|licen[sc]e tag|vehicle (?:registration|reg|no|number)|reg(?:istration)? (?:number|no|mark)|kfz-?kennzeichen|(?:auto|amtliches )?kennzeichen|nummernschild|matr(?:í|i)cula|placas?|patente|targa|(?:plaque d')?immatricul(?:ation|(?:é|e)e?)|kenteken|nummerplaat|numer rejestracyjny|registreringsnummer|regnr|rekisterinumero|plaka))",
        )
        .check(named),
        Pattern::new(EntityType::LICENSE_PLATE, 0.1, r"(?-u:\b)(?:[A-Z]{2}[0-9]{2} [A-Z]{3}|[A-Z]{1,3}-[A-Z]{1,2} [0-9]{1,4}|[A-Z]{2}-[0-9]{3}-[A-Z]{2})(?-u:\b)")
            .check(form)
            .context(0.85, WORDS),
        Pattern::new(EntityType::LICENSE_PLATE, 0.85, r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·-]?[A-Z0-9]{5,6}(?-u:\b)").check(form),
    ],
};

fn form(seen: &Seen<'_>) -> Option<Accepted> {
    seen.stands_alone().then(|| seen.accept())?
}

/// Words that may stand between the word and the plate.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "number", "no", "nr", "num", "is", "was", "of", "ist", "lautet", "es", "est", "è", "jest", "with", "reading",
    "reads", "de", "del", "the", "a", "car", "vehicle", "my", "his", "her", "n", "mark", "tag",
];

/// The value behind the word: upper-case letters and digits in at most four groups.
fn named(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) {
        return None;
    }
    let window = prefix(seen.all.get(seen.end..)?, 64);
    let at = skip_fillers(window)?;
    let len = plate_len(window.get(at..)?)?;
    seen.accept_span(seen.end + at, seen.end + at + len)
}

fn skip_fillers(window: &str) -> Option<usize> {
    let mut at = 0;
    for nth in 0..5 {
        let rest = window.get(at..)?;
        let gap = rest.find(is_word)?;
        let marks = rest.get(..gap)?;
        if (nth == 0 && gap == 0)
            || marks.contains(['\n', '!', ';', '<', '|', '.', '/', '(']) && !marks.contains("°")
        {
            return None;
        }
        at += gap;
        let word = window.get(at..)?;
        let word = word.get(..word.find(|c| !is_word(c)).unwrap_or(word.len()))?;
        if !FILLERS.contains(&word.to_lowercase().as_str())
            || word.bytes().all(|b| b.is_ascii_uppercase()) && word.len() > 1 && nth > 0
        {
            return Some(at);
        }
        at += word.len();
    }
    None
}

/// Groups of upper-case letters and digits, four to ten characters in all, at least one digit.
fn plate_len(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut count = 0;
    for _ in 0..4 {
        let gap = if end == 0 {
            0
        } else {
            text.get(end..)?
                .chars()
                .next()
                .filter(|c| " -·•".contains(*c))
                .map_or(usize::MAX, char::len_utf8)
        };
        let Some(rest) = end.checked_add(gap).and_then(|from| text.get(from..)) else { break };
        let len = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let group = rest.get(..len)?;
        let plain = group.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        // A long word in capitals is the next word of the text.
        if len == 0 || !plain || count + len > 10 {
            break;
        }
        end += gap + len;
        count += len;
    }
    let value = text.get(..end)?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_uppercase).count();
    let ends = !text.get(end..)?.starts_with(is_word);
    ((4..=10).contains(&count) && digits >= 1 && (letters >= 1 || digits >= 5) && ends)
        .then_some(end)
}
