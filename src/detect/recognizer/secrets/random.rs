//! Tells what was drawn by lot from what somebody named.
//!
//! Words have pairs of letters that are often seen together, and names in code are made of words; digits stand at their ends.
//! Keys have none of that. So the measure is how surprising the neighbours are, in bits: names have 3 to 5, keys above 5.

/// How surprising the second letter is behind the first, in half bits, as digits of base 36; by the first letter.
///
/// Counted over English text and program code of this project.
#[rustfmt::skip]
const PAIRS: [&[u8; 26]; 26] = [
    b"hc89kebg9lc785k9l776bddfai", b"6fgi4jjh9dn8lj5kn8cf7mmo6q", b"6mcj6ip5ar89kk4hn9e7aktmbl",
    b"6gia3idh6iicef7dj97haghr9n", b"8f97acehenh8a6fcc567hcc9ck", b"6mjl99gq5mnad64nx6d9axlrio",
    b"7jjg4id76pmbg88fp78c7mjwel", b"5hlj2nnn7mmihg6mqcfabljoes", b"bf899b9mgle8a48dla66jboemc",
    b"6lhf5kmmalchgg5fjh4l5jilli", b"8iki2ghd5jhci9aird7gclepen", b"6ih948jj6nf6gi7fqia89gisan",
    b"49hk3kln7umfbg77qdbe8nlnan", b"8h956d6h9kcfib7fog86bedpdj", b"edc9e8cjdla885aap5a97c9ggl",
    b"5lgh5lmb8nj6jk69n7a87lnoeo", b"cghkiqkqfqqejqqghfkg0dkjqq", b"7gc94icj7mceba6go988aciral",
    b"9iaf4lk88oceff8akj849kcrel", b"7lcg5hl47pnfhj6fz78abndnal", b"b9bc7gbhcng786g8o665kkmjgk",
    b"5lkk1lkn6vninianrhimijkpho", b"5kmj5op55slgo86lq7bkinjmhs", b"8iai8ekfatkjhie6nmg1fpjedp",
    b"8dce6gilbihbc865ud65fjfqgd", b"6fhh1kgd7lgegfaikhgfclemba",
];
/// Longer texts are judged by their beginning.
const READ: usize = 128;

/// True when `text` looks drawn by lot: at least eight characters, letters and digits.
pub(super) fn is_random(text: &str) -> bool {
    let bytes = text.as_bytes().get(..READ).unwrap_or(text.as_bytes());
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if bytes.len() < 8 || distinct(bytes) < (bytes.len() / 2).clamp(5, 8) {
        return false;
    }
    if bytes.iter().all(u8::is_ascii_hexdigit) {
        return bytes.len() >= 16 && digits >= 3 && letters >= 2;
    }
    let least = if bytes.len() < 12 { 5.3 } else { 5.0 };
    match digits {
        0 => letters >= 16 && has_both_cases(bytes) && surprise(bytes) >= 6.5,
        _ => surprise(bytes) >= least && letters >= 2 && !is_word_with_number(bytes, digits),
    }
}

/// Letters, small and capital, that no name has one after another: `dvrQPxkroxaQziDW`. Of names in code one in fifty has them, of
/// letters drawn by lot all but one in fifty; so this is for where a name hardly stands.
pub(super) fn has_letters_by_lot(text: &str) -> bool {
    let bytes = text.as_bytes().get(..READ).unwrap_or(text.as_bytes());
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    letters >= 14 && has_both_cases(bytes) && surprise(bytes) >= 5.5
}

/// The mean over all neighbours, in bits.
pub(super) fn surprise(bytes: &[u8]) -> f32 {
    let bits: f32 = bytes.windows(2).map(|pair| bits(pair[0], pair[1])).sum();
    #[expect(clippy::cast_precision_loss, reason = "at most READ")]
    let pairs = bytes.len().saturating_sub(1).max(1) as f32;
    bits / pairs
}

fn bits(first: u8, second: u8) -> f32 {
    let letters = (first.is_ascii_alphabetic(), second.is_ascii_alphabetic());
    let digits = (first.is_ascii_digit(), second.is_ascii_digit());
    match (letters, digits) {
        ((true, true), _) => {
            let row = PAIRS[usize::from(first.to_ascii_lowercase() - b'a')];
            let halves = row[usize::from(second.to_ascii_lowercase() - b'a')];
            let halves = (halves as char).to_digit(36).unwrap_or_default();
            // A new word in camel case.
            let turn =
                if first.is_ascii_lowercase() && second.is_ascii_uppercase() { 3.0 } else { 0.0 };
            f32::from(u8::try_from(halves).unwrap_or_default()) / 2.0 + turn
        }
        (_, (true, true)) => 3.3,
        ((true, _), (_, true)) | ((_, true), (true, _)) => 5.5,
        _ if b"-_. /".contains(&first) || b"-_. /".contains(&second) => 2.5,
        _ => 5.0,
    }
}

/// `checkout2024`, `v2_final`: all digits together at one end or between two marks.
fn is_word_with_number(bytes: &[u8], digits: usize) -> bool {
    let switches =
        bytes.windows(2).filter(|p| p[0].is_ascii_digit() != p[1].is_ascii_digit()).count();
    let word: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_alphabetic).collect();
    switches <= 2 && (digits <= 4 || word.len() < 6) && surprise(&word) < 6.0
}

fn has_both_cases(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_lowercase) && bytes.iter().any(u8::is_ascii_uppercase)
}

/// One character makes half of it.
fn is_mostly_one(text: &str) -> bool {
    let count = |b: u8| text.bytes().filter(|other| *other == b).count();
    text.len() >= 16 && text.bytes().take(4).any(|b| count(b) * 2 >= text.len())
}

/// How many different bytes there are.
fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for b in bytes {
        seen[usize::from(*b)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}

/// A sample rather than a secret: `xxxx…`, `…EXAMPLE`, one character again and again.
pub(super) fn is_filler(text: &str) -> bool {
    is_repetition(text) || says_sample(text)
}

/// Calls itself a sample.
pub(super) fn says_sample(text: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "example", "placeholder", "redacted", "changeme", "change_me", "change-me", "dummy", "your-", "your_", "yourkey",
        "yourtoken", "insert_", "replace",
    ];
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// `xxxx…`, or one character again and again.
pub(super) fn is_repetition(text: &str) -> bool {
    let tail = text.as_bytes().get(text.len().saturating_sub(16)..).unwrap_or_default();
    let few = distinct(tail) <= if tail.len() < 12 { 2 } else { 3 };
    is_blank(text) || few || is_mostly_one(text)
}

/// Filled with what is usual for samples: `xxxx…`, `0000…`, `123123…`.
pub(super) fn is_blank(text: &str) -> bool {
    let tail = text.as_bytes().get(text.len().saturating_sub(16)..).unwrap_or_default();
    let counted = distinct(tail) <= 3 && tail.iter().all(u8::is_ascii_digit);
    let usual = text.bytes().all(|b| b"xX0*.-_#".contains(&b));
    usual || counted || text.to_ascii_lowercase().contains("xxxxx")
}

/// Letters or digits in their order, `abcdefgh`, `12345678`, `0123456789abcdef`, make at least half of it.
pub(super) fn is_sequence(text: &str) -> bool {
    let bytes = text.as_bytes().get(..READ).unwrap_or(text.as_bytes());
    bytes.len() >= 8 && runs(bytes).max().unwrap_or_default() * 2 >= bytes.len()
}

/// The same of several such runs of four or more.
pub(super) fn is_made_of_sequences(text: &str) -> bool {
    let bytes = text.as_bytes().get(..READ).unwrap_or(text.as_bytes());
    runs(bytes).filter(|len| *len >= 4).sum::<usize>() * 2 >= bytes.len()
}

/// The lengths of the runs that stand in their order.
fn runs(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let follows = |a: u8, b: u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        a.is_ascii_alphanumeric() && b == a + 1 || matches!((a, b), (b'9', b'0' | b'a'))
    };
    bytes.chunk_by(move |a, b| follows(*a, *b)).map(<[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_names() {
        for key in [
            "aB3dE5gH7jK9mN1pQ2sT",
            "q4c1a2oPdx",
            "e3b0c44298fc1c149afbf4c8996fb924",
            "x7Kq-p9Zv_w2Rt",
            "jw8s0F49sK3b",
        ] {
            assert!(is_random(key), "{key}");
        }
        for name in [
            "getSecretValueCommand",
            "accessibility_options_2",
            "checkout2024",
            "test-user-token-1",
            "HTTP2_SETTINGS_MAX_FRAME",
            "my_database_password",
            "org.example.service.v1",
            "2024-05-01",
            "some-service-account",
            "utf8_validation_3",
        ] {
            assert!(!is_random(name), "{name}");
        }
    }

    #[test]
    fn letters_by_lot_are_told_from_names() {
        for letters in ["glpat-dvrQPxkroxaQziDWbytZ", "rzp_live_WZDhmZwAOaHzJc"] {
            assert!(has_letters_by_lot(letters), "{letters}");
        }
        for name in
            ["hvs.getRequiredPropertyNames", "glpat-your-own-token", "sk_live_TheSecretKeyOfYours"]
        {
            assert!(!has_letters_by_lot(name), "{name}");
        }
    }

    #[test]
    fn samples_are_no_secrets() {
        for sample in
            ["xxxxxxxxxxxxxxxx", "IOSFODNN7EXAMPLE", "0000000000000000", "aaaaaaaaaaaaaaaaaaaa"]
        {
            assert!(is_filler(sample), "{sample}");
        }
        assert!(!is_filler("aB3dE5gH7jK9mN1pQ2sT"));
    }

    #[test]
    fn sequences_are_told_from_chance() {
        for sequence in ["abcdefghijklmnop", "1234567890abcdef", "ABCDEFGH12345678", "0123456789"] {
            assert!(is_sequence(sequence), "{sequence}");
        }
        for text in ["aB3dE5gH7jK9mN1pQ2sT", "abcd7391kqzw", "abc"] {
            assert!(!is_sequence(text), "{text}");
        }
        assert!(is_made_of_sequences("aBcDeFgH1234ijklmnop"));
        assert!(!is_made_of_sequences("abcd7391kqzw"));
    }
}
