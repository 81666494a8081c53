//! Login names in what Unix systems list: files with their owners, processes, accounts.

use super::login::{is_role, name_at};
use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static LISTING: Recognizer = Recognizer {
    name: "listing",
    description: "login names in lists of files, processes and accounts of Unix systems",
    patterns: &[
        // `ls -l`: kind and permissions, links, owner, group.
        Pattern::new(EntityType::USERNAME, 0.7, r"[dl-](?:[r-][w-][xsS-]){2}[r-][w-][xtT-][.+@]? {1,4}[0-9]{1,5} {1,8}[a-z]").check(last_word),
        Pattern::new(
            EntityType::USERNAME,
            0.7,
            r"[dl-](?:[r-][w-][xsS-]){2}[r-][w-][xtT-][.+@]? {1,4}[0-9]{1,5} {1,8}[a-z][a-z0-9._-]{0,31} {1,8}[a-z]",
        )
        .check(last_word),
        // `ps aux`: user, process, shares of time and memory.
        Pattern::new(EntityType::USERNAME, 0.7, r"(?-u:\b)[0-9]{1,7} {1,4}[0-9]{1,3}\.[0-9] {1,4}[0-9]{1,3}\.[0-9] ").check(first_word),
        // `/etc/passwd`
        Pattern::new(EntityType::USERNAME, 0.7, r":[x*!]:[0-9]{4,7}:[0-9]{1,7}:").check(first_word),
        Pattern::new(EntityType::USERNAME, 0.7, r"(?-u:\b)[ug]id=[0-9]{1,6}\([a-z]").check(in_brackets),
    ],
};

/// The name that begins with the last character of the match.
fn last_word(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| !is_role(name))?;
    let ends = seen.all.get(start + name.len()..)?.starts_with(' ');
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

/// The name that is all of its line in front of the match.
fn first_word(seen: &Seen<'_>) -> Option<Accepted> {
    let word = seen.left().rsplit('\n').next()?.trim_end_matches(' ');
    let line = seen.left().rsplit('\n').next()?;
    let start = seen.start - line.len();
    let name = name_at(seen, start).filter(|name| *name == word && !is_role(name))?;
    seen.accept_span(start, start + name.len())
}

/// `uid=1004(jdoe)`
fn in_brackets(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3 && !is_role(name))?;
    let ends = seen.all.get(start + name.len()..)?.starts_with(')');
    ends.then(|| seen.accept_span(start, start + name.len()))?
}
