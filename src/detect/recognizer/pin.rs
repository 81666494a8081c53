//! PINs and codes that are used once: `my PIN is 4821`, `OTP 448291`, `448291 is your code`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix},
};

pub(super) static PIN: Recognizer = Recognizer {
    name: "pin",
    description: "PINs, door codes and codes of two-factor authentication, named as such or in the sentences that bring them",
    patterns: &[
        Pattern::new(EntityType::PIN, 0.8, r"(?-u:\b)(?:PIN|pin|Pin)(?i-u:[ -]?(?:code|number|no|nummer))?(?-u:\b)").check(pin),
        Pattern::new(
            EntityType::PIN,
            0.8,
            r"(?i-u:\b(?:one[- ]time (?:password|passcode|pin|code)|otp(?: code)?|passcode|(?:verification|confirmation|security|authentication|2fa|mfa|two-factor|sms|login|sign-in)[ _-]?(?:code|pin)|access code|unlock code|(?:door|gate|alarm|safe|lock|entry|building)[ _-]?code|puk(?: code)?|(?:tu|su|il tuo|seu) c(?:ó|o)dig?o|il tuo codice|votre code|ihr code|sicherheitscode|best(?:ä|a)tigungscode|verifizierungscode|freischaltcode|einmalpasswort|t(?:ü|u)rcode|code pin|code de (?:v(?:é|e)rification|confirmation|s(?:é|e)curit(?:é|e)|validation)|digicode|c(?:ó|o)digo (?:pin|de (?:verificaci(?:ó|o)n|confirmaci(?:ó|o)n|seguridad|acceso|verifica(?:ç|c)(?:ã|a)o|confirma(?:ç|c)(?:ã|a)o|seguran(?:ç|c)a))|codice (?:pin|di (?:verifica|accesso|conferma|sicurezza))|verificatiecode|bevestigingscode|pincode|kod (?:weryfikacyjny|sms|pin)|verifieringskod|bekreftelseskode))",
        )
        .check(code),
        // In small letters these are other words.
        Pattern::new(EntityType::PIN, 0.8, r"(?-u:\b)(?:[im]?TAN|OTP|PUK)(?-u:\b)").check(code),
        Pattern::new(EntityType::PIN, 0.8, r"(?:验证码|驗證碼|認証コード|確認コード|暗証番号|인증번호|код подтверждения|пин-?код)").check(code),
        Pattern::new(EntityType::PIN, 0.8, r"(?-u:\b)[0-9]{3}[ -]?[0-9]{1,5} (?i-u:(?:is|ist|est|es|(?:è|é)) (?:your|ihr|dein|votre|ton|su|tu|il tuo|o seu) )").check(brought),
        Pattern::new(EntityType::PIN, 0.8, r"(?i-u:\b(?:use|enter|type|nutzen sie|verwenden sie|utilisez|saisissez|usa|usar|ingresa) )[0-9]{3}[ -]?[0-9]{1,5} (?i-u:(?:to|as|for|um|zur|als|pour|comme|para|como|per) )").check(used),
    ],
};

/// Digits behind `PIN is` or `PIN:`.
fn pin(seen: &Seen<'_>) -> Option<Accepted> {
    // In capitals and with four digits or more it needs no tie: `PIN 4821`. Elsewhere it may be one of a plug.
    let named = seen.text() == "PIN" || seen.text().len() > 4 || is_owned(seen.left());
    value(seen, named)
}

/// A word in front that says whose it is: `my pin 4821`, `voicemail pin 4821`.
fn is_owned(left: &str) -> bool {
    #[rustfmt::skip]
    const OWNERS: &[&str] = &[
        "atm", "bank", "card", "debit", "her", "his", "my", "new", "old", "phone", "sim", "their", "voicemail", "your",
    ];
    let word = left.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    left.ends_with(' ') && OWNERS.contains(&word.to_lowercase().as_str())
}

fn code(seen: &Seen<'_>) -> Option<Accepted> {
    value(seen, true)
}

/// The code behind its name: behind a sign or verb, or, if it needs none, a space.
fn value(seen: &Seen<'_>, needs_no_tie: bool) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) && seen.text().is_ascii() {
        return None;
    }
    let rest = prefix(seen.all.get(seen.end..)?, 48);
    let bare = rest.strip_prefix(' ').filter(|r| needs_no_tie && digit_run(r) >= 4);
    let value = bare.or_else(|| tied(rest))?;
    let len = code_len(value)?;
    let from = seen.end + (rest.len() - value.len());
    let behind = value.get(len..)?;
    let goes_on = behind.starts_with(['.', ',', '/', '-', ':'])
        && behind.get(1..).is_some_and(|b| b.starts_with(is_word));
    let apart = !behind.starts_with(is_word) && !goes_on;
    apart.then(|| seen.accept_span(from, from + len))?
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

/// The value behind a sign or a verb.
fn tied(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(['"', '\'']);
    let spaced = rest.trim_start_matches(' ');
    let ties = [
        ":", "：", "=", "is", "was", "ist", "lautet", "est", "es", "to", "è", "é", "jest", "är",
        "er",
    ];
    let behind = ties.iter().find_map(|tie| spaced.strip_prefix(tie))?;
    Some(behind.trim_start_matches([' ', ':', '"', '\'', '#']))
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
        "otp", "passcode", "password", "pin", "sign in", "verif", "vérif", "vérifi",
    ];
    let sentence = right.split(['.', '!', ',', '\n']).next().unwrap_or_default().to_lowercase();
    WORDS.iter().any(|word| sentence.contains(word))
}
