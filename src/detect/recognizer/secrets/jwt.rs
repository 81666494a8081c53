//! JSON Web Tokens.

use super::tokens::Token;
use crate::detect::seen::prefix;

/// The longest token.
const MOST: usize = 8192;

/// `{"typ": "TCV2"}`.
const TEAMCITY: &str = "eyJ0eXAiOiAiVENWMiJ9";

/// A token of three parts at `start`, of which the first is a JSON object in Base64url.
pub(super) fn find(text: &str, start: usize) -> Option<Token> {
    let rest = prefix(text.get(start..)?, MOST);
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
    let is_signed =
        claims.starts_with("ey") || header.len() >= 17 && claims.len() >= 17 && signature >= 16;
    let end = start + header.len() + 1 + claims.len() + 1 + signature;
    (is_signed && header.len() >= 11 && claims.len() >= 8).then_some(Token {
        kind: "jwt",
        start,
        end,
        score: 0.95,
    })
}

fn part(text: &str) -> Option<(&str, &str)> {
    let len = run(text);
    let rest = text.get(len..)?.strip_prefix('.')?;
    Some((text.get(..len)?, rest))
}

fn run(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count()
}
