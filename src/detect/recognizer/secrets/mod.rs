//! Keys, tokens and passwords.
//!
//! Three ways to know one:
//! 1. **by what its issuer puts into it** ([`issuers`]: prefixes, fixed parts, checksums), or, where that is nothing, by the
//!    issuer's name beside it ([`keyed`]). Both look at long words only ([`tokens`]) and cost nothing where there are none;
//! 2. **by its structure**: key blocks ([`blocks`]), JSON Web Tokens ([`jwt`]), links ([`links`]), commands ([`commands`], [`gear`]),
//!    hashes ([`hashes`]), manifests ([`manifests`]);
//! 3. **by the name of the setting** it is assigned to ([`settings`], [`pairs`]), or the sentence it is told in ([`told`], [`logins`]). Only that needs a judgement of the value itself: source
//!    code is full of `token = next_token()`.
//!
//! All are of the type `SECRET`. Which kind it is tells the finding's recognizer: `secrets/github_token`.

use crate::detect::{Candidate, EntityType, Score, Selection, pattern::Recognizer, seen::prefix};
use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

mod assigned;
mod blocks;
mod check;
mod commands;
mod ends;
mod gear;
mod hashes;
mod issuers;
mod jwt;
mod keyed;
mod known;
mod layout;
mod links;
mod logins;
mod manifests;
mod marks;
mod pairs;
mod phrases;
mod random;
mod settings;
mod tokens;
mod told;
mod value;

#[cfg(test)]
mod tests;

/// Those that are patterns.
pub(super) static ALL: &[&Recognizer] = &[
    &blocks::KEYS,
    &links::CREDENTIALS,
    &links::WEBHOOKS,
    &marks::MARKED,
    &marks::GOOGLE,
    &commands::COMMANDS,
    &gear::GEAR,
    &hashes::HASHES,
    &manifests::MANIFESTS,
    &settings::SETTINGS,
    &told::TOLD,
];

/// What this family finds.
pub(crate) const SECRET: EntityType = EntityType::SECRET;
/// The name of what finds tokens; findings carry it with their kind.
pub(crate) const NAME: &str = "secrets";
/// What it is for.
pub(crate) const DESCRIPTION: &str = "tokens of some 520 kinds, by what their issuers put into them or by the issuer's name; findings tell the kind, as in secrets/github_token";

/// The names that findings carry, by kind.
static NAMES: LazyLock<HashMap<&'static str, String>> =
    LazyLock::new(|| kinds().map(|(_, kind)| (kind, format!("secrets/{kind}"))).collect());

/// All kinds of tokens, with their families.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    let prefixed = issuers::FAMILIES
        .iter()
        .flat_map(|(family, kinds)| kinds.iter().map(move |k| (*family, k.name)));
    prefixed.chain([("jwt", "jwt")]).chain(keyed::KEYED.iter().map(|k| ("keyed", k.name)))
}

/// Appends the tokens in `text`, if `selection` wants secrets.
pub(crate) fn find(text: &str, selection: &Selection, out: &mut Vec<Candidate>) {
    let Some(least) = selection.min_score(&SECRET) else { return };
    tokens::find(text, |token| {
        let score = Score::new(token.score);
        out.extend((score >= least).then(|| Candidate {
            entity_type: SECRET,
            start: token.start,
            end: token.end,
            score,
            recognizer: name(token.kind),
            of_model: false,
        }));
    });
}

/// How far behind a user's name its password may be named, in bytes.
const BESIDE: usize = 96;

/// True when a word for a password, a sign and a password stand behind `at`, no further than settings of one login are apart.
pub(super) fn password_follows(all: &str, at: usize) -> bool {
    const WORDS: [&str; 6] = ["passw", "pwd", "pass", "kennwort", "contrase", "senha"];
    let near = prefix(all.get(at..).unwrap_or_default(), BESIDE).to_ascii_lowercase();
    let Some(from) = WORDS.iter().filter_map(|word| near.find(word)).min() else { return false };
    let word = near.get(from..).unwrap_or_default();
    let len = word.find(|c: char| !c.is_alphabetic() && c != '_').unwrap_or(word.len());
    let end = at + from + len;
    let behind = prefix(all.get(end..).unwrap_or_default(), BESIDE);
    let value = assigned::by_sign(behind).and_then(|sign| value::Value::at(all, end + sign));
    value.is_some_and(|value| {
        value.is_password() && !value::is_sample(value.text) && !known::is_known(value.text)
    })
}

/// True when a password in quotes begins at `at`, or behind the words of a statement of SQL that stand there.
pub(super) fn password_at(all: &str, at: usize) -> bool {
    const STATEMENT: &str = "password '";
    const IDENTIFIED: &str = "by '";
    let near = prefix(all.get(at..).unwrap_or_default(), BESIDE).to_ascii_lowercase();
    let near = near.split([';', '\n']).next().unwrap_or_default();
    let quote = match near.starts_with(['"', '\'']) {
        true => Some(0),
        false => [STATEMENT, IDENTIFIED]
            .iter()
            .find_map(|words| Some(near.find(words)? + words.len() - 1)),
    };
    quote.and_then(|quote| value::Value::at(all, at + quote)).is_some_and(|value| {
        value.is_password() && !value::is_sample(value.text) && !known::is_known(value.text)
    })
}

fn name(kind: &'static str) -> Cow<'static, str> {
    NAMES.get(kind).map_or(Cow::Borrowed(NAME), |name| Cow::Borrowed(name.as_str()))
}
