//! Passwords that everybody knows: of documentation, of examples, of systems as they are delivered.
//!
//! They are made of a few words, with figures at their ends and signs for letters: `admin123`, `P@ssw0rd!`, `$ecret2024`.

/// Longer ones are no longer known to everybody.
const MOST: usize = 32;

/// What they are made of.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "a", "admin", "administrator", "airflow", "app", "application", "bar", "baz", "change", "changed", "db", "default", "demo", "django", "dummy", "elastic",
    "example", "fake", "foo", "foobared", "grafana", "guest", "homestead", "invalid", "is", "it", "key", "keycloak", "laravel", "letmein", "login", "me", "minio", "mongo", "mongodb", "my",
    "mysql", "new", "not", "old", "oracle", "passwd", "passwort", "password", "placeholder", "postgres", "postgresql", "qwerty",
    "rabbit", "real", "redis", "root", "sample", "secret", "secure", "some", "strong", "super", "temp", "test", "testing", "the", "this",
    "token", "user", "username", "wordpress", "wrong", "your",
];

/// True for a password of such words and nothing else.
pub(super) fn is_known(password: &str) -> bool {
    let inner = password.trim_matches(|c: char| !c.is_ascii_alphabetic() && c != '@' && c != '$');
    let inner = inner.trim_end_matches(['@', '$']);
    inner.len() <= MOST && is_made_of_words(&letters(inner))
}

/// The letters that the signs stand for, in lower case.
fn letters(text: &str) -> Vec<u8> {
    let letter = |b: u8| match b {
        b'0' => Some(b'o'),
        b'1' | b'!' => Some(b'i'),
        b'3' => Some(b'e'),
        b'4' | b'@' => Some(b'a'),
        b'5' | b'$' => Some(b's'),
        b'7' => Some(b't'),
        b'_' | b'-' | b'.' | b' ' => None,
        other => Some(other.to_ascii_lowercase()),
    };
    text.bytes().filter_map(letter).collect()
}

/// True when words can be put one after another so that they make up all of `letters`.
fn is_made_of_words(letters: &[u8]) -> bool {
    let mut reached = [false; MOST + 1];
    reached[0] = true;
    for from in 0..letters.len() {
        let rest = letters.get(from..).filter(|_| reached[from]).unwrap_or_default();
        for word in WORDS.iter().filter(|word| rest.starts_with(word.as_bytes())) {
            reached[from + word.len()] = true;
        }
    }
    letters.len() >= 3 && reached[letters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_figures_and_signs_are_known() {
        for known in [
            "admin123",
            "P@ssw0rd!",
            "temp$ecret",
            "changeme",
            "MY_PASSWORD_1",
            "not-a-real-password",
            "root",
            "$ecret",
        ] {
            assert!(is_known(known), "{known}");
        }
    }

    #[test]
    fn what_has_more_in_it_is_not() {
        for chosen in [
            "hunter2!",
            "tr0ub4dor",
            "s3cretPw",
            "passage9",
            "admin-7Kq9",
            "é",
            "",
            "12345678",
            &"a".repeat(40),
        ] {
            assert!(!is_known(chosen), "{chosen}");
        }
    }
}
