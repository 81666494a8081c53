//! Which look-alikes are stand-ins after all, since a signed text says so.
//!
//! A text that the provider has signed was written behind this guard: what looks like a stand-in in it is one that was
//! handed out, or a look-alike that stood in what the model read. Someone who reads it may write such a stand-in later on
//! (`What is [EMAIL_1]?`). Were that reserved, the value would get another number than it had, and the signed text would
//! mean something else. So what comes later reserves nothing that a signed text holds; what was there before does.

use crate::{
    json::{Kind, Step, walk},
    redact::{restore, shape},
};
use std::collections::{HashMap, HashSet};

/// The marks that later texts of `body` do not reserve. `signed` are texts and where they stand in it.
pub(super) fn vouched(body: &[u8], signed: &[(usize, String)], max_depth: usize) -> HashSet<u64> {
    let mut since: HashMap<u64, usize> = HashMap::new();
    for (at, text) in signed {
        marks(text, &mut |mark| _ = since.entry(mark).or_insert(*at));
    }
    let mut vouched: HashSet<u64> = since.keys().copied().collect();
    if vouched.is_empty() {
        return vouched;
    }
    let places: HashSet<usize> = signed.iter().map(|(at, _)| *at).collect();
    let mut list: Option<String> = None;
    let walked = walk(body, max_depth, &mut |path, token| {
        let at = token.range().start;
        if token.kind() != Kind::String && token.kind() != Kind::Key {
            return;
        }
        if places.contains(&at) {
            list = list.take().or_else(|| list_of(path).map(str::to_owned));
            return;
        }
        let goes_on = list.is_some() && list_of(path) == list.as_deref();
        marks(&token.decode(), &mut |mark| {
            let is_later = goes_on && since.get(&mark).is_some_and(|since| *since < at);
            if !is_later {
                vouched.remove(&mark);
            }
        });
    });
    debug_assert!(walked.is_ok(), "it was read before");
    vouched
}

fn marks(text: &str, report: &mut dyn FnMut(u64)) {
    shape::look_alikes(text, report);
    for reading in restore::readings(text) {
        shape::look_alikes(&reading, report);
    }
}

/// The list at the root that a place is in: what comes after it in the body (instructions, tools) came before the answer.
fn list_of<'p>(path: &'p [Step<'_>]) -> Option<&'p str> {
    match path {
        [Step::Key(name), Step::Index(_), ..] => Some(name),
        _ => None,
    }
}
