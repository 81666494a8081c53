//! PINs and codes that are used once: `my PIN is 4821`, `OTP 448291`, `448291 is your code`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix},
};

const PIN_WORD: &str = r"(?-u:\b)(?:PIN|pin|Pin)(?i-u:[ -]?(?:code|number|no|nummer))?(?-u:\b)";

/// The word alone is one of errors, countries and discounts as well: the sentence must say more.
const CODE: &str = r"(?i-u:\b(?:code|codice|clave|senha))(?-u:\b)|(?i-u:\bc(?:ó|o)digo)(?-u:\b)";

pub(super) static PIN: Recognizer = Recognizer {
    name: "pin",
    description: "PINs, door codes and codes of two-factor authentication, named as such or in the sentences that bring them",
    patterns: &[
        Pattern::new(EntityType::PIN, 0.8, PIN_WORD).check(pin),
        Pattern::new(
            EntityType::PIN,
            0.8,
            r"(?i-u:\b(?:one[- ]time (?:password|passcode|pin|code)|otp(?: code)?|passcode|(?:verification|confirmation|security|authentication|2fa|mfa|two-factor|sms|login|sign-in)[ _-]?(?:code|pin)|access code|unlock code|(?:door|gate|alarm|safe|lock|entry|entrance|building|lock ?box|key ?box|keypad|garage|intercom|house|apartment|elevator|locker|backup|pairing)[ _-]?code|lock ?box|key ?box|(?:garage|door|gate) keypad|puk(?: code)?|(?:tu|su|il tuo|seu) c(?:ó|o)dig?o|il tuo codice|votre code|ihr code|sicherheitscode|best(?:ä|a)tigungscode|verifizierungscode|freischaltcode|einmalpasswort|t(?:ü|u)rcode|code pin|code de (?:v(?:é|e)rification|confirmation|s(?:é|e)curit(?:é|e)|validation)|digicode|c(?:ó|o)digo (?:pin|de (?:verificaci(?:ó|o)n|confirmaci(?:ó|o)n|seguridad|acceso|verifica(?:ç|c)(?:ã|a)o|confirma(?:ç|c)(?:ã|a)o|seguran(?:ç|c)a))|codice (?:pin|di (?:verifica|accesso|conferma|sicurezza))|verificatiecode|bevestigingscode|pincode|kod (?:weryfikacyjny|sms|pin)|verifieringskod|bekreftelseskode))",
        )
        .check(code),
        Pattern::new(EntityType::PIN, 0.8, CODE).check(said_code),
        Pattern::new(EntityType::PIN, 0.8, PIN_WORD).check(second),
        Pattern::new(EntityType::PIN, 0.8, r"(?i-u:\b(?:safe|lock|locker|padlock|vault)(?:'s)? comb(?:ination|o)\b)").check(combination),
        // In small letters these are other words.
        Pattern::new(EntityType::PIN, 0.8, r"(?-u:\b)(?:[im]?TAN|OTP|PUK)(?-u:\b)").check(code),
        Pattern::new(EntityType::PIN, 0.8, r"(?:验证码|驗證碼|認証コード|確認コード|暗証番号|인증번호|код подтверждения|пин-?код)").check(code),
        Pattern::new(EntityType::PIN, 0.8, r"(?-u:\b)[0-9]{3}[ -]?[0-9]{1,5} (?i-u:(?:is|ist|est|es|(?:è|é)) (?:your|ihr|dein|votre|ton|su|tu|il tuo|o seu) )").check(brought),
        Pattern::new(EntityType::PIN, 0.8, r"(?i-u:\b(?:use|enter|type|nutzen sie|verwenden sie|utilisez|saisissez|usa|usar|ingresa) )[0-9]{3}[ -]?[0-9]{1,5} (?i-u:(?:to|as|for|um|zur|als|pour|comme|para|como|per) )").check(used),
    ],
};

/// Digits behind `PIN is`, `PIN:`, `the PIN for the SIM is`.
fn pin(seen: &Seen<'_>) -> Option<Accepted> {
    let gap = Gap::behind(seen)?;
    let owned = is_owned(seen.left());
    // In capitals it needs no tie: `PIN 4821`. Elsewhere it may be one of a plug.
    let named = seen.text() == "PIN" || seen.text().len() > 4 || owned;
    let fits = match gap.tie {
        Tie::Sign | Tie::Verb => {
            gap.is_empty() || gap.tells_use() && (named || is_the(seen.left()))
        }
        Tie::Change => gap.is_empty() && (owned || is_changed(seen.left())),
        Tie::Dash | Tie::None => gap.is_empty() && named,
    };
    fits.then(|| gap.code(seen, false))?
}

/// `change my PIN from 4482 to 7714`: the other one.
fn second(seen: &Seen<'_>) -> Option<Accepted> {
    // Most PINs have no second one, and are read already.
    let near = prefix(seen.all.get(seen.end..)?, 96);
    if !near.contains(" to ") && !near.contains(" or ") {
        return None;
    }
    let first = pin(seen)?;
    let rest = prefix(seen.all.get(first.end..)?, 16);
    let value = rest.strip_prefix(" to ").or_else(|| rest.strip_prefix(" or "))?;
    let len = code_len(value).filter(|&len| ends(value.get(len..).unwrap_or_default()))?;
    seen.accept_span(first.end + 4, first.end + 4 + len)
}

/// A word in front that says whose it is: `my pin 4821`, `voicemail pin 4821`.
fn is_owned(left: &str) -> bool {
    #[rustfmt::skip]
    const OWNERS: &[&str] = &[
        "alarm", "atm", "bank", "card", "debit", "door", "her", "his", "ihre", "mein", "meine", "my", "new", "old", "phone", "sim", "their",
        "voicemail", "your",
    ];
    left.ends_with(' ') && OWNERS.contains(&word_before(left).as_str())
}

/// `please reset the pin to 4821`
fn is_changed(left: &str) -> bool {
    const VERBS: &[&str] = &["change", "changed", "reset", "set", "update", "updated"];
    let lower = left.to_lowercase();
    let mut words = lower.split(' ').rev().filter(|word| !matches!(*word, "" | "the" | "a"));
    words.next().is_some_and(|word| VERBS.contains(&word))
}

fn is_the(left: &str) -> bool {
    matches!(word_before(left).as_str(), "" | "the" | "die" | "el" | "le" | "il" | "de" | "o")
}

fn word_before(left: &str) -> String {
    let word = left.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next();
    word.unwrap_or_default().to_lowercase()
}

fn code(seen: &Seen<'_>) -> Option<Accepted> {
    let gap = Gap::behind(seen)?;
    let fits = match gap.tie {
        Tie::Sign | Tie::Verb => !gap.is_year() || !gap.counts(),
        // `building code 2021`: rules for houses have years.
        Tie::None if gap.is_year() => gap.is_empty() && !is_of_rules(seen.text()),
        Tie::Change | Tie::None => gap.is_empty(),
        Tie::Dash => false,
    };
    let lettered = seen.text().eq_ignore_ascii_case("digicode");
    fits.then(|| gap.code(seen, lettered))?
}

fn is_of_rules(name: &str) -> bool {
    ["house", "building"]
        .iter()
        .any(|word| name.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word)))
}

/// `your Acme code is 4471`, `enter code 448203`, `the code for the alarm: 8802`, `il codice del cancello è 4571`.
fn said_code(seen: &Seen<'_>) -> Option<Accepted> {
    let gap = Gap::behind(seen)?;
    let (english, tied) =
        (seen.text().eq_ignore_ascii_case("code"), matches!(gap.tie, Tie::Sign | Tie::Verb));
    let place = tied && gap.names_place();
    let yours = tied && gap.is_empty() && is_yours(seen.left());
    let given = gap.is_empty() && gap.tie != Tie::Change && is_given(seen);
    // In these languages nothing else is called so in a sentence with a verb.
    let foreign = gap.tie == Tie::Verb
        && !english
        && !gap.is_year()
        && !gap.counts()
        && gap.words.len() <= 24;
    (place || yours || given || foreign).then(|| gap.code(seen, place))?
}

/// `your code`, `your Acme Bank code`: words with capitals may say whose it is, but not what for.
fn is_yours(left: &str) -> bool {
    #[rustfmt::skip]
    const YOURS: &[&str] = &["dein", "deine", "ihr", "seu", "su", "ton", "tu", "tuo", "votre", "your"];
    #[rustfmt::skip]
    const OTHERS: &[&str] = &[
        "activation", "area", "booking", "coupon", "discount", "error", "exit", "gift", "invite", "invitation", "postal", "product", "promo",
        "promotion", "referral", "status", "voucher", "zip",
    ];
    let line = left.rsplit(['\n', '.', '!', '?']).next().unwrap_or_default();
    let mut words = line.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.by_ref().take(3).find_map(|word| {
        let lower = word.to_lowercase();
        let is_brand = word.starts_with(char::is_uppercase) && !OTHERS.contains(&lower.as_str());
        if YOURS.contains(&lower.as_str()) { Some(true) } else { (!is_brand).then_some(false) }
    }) == Some(true)
}

/// `enter code 448203`, `just got the code: 550318`, unless it buys something, tells of an error or is a round number.
fn is_given(seen: &Seen<'_>) -> bool {
    #[rustfmt::skip]
    const VERBS: &[&str] = &["enter", "got", "received", "sent", "texted", "type", "use"];
    #[rustfmt::skip]
    const SHOPS: &[&str] = &["%", "$", "€", "£", "checkout", "coupon", "discount", " off", "order", "promo", "save", "shipping", "shop"];
    const ERRORS: [&str; 5] = ["error", "exception", "failed", "failure", "warning"];
    let line = seen.left().rsplit('\n').next().unwrap_or_default().to_lowercase();
    let mut words =
        line.split(' ').rev().filter(|word| !matches!(*word, "" | "the" | "this" | "me" | "a"));
    let behind = seen.right().split('\n').next().unwrap_or_default().to_lowercase();
    let six = behind.bytes().filter(u8::is_ascii_digit).take(6).count() == 6;
    let number = behind.trim_start_matches(|c: char| !c.is_ascii_digit());
    let is_round = number.get(..digit_run(number)).is_some_and(|run| run.ends_with("000"));
    six && !is_round
        && !ERRORS.iter().any(|word| line.contains(word))
        && words.next().is_some_and(|word| VERBS.contains(&word))
        && !SHOPS.iter().any(|word| behind.contains(word) || line.contains(word))
}

/// `safe combination 22-8-41`
fn combination(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = seen.right();
    let value = rest.trim_start_matches([' ', ':']);
    let value = value.strip_prefix("is ").unwrap_or(value);
    let len = value.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(value.len());
    let mut parts = value.get(..len)?.split('-');
    let fits = parts.clone().count() == 3
        && parts.clone().all(|part| (1..=2).contains(&part.len()))
        // `1-2-3` is an example.
        && parts.any(|part| part.len() == 2);
    let from = seen.end + (rest.len() - value.len());
    (fits && value.len() < rest.len()).then(|| seen.accept_span(from, from + len))?
}

/// How a code is tied to what stands in front of it.
#[derive(Clone, Copy, PartialEq)]
enum Tie {
    /// `:`, `=`, `(`, `→`
    Sign,
    /// `is`, `lautet`
    Verb,
    /// `to`, `from`
    Change,
    /// `-`
    Dash,
    /// A space.
    None,
}

/// What stands between a name and its code.
struct Gap<'t> {
    /// The words, without the one that ties.
    words: &'t str,
    tie: Tie,
    /// The code and what follows.
    rest: &'t str,
    /// Where the code begins in the text.
    start: usize,
}

impl<'t> Gap<'t> {
    fn behind(seen: &Seen<'t>) -> Option<Self> {
        if seen.before().is_some_and(is_word) && seen.text().is_ascii() {
            return None;
        }
        let near = prefix(seen.all.get(seen.end..)?, 64);
        if near.starts_with('?') {
            return Self::answering(seen, near);
        }
        let at = near.find(|c: char| c.is_ascii_digit())?;
        let gap = near.get(..at)?;
        let marks = [' ', ':', '：', '=', '"', '\'', '*', '`', '#', '(', '-', '–', '→', '>', '’'];
        if !gap.chars().all(|c| c.is_alphabetic() || marks.contains(&c)) {
            return None;
        }
        let (words, tie) = tie(gap)?;
        Some(Self {
            words: words.trim_matches(marks),
            tie,
            rest: near.get(at..)?,
            start: seen.end + at,
        })
    }

    /// `door code? it's 4471`, `door code? / 4471 / thanks`: the answer in the same line.
    fn answering(seen: &Seen<'t>, near: &'t str) -> Option<Self> {
        let at = near.find(|c: char| c.is_ascii_digit())?;
        let gap = near.get(1..at)?.trim_matches([' ', '/', '-', '>', ':', '#']).to_lowercase();
        let rest = near.get(at..)?;
        let behind = rest.get(digit_run(rest)..)?.trim_start_matches('#');
        let ends = behind.is_empty()
            || behind.starts_with(['\n', '.', ',', '!'])
            || behind.starts_with(" /");
        let is_answer = ["", "it's", "it’s", "its", "it is", "think it's", "yes", "yeah", "now"]
            .contains(&gap.as_str());
        (ends && is_answer).then(|| Self { words: "", tie: Tie::Sign, rest, start: seen.end + at })
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn list(&self) -> impl Iterator<Item = String> + 't {
        self.words.split([' ', '\'', '’', '-']).filter(|w| !w.is_empty()).map(str::to_lowercase)
    }

    /// `for the SIM`, `I use`: what it is for. Pins of parts have uses, too.
    fn tells_use(&self) -> bool {
        #[rustfmt::skip]
        const FIRST: &[&str] = &[
            "da", "de", "del", "della", "der", "des", "do", "du", "for", "für", "i", "of", "on", "para", "per", "pour", "to", "van", "vom", "von",
            "voor", "we", "zu", "zum", "zur",
        ];
        self.list().next().is_some_and(|first| FIRST.contains(&first.as_str()))
            && !self.list().any(|word| {
                matches!(
                    word.as_str(),
                    "board"
                        | "chip"
                        | "gpio"
                        | "input"
                        | "led"
                        | "output"
                        | "port"
                        | "relay"
                        | "sensor"
                )
            })
    }

    /// Something that a code opens.
    fn names_place(&self) -> bool {
        #[rustfmt::skip]
        const PLACES: &[&str] = &[
            "airbnb", "alarm", "alarma", "alarme", "apartment", "barrier", "basement", "bike", "bin", "building", "cabin", "cancello", "cellar", "cassaforte", "deur", "door", "elevator", "entrée", "flat", "front", "garage",
            "gate", "gym", "laundry", "haustür", "house", "immeuble", "intercom", "keybox", "keypad", "lift", "lobby", "lock", "lockbox", "locker", "padlock", "poort",
            "porta", "portail", "portal", "porte", "portone", "portão", "puerta", "safe", "shed", "tresor", "tür", "voordeur", "wohnung",
        ];
        self.list().any(|word| PLACES.contains(&word.as_str()))
    }

    /// A word behind that no sentence goes on with: the number counts something, `1500 líneas`, or says which one, `2019 edition`.
    fn counts(&self) -> bool {
        #[rustfmt::skip]
        const GOING_ON: &[&str] = &[
            "and", "at", "aus", "but", "by", "con", "da", "das", "de", "der", "die", "do", "e", "en", "et", "for", "für", "grazie", "gracias", "i", "if", "il",
            "in", "is", "ist", "it", "ma", "mais", "mas", "merci", "no", "o", "obrigado", "oder", "on", "or", "ou", "para", "per", "pero", "please", "por", "pour",
            "se", "si", "that", "the", "then", "this", "to", "u", "um", "und", "until", "when", "with", "y", "you", "your", "è", "é",
        ];
        let behind =
            self.rest.get(digit_run(self.rest)..).and_then(|behind| behind.strip_prefix(' '));
        let behind = behind.unwrap_or_default();
        let word = behind.get(..behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len()));
        word.is_some_and(|word| {
            !word.is_empty() && !GOING_ON.contains(&word.to_lowercase().as_str())
        })
    }

    fn is_year(&self) -> bool {
        digit_run(self.rest) == 4
            && self.rest.starts_with(['1', '2'])
            && matches!(self.rest.get(1..2), Some("9" | "0"))
    }

    /// The code, if nothing says that the number is another one; with one capital among the digits where that is usual.
    fn code(&self, seen: &Seen<'_>, lettered: bool) -> Option<Accepted> {
        #[rustfmt::skip]
        const OTHERWISE: &[&str] = &[
            "after", "attempts", "char", "error", "exit", "expire", "expired", "expires", "expiry", "length", "line", "lines", "page", "port", "range", "size",
            "status", "step", "timeout", "ttl", "valid", "version", "year",
        ];
        #[rustfmt::skip]
        const UNITS: &[&str] = &[
            "byte", "bytes", "char", "chars", "characters", "digit", "digits", "hour", "hours", "lines", "milliseconds", "min", "mins", "minute", "minutes",
            "ms", "sec", "secs", "seconds", "times", "tokens", "words", "zeilen",
        ];
        let door = lettered_len(self.rest).filter(|_| lettered);
        let len = door.or_else(|| code_len(self.rest))?;
        let behind = self.rest.get(len..)?;
        let unit = behind.trim_start_matches([' ', '-']);
        let unit = unit.get(..unit.find(|c| !is_word(c)).unwrap_or(unit.len()))?;
        let counted = UNITS.contains(&unit);
        let many = self.list().count() > 6 || self.list().any(|w| OTHERWISE.contains(&w.as_str()));
        (ends(behind) && !counted && !many)
            .then(|| seen.accept_span(self.start, self.start + len))?
    }
}

/// The words of what stands between a name and a code, and how it ends.
fn tie(gap: &str) -> Option<(&str, Tie)> {
    #[rustfmt::skip]
    const VERBS: &[&str] = &[
        "are", "c'est", "er", "era", "es", "est", "is", "ist", "it's", "jest", "lautet", "now", "s", "será", "was", "è", "é", "är", "是", "は",
    ];
    let open = gap.trim_end_matches([' ', '"', '\'', '*', '`', '#']);
    let signs = [":", "：", "=", "->", "=>", "→", "("];
    if let Some(words) = signs.iter().find_map(|sign| open.strip_suffix(sign)) {
        let words = words.trim_end_matches([' ', '"', '\'', ':', '*']);
        return Some((verbless(words, VERBS).unwrap_or(words), Tie::Sign));
    }
    if let Some(words) = open.strip_suffix(['-', '–']) {
        return (gap.ends_with(' ') && words.ends_with(' ')).then_some((words, Tie::Dash));
    }
    if let Some(words) = verbless(open, VERBS) {
        return Some((words, Tie::Verb));
    }
    if let Some(words) = verbless(open, &["from", "to"]) {
        return Some((words, Tie::Change));
    }
    matches!(gap, " " | " #").then_some((open, Tie::None))
}

/// `words` without the last, which is in `list`.
fn verbless<'t>(words: &'t str, list: &[&str]) -> Option<&'t str> {
    let lower = words.to_lowercase();
    list.iter().filter(|verb| lower.ends_with(**verb)).find_map(|verb| {
        let before = words.get(..words.len().checked_sub(verb.len())?)?;
        (!verb.is_ascii() || !before.ends_with(is_word)).then_some(before)
    })
}

/// Nothing goes on behind a code.
fn ends(behind: &str) -> bool {
    let goes_on = behind.starts_with(['.', ',', '/', '-', ':'])
        && behind.get(1..).is_some_and(|b| b.starts_with(is_word));
    !behind.starts_with(is_word) && !goes_on
}

/// `45A71`, as French doors have it.
fn lettered_len(text: &str) -> Option<usize> {
    let len = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (word, letters) =
        (text.get(..len)?, text.get(..len)?.bytes().filter(u8::is_ascii_uppercase).count());
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    (letters == 1 && digits + 1 == len && (4..=6).contains(&len)).then_some(len)
}

/// Four to eight digits, or three and three.
fn code_len(text: &str) -> Option<usize> {
    let len = digit_run(text);
    let behind = text.get(len..)?;
    let second = behind.strip_prefix([' ', '-']).map_or(0, digit_run);
    match (len, second) {
        (3, 3) => Some(7),
        (4..=8, _) => Some(len),
        _ => None,
    }
}

fn digit_run(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// `448291 is your Acme code`
fn brought(seen: &Seen<'_>) -> Option<Accepted> {
    let len = code_len(seen.text()).filter(|_| names_code(seen.right()))?;
    // Some have a letter in front that says who sent them: `G-448291`.
    let left = seen.left().strip_suffix('-').unwrap_or_default();
    let mut letters = left.chars().rev();
    let marked = letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && !letters.next().is_some_and(is_word);
    (marked || seen.is_free_left("-./+$#:"))
        .then(|| seen.accept_span(seen.start, seen.start + len))?
}

/// `Use 448291 to verify your account`
fn used(seen: &Seen<'_>) -> Option<Accepted> {
    let from = seen.text().find(|c: char| c.is_ascii_digit())?;
    let len = code_len(seen.text().get(from..)?).filter(|_| names_code(seen.right()))?;
    seen.accept_span(seen.start + from, seen.start + from + len)
}

/// What follows in the sentence says that it is a code.
fn names_code(right: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "authenticat", "autenti", "bestätig", "code", "codice", "código", "confirm", "inicia", "kod", "log in", "login", "one-time",
        "otp", "passcode", "password", "pin", "sign in", "signing in", "verif", "vérif", "vérifi",
    ];
    let sentence = right.split(['.', '!', ',', '\n']).next().unwrap_or_default().to_lowercase();
    WORDS.iter().any(|word| sentence.contains(word))
}
