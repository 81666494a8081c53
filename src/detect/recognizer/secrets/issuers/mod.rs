//! The tokens that their form gives away: issuers put a prefix or another mark into them so that they can be found.
//!
//! To add a kind: a line in the file of its family. Its forms are written as told in [`layout`](super::layout).

use super::{check, layout::Layout};
use std::sync::LazyLock;

mod ai;
mod chat;
mod cloud;
mod code;
mod data;
mod infra;
mod money;
mod observe;
mod saas;

/// What kind of tokens there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// In `snake_case`; findings carry it behind `secrets/`.
    pub(super) name: &'static str,
    forms: &'static [&'static str],
    check: Check,
    /// Applications and pages hold it for all to read, so that it is a secret only where it is called one.
    pub(super) is_published: bool,
}

/// How sure it is that a text of the right form is a token; `None` when it is none.
type Check = fn(&str) -> Option<f32>;

/// A form of a kind, ready to match.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) kind: &'static Kind,
    pub(super) layout: Layout,
}

/// All forms, by what they begin with.
#[derive(Debug)]
struct Forms {
    /// By the first byte; within that, long prefixes come before those they begin with.
    prefixed: Vec<Vec<Form>>,
    /// Those that begin with anything.
    other: Vec<Form>,
}

/// The kinds, with the families' names.
pub(super) static FAMILIES: &[(&str, &[Kind])] = &[
    ("cloud", cloud::KINDS),
    ("code", code::KINDS),
    ("ai", ai::KINDS),
    ("chat", chat::KINDS),
    ("money", money::KINDS),
    ("data", data::KINDS),
    ("observe", observe::KINDS),
    ("saas", saas::KINDS),
    ("infra", infra::KINDS),
];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut forms = Forms { prefixed: (0..128).map(|_| Vec::new()).collect(), other: Vec::new() };
    for kind in FAMILIES.iter().flat_map(|(_, kinds)| *kinds) {
        for form in kind.layouts().map(|layout| Form { kind, layout }) {
            match form.layout.prefix().bytes().next() {
                Some(first) => forms.prefixed[usize::from(first)].push(form),
                None => forms.other.push(form),
            }
        }
    }
    for forms in &mut forms.prefixed {
        forms.sort_by_key(|form| std::cmp::Reverse(form.layout.prefix().len()));
    }
    forms
});

/// A kind whose forms are enough.
const fn kind(name: &'static str, forms: &'static [&'static str]) -> Kind {
    Kind { name, forms, check: check::form, is_published: false }
}

impl Kind {
    /// Asks `check` as well.
    const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// Is meant to be read by all.
    const fn published(mut self) -> Self {
        self.is_published = true;
        self
    }

    pub(super) fn layouts(&self) -> impl Iterator<Item = Layout> {
        self.forms.iter().map(|form| Layout::read(form))
    }
}

/// The token at the beginning of `text`: its kind, its length and how sure it is.
///
/// `whole` tells that nothing stands before it that could belong to it: forms that begin with anything need that.
pub(super) fn token(text: &str, whole: bool) -> Option<(&'static Kind, usize, f32)> {
    let other = FORMS.other.iter().filter(|_| whole);
    let tokens = forms(text).chain(other).filter_map(|form| {
        let len = form.layout.measure(text)?;
        let token = text.get(..len)?;
        let score = (form.kind.check)(token)?;
        let score = check::weigh(score, form.layout.prefix(), form.layout.open(token))?;
        Some((form.kind, len, score))
    });
    // Of several the longest; of those that are as long, the one that is more sure, then the one with the longest prefix, which
    // comes first: a key that one issuer did not give may be another's.
    tokens.reduce(|best, other| if (other.1, other.2) > (best.1, best.2) { other } else { best })
}

/// The forms that begin with what `text` begins with.
fn forms(text: &str) -> impl Iterator<Item = &'static Form> {
    let first = text.bytes().next().map(usize::from);
    let forms = first.and_then(|first| FORMS.prefixed.get(first)).into_iter().flatten();
    forms.filter(move |form| text.starts_with(form.layout.prefix()))
}

/// Beginnings that one issuer's tokens have and nothing else.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "dckr_oat_", "dckr_pat_", "dop_v1_", "gho_", "ghp_", "ghu_", "github_pat_", "glpat-", "glsa_", "hvb.", "hvs.", "npm_", "shpat_",
    "sntrys_", "xoxb-", "xoxp-",
];

/// How sure it is that `value` is a token, by its issuer's form alone: a text that begins as only the tokens of one issuer do and
/// has another form is weak. `None` where no issuer has a say.
pub(super) fn judge(value: &str) -> Option<f32> {
    let whole = token(value, true).filter(|(_, len, _)| *len == value.len());
    whole.map(|(.., score)| score).or_else(|| {
        let begins = OWN.iter().any(|own| value.starts_with(own));
        let fits = |form: &Form| form.layout.measure(value) == Some(value.len());
        (begins && !forms(value).any(fits)).then_some(check::WEAK)
    })
}
