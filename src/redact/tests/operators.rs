//! What each operator makes of a value.

use super::*;

fn apply(operator: Operator, name: &str, value: &str) -> (String, Mapping) {
    redact_with(&format!("«{name}:{value}»"), &Operators::new().with(entity(name), operator))
}

fn mask(value: &str, keep_first: usize, keep_last: usize) -> String {
    apply(Operator::Mask { character: '*', keep_first, keep_last }, "A", value).0
}

#[test]
fn mask_covers_letters_and_digits_and_at_least_half() {
    assert_eq!(mask("4111-1111-1111-1234", 0, 4), "****-****-****-1234");
    assert_eq!(mask("ann@example.org", 1, 0), "a**@*******.***");
    assert_eq!(mask("abcd", 9, 9), "**cd");
    assert_eq!(mask("a", 1, 1), "*");
    assert_eq!(mask("Zoë", 0, 1), "**ë");
}

#[test]
fn one_way_operators_leave_nothing_to_restore() {
    for operator in [
        Operator::Hash,
        Operator::Remove,
        Operator::Mask { character: 'x', keep_first: 0, keep_last: 0 },
    ] {
        let (_, mapping) = apply(operator, "PERSON", "Bo Smith");
        assert!(mapping.is_empty());
    }
}

#[test]
fn hashes_are_stable_and_differ_by_value_type_and_key() {
    let (first, _) = apply(Operator::Hash, "EMAIL_ADDRESS", "a@b.example");
    assert_eq!(first.len(), "[EMAIL:]".len() + 16);
    assert_eq!(first, apply(Operator::Hash, "EMAIL_ADDRESS", "a@b.example").0);
    assert_ne!(first, apply(Operator::Hash, "EMAIL_ADDRESS", "b@b.example").0);
    assert_ne!(first[7..], apply(Operator::Hash, "URL", "a@b.example").0[5..]);
    let (text, findings) = marked("«EMAIL_ADDRESS:a@b.example»");
    let operators = Operators::new().with(entity("EMAIL_ADDRESS"), Operator::Hash);
    let other =
        redact_text(&text, &findings, &operators, &Keys::derive(b"other"), &mut Mapping::new());
    assert_ne!(first, other.0);
}

#[test]
fn encrypted_tokens_open_with_the_key_alone_and_restore() {
    for value in ["a@b.example", "x", "Zoë \"q\"\n", &"long ".repeat(99)] {
        let (token, mapping) = apply(Operator::Encrypt, "EMAIL_ADDRESS", value);
        assert!(token.starts_with("[EMAIL:v1."), "{token}");
        assert_eq!(token, apply(Operator::Encrypt, "EMAIL_ADDRESS", value).0);
        assert_eq!(decrypt(&token, &keys()).expect("opens").expose(), value);
        assert_eq!(decrypt(&token[1..token.len() - 1], &keys()).expect("opens").expose(), value);
        assert_eq!(mapping.restorer().restore(&token, Context::Prose), value);
        assert!(decrypt(&token, &Keys::derive(b"other")).is_none());
    }
}

#[test]
fn a_token_that_an_earlier_version_made_opens() {
    let token = "[EMAIL:v1.E-t2Y-uMX0NLCjeknsiEXnAk-yejx526G4KeKU7Mrt6I4ePvcujYDcSN0r6lpclZ9ZTIUixDIuJy1DDv]";
    let value = "jürgen?>~@b.example";
    assert_eq!(token, apply(Operator::Encrypt, "EMAIL_ADDRESS", value).0);
    assert_eq!(decrypt(token, &keys()).expect("opens").expose(), value);
}

#[test]
fn damaged_tokens_do_not_open() {
    let (token, _) = apply(Operator::Encrypt, "EMAIL_ADDRESS", "a@b.example");
    for at in 10..token.len() - 1 {
        let mut damaged = token.clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(damaged).expect("ASCII");
        // The last character has bits that mean nothing; all others count.
        assert!(at == token.len() - 2 || decrypt(&damaged, &keys()).is_none());
    }
    for token in ["", "[]", "[EMAIL:v1.]", "[EMAIL:v1.A]", "EMAIL:v2.AAAA", "[EMAIL:v1.é]", "plain"]
    {
        assert!(decrypt(token, &keys()).is_none());
    }
}

#[test]
fn an_encrypted_token_that_the_input_already_holds_is_not_used() {
    let (token, _) = apply(Operator::Encrypt, "EMAIL_ADDRESS", "a@b.example");
    let operators = Operators::new().with(entity("EMAIL_ADDRESS"), Operator::Encrypt);
    let (redacted, mapping) =
        redact_with(&format!("{token} «EMAIL_ADDRESS:a@b.example»"), &operators);
    assert_eq!(redacted, format!("{token} [EMAIL_1]"));
    assert_eq!(
        mapping.restorer().restore(&redacted, Context::Prose),
        format!("{token} a@b.example")
    );
}

#[track_caller]
fn surrogate(name: &str, value: &str) -> String {
    let (made, mapping) = apply(Operator::Surrogate, name, value);
    assert_eq!(made, apply(Operator::Surrogate, name, value).0, "always the same");
    assert_ne!(made, value);
    let sentence = format!("So {made}, ({made}) and {made}'s.");
    let restored = format!("So {value}, ({value}) and {value}'s.");
    assert_eq!(mapping.restorer().restore(&sentence, Context::Prose), restored);
    made
}

fn form(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

#[test]
fn surrogates_come_from_ranges_that_belong_to_nobody() {
    assert!(surrogate("EMAIL_ADDRESS", "ann@firm.example").contains("@example."));
    let phone = surrogate("PHONE_NUMBER", "+1 (202) 555-0143");
    assert_eq!(form(&phone), "+0 (000) 000-0000");
    assert!(phone.contains("555-01") && phone.starts_with("+1 "), "{phone}");
    let ssn = surrogate("US_SSN", "123-45-6789");
    assert!(ssn.starts_with('9') && &ssn[4..6] == "00", "{ssn}");
    let ip = surrogate("IP_ADDRESS", "10.1.2.3");
    assert!(
        ["192.0.2.", "198.51.100.", "203.0.113."].iter().any(|net| ip.starts_with(net)),
        "{ip}"
    );
    assert!(surrogate("IP_ADDRESS", "fe80::1").parse::<std::net::Ipv6Addr>().is_ok());
    assert!(surrogate("URL", "https://firm.example/x").starts_with("https://example.org/"));
    assert_eq!(surrogate("PERSON", "Bo Smith").split(' ').count(), 2);
    assert_eq!(form(&surrogate("DATE_TIME", "1987-12-24")), "0000-00-00");
    for name in ["ORGANIZATION", "LOCATION", "STREET_ADDRESS", "USERNAME"] {
        surrogate(name, "Something");
    }
}

fn luhn(number: &str) -> bool {
    let digits = number.chars().filter_map(|c| c.to_digit(10)).rev().enumerate();
    digits.map(|(at, d)| if at % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { d }).sum::<u32>() % 10
        == 0
}

#[test]
fn check_digits_stay_right() {
    let card = surrogate("CREDIT_CARD", "4111 1111 1111 1111");
    assert!(card.starts_with("4000 00") && luhn(&card), "{card}");
    assert!(luhn(&surrogate("IMEI", "490154203237518")));
    let iban = surrogate("IBAN_CODE", "GB82 WEST 1234 5698 7654 32");
    let plain: String = iban.chars().filter(|c| *c != ' ').collect();
    let number: Vec<u32> =
        plain[4..].chars().chain(plain[..4].chars()).filter_map(|c| c.to_digit(36)).collect();
    let rest = number
        .iter()
        .fold(0, |rest, d| if *d < 10 { (rest * 10 + d) % 97 } else { (rest * 100 + d) % 97 });
    assert_eq!(rest, 1, "{iban}");
}

#[test]
fn short_values_get_placeholders_since_their_surrogates_would_be_found_by_chance() {
    assert_eq!(apply(Operator::Surrogate, "CREDIT_CARD_CVV", "123").0, "[CVV_1]");
}

#[test]
fn surrogates_that_the_input_holds_are_not_used() {
    let operators = Operators::new().with(entity("PERSON"), Operator::Surrogate);
    let (made, _) = redact_with("«PERSON:Bo Smith»", &operators);
    let input = format!("{made} met «PERSON:Bo Smith»");
    let (redacted, mapping) = redact_with(&input, &operators);
    assert_eq!(redacted.matches(&made).count(), 1);
    assert_eq!(mapping.restorer().restore(&redacted, Context::Prose), marked(&input).0);
}

#[test]
fn surrogates_that_any_text_of_the_request_holds_are_not_used() {
    let operators = Operators::new()
        .with(entity("PERSON"), Operator::Surrogate)
        .with(entity("URL"), Operator::Remove);
    let (made, _) = redact_with("«PERSON:Bo Smith»", &operators);
    let (first, rest) = made.split_at(1);
    // In a text in which nothing is found; and one that comes up only when what stands in it is removed.
    for other in [made.clone(), format!("{first}«URL:a.example»{rest}")] {
        let mut mapping = Mapping::new();
        let texts = redact_all(&[&other, "«PERSON:Bo Smith»"], &operators, &mut mapping);
        assert_eq!(texts[0], made);
        assert_ne!(texts[1], made, "beside {other}");
        assert_eq!(mapping.restorer().restore(&texts[0], Context::Prose), made);
    }
}

#[test]
fn a_thousand_surrogates_are_distinct() {
    let operators = Operators::new().with(entity("PERSON"), Operator::Surrogate);
    let input: String = (0..1000).map(|n| format!("«PERSON:Name{n} Surname{n}», ")).collect();
    let (redacted, mapping) = redact_with(&input, &operators);
    assert_eq!(mapping.len(), 1000);
    assert_eq!(mapping.restorer().restore(&redacted, Context::Prose), marked(&input).0);
}

#[test]
fn keep_leaves_the_value_and_enters_no_mapping() {
    let (kept, mapping) = apply(Operator::Keep, "PERSON", "Bo");
    assert_eq!(kept, "Bo");
    assert!(mapping.is_empty());
}

#[test]
fn nothing_private_is_in_debug_output() {
    let (_, mapping) = redact("«PERSON:Bo Smith»");
    let shown = format!("{mapping:?} {:?} {:?}", mapping.restorer(), keys());
    assert_eq!(shown, "Mapping(1 stand-ins) Restorer(1 stand-ins) Keys(…)");
}
