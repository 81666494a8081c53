//! JSON Web Tokens.

use super::tokens::Token;

/// `{"typ": "TCV2"}`.
const TEAMCITY: &str = "eyJ0eXAiOiAiVENWMiJ9";

/// A token at `start`, of which the first part is a JSON object in Base64url: three parts, or five of one that is encrypted.
/// Whatever its length: it is a part of one word, which is read once.
pub(super) fn find(text: &str, start: usize) -> Option<Token> {
    let rest = text.get(start..)?;
    if !rest.starts_with("eyJ") {
        return None;
    }
    let (header, rest) = part(rest)?;
    let (claims, rest) = part(rest)?;
    let signature = run(rest);
    // TeamCity writes its own tokens in the same three parts, which have a form of theirs.
    if header == TEAMCITY && (claims.len(), signature) == (36, 48) {
        return None;
    }
    let three = header.len() + 1 + claims.len() + 1 + signature;
    let sealed = sealed(rest.get(signature..)?);
    // The second part of an encrypted one, its key, may be empty.
    let is_whole = claims.starts_with("ey") && claims.len() >= 8
        || header.len() >= 17 && signature >= 16 && (claims.len() >= 17 || sealed.is_some());
    let end = start + three + sealed.unwrap_or_default();
    (is_whole && header.len() >= 11).then_some(Token { kind: "jwt", start, end, score: 0.95 })
}

/// The length of the fourth and fifth part: the text, and the tag of 16 bytes or more.
fn sealed(rest: &str) -> Option<usize> {
    let (text, tag) = part(rest.strip_prefix('.')?)?;
    let tag = run(tag);
    (!text.is_empty() && tag >= 16).then_some(text.len() + tag + 2)
}

fn part(text: &str) -> Option<(&str, &str)> {
    let len = run(text);
    let rest = text.get(len..)?.strip_prefix('.')?;
    Some((text.get(..len)?, rest))
}

fn run(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count()
}
