//! Redacts and restores JSON bodies in place.
//!
//! Everything is guarded that the caller does not expressly leave alone: strings, keys and numbers that may tell, also inside of
//! strings that are JSON themselves. Only the bytes of a finding change.

mod label;
mod leaf;
mod number;
mod parts;
mod vouched;

use super::{
    Context, Keys, Mapping, Operators, Redacted, Restorer, coded::Coded, shape, splice::Edits,
    text::Redactor,
};
use crate::{
    detect::{Finding, Text},
    json::{self, Error, ErrorKind, Kind, Step, Token, walk},
};
use bytes::Bytes;
use leaf::{Found, Leaf, Source, carry_out};
use std::{borrow::Cow, collections::BTreeMap, fmt};
use vouched::vouched;

/// How a string, key or number of a request is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Scan it, and replace what is found.
    Guard,
    /// It is structural or opaque: leave it as it is.
    Leave,
    /// Its author has signed it, so it can only be left as it is. It is kept apart, to be looked at
    /// ([`signed_texts`](Document::signed_texts)); what looks like a stand-in in it is one.
    Signed,
    /// It seems to hold text in base64, alone or in a data URL: scan that, and replace what is found in it. If it is no text
    /// after all, it is content of this kind that cannot be read.
    Coded(&'static str),
    /// It holds content that cannot be read, such as an `image`; leave it, and report this kind.
    Unscannable(&'static str),
    /// It seems to hold such content, in a form that is not certain: scan it as it is written, and report this kind.
    Unclear(&'static str),
    /// It is the URL of such content, which is no use once it is changed: leave it, report this kind, and keep it apart to be
    /// looked at ([`references`](Document::references)).
    Referenced(&'static str),
}

/// How many times JSON may lie in a string of JSON. Each time its text is read once more.
const MAX_LEVELS: usize = 16;

/// A JSON body with the places of its texts.
#[derive(Default)]
pub struct Document {
    /// The body first; then each text that is JSON inside of another one, or in base64, after the one it lies in.
    sources: Vec<Source>,
    /// Texts in base64 that are not among the sources yet, by the places where they stand in the body.
    coded: BTreeMap<usize, Coded>,
    leaves: Vec<Leaf>,
    unscannable: Vec<&'static str>,
    /// Where they stand in the body, and what they say.
    signed: Vec<(usize, String)>,
    /// The blocks they are in, such as `messages.1.content.0`.
    signed_blocks: Vec<String>,
    references: Vec<String>,
    /// Marks of look-alikes in what is left alone.
    look_alikes: Vec<u64>,
}

/// Tells the number of texts alone.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} texts)", self.leaves.len())
    }
}

impl Document {
    /// Finds the texts of a body. `classify` is asked for every key, string and number of the body itself, not for those
    /// inside of strings that are JSON: these are all guarded.
    ///
    /// # Errors
    /// When the body is not JSON, or nested deeper than `max_depth` (what lies in strings counts).
    pub fn parse(
        body: &Bytes,
        max_depth: usize,
        classify: &mut dyn FnMut(&[Step<'_>], &Token<'_>) -> Treatment,
    ) -> Result<Self, Error> {
        let mut document = Self::default();
        let found = Leaf::all(body, 0, max_depth, None, &mut |path, token| {
            let treatment = classify(path, token);
            if treatment == Treatment::Signed {
                document.signed_blocks.push(block(path));
            }
            document.note(treatment, token)
        })?;
        document.sources.push(Source { text: body.clone(), inside: None, coded: None });
        document.add_all(found, max_depth, MAX_LEVELS)?;
        Ok(document)
    }

    /// True for what is to be guarded.
    fn note(&mut self, treatment: Treatment, token: &Token<'_>) -> bool {
        match treatment {
            Treatment::Guard => return true,
            Treatment::Leave => {
                shape::look_alikes(&token.decode(), &mut |mark| self.look_alikes.push(mark))
            }
            Treatment::Signed => {
                self.signed.push((token.range().start, token.decode().into_owned()));
            }
            Treatment::Coded(kind) => match Coded::read(&token.decode()) {
                Some(coded) => {
                    self.coded.insert(token.range().start, coded);
                    return true;
                }
                None => self.unscannable.push(kind),
            },
            Treatment::Unscannable(kind) => self.unscannable.push(kind),
            Treatment::Unclear(kind) => {
                self.unscannable.push(kind);
                return true;
            }
            Treatment::Referenced(kind) => {
                self.unscannable.push(kind);
                let url = token.decode();
                shape::look_alikes(&url, &mut |mark| self.look_alikes.push(mark));
                self.references.push(url.into_owned());
            }
        }
        false
    }

    /// Adds leaves; in the place of those that hold JSON, the leaves of that.
    fn add_all(&mut self, found: Found, max_depth: usize, levels: usize) -> Result<(), Error> {
        for (leaf, depth) in found {
            let coded = (leaf.source == 0).then(|| self.coded.remove(&leaf.range.start)).flatten();
            let leaf = match coded {
                Some(coded) => self.add_coded(leaf, coded),
                None => leaf,
            };
            match self.json_inside(&leaf, max_depth - depth, levels)? {
                None => self.leaves.push(leaf),
                Some((text, inner)) => {
                    let inside = Some((leaf.source, leaf.range));
                    self.sources.push(Source { text, inside, coded: None });
                    self.add_all(inner, max_depth - depth, levels - 1)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a text in base64; gives the leaf that is all of it.
    fn add_coded(&mut self, leaf: Leaf, mut coded: Coded) -> Leaf {
        let text = Bytes::from(std::mem::take(&mut coded.text));
        let range = 0..text.len();
        self.sources.push(Source {
            text,
            inside: Some((leaf.source, leaf.range)),
            coded: Some(coded),
        });
        Leaf { source: self.sources.len() - 1, range, decoded: None, ..leaf }
    }

    /// The text and the leaves of the JSON document that a string holds, if it holds one.
    fn json_inside(
        &self,
        leaf: &Leaf,
        max_depth: usize,
        levels: usize,
    ) -> Result<Option<(Bytes, Found)>, Error> {
        let text = leaf.text(&self.sources);
        if !leaf.is_string() || !text.trim_start().starts_with(['{', '[']) {
            return Ok(None);
        }
        let text = Bytes::copy_from_slice(text.as_bytes());
        let inner =
            Leaf::all(&text, self.sources.len(), max_depth, leaf.label.as_deref(), &mut |_, _| {
                true
            });
        match inner.map_err(|error| error.kind) {
            Ok(inner) if levels > 0 => Ok(Some((text, inner))),
            // Brackets alone make no JSON.
            Err(ErrorKind::TooDeep(_)) if is_no_json(&text) => Ok(None),
            // Whoever reads it may be less strict about depth, so what lies deeper cannot be taken for text.
            Ok(_) | Err(ErrorKind::TooDeep(_)) => Err(Error {
                offset: self.outermost(leaf),
                kind: ErrorKind::TooDeepInside(json::MAX_DEPTH),
            }),
            Err(_) => Ok(None),
        }
    }

    /// Where the string of the body begins that a leaf lies in.
    fn outermost(&self, leaf: &Leaf) -> usize {
        let (mut source, mut start) = (leaf.source, leaf.range.start);
        while let Some((outer, range)) = &self.sources.get(source).and_then(|s| s.inside.clone()) {
            (source, start) = (*outer, range.start);
        }
        start
    }

    /// The texts to guard, in the order of the document.
    pub fn texts(&self) -> Vec<Text<'_>> {
        self.leaves
            .iter()
            .map(|leaf| Text { label: leaf.label.as_deref(), text: leaf.text(&self.sources) })
            .collect()
    }

    /// The places of texts among [`texts`](Self::texts) that are parts of one text, each directly behind the one before.
    pub fn runs(&self) -> Vec<Vec<usize>> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        let mut next = None;
        for (at, leaf) in self.leaves.iter().enumerate() {
            let Some(part) = leaf.part else { continue };
            match runs.last_mut() {
                Some(run) if next == Some((leaf.source, part)) => run.push(at),
                Some(_) | None => runs.push(vec![at]),
            }
            next = Some((leaf.source, part.next()));
        }
        runs.retain(|run| run.len() > 1);
        runs
    }

    /// The texts that are signed, in the order of the document. They are not among [`texts`](Self::texts).
    pub fn signed_texts(&self) -> Vec<Text<'_>> {
        self.signed.iter().map(|(_, text)| Text::from(text.as_str())).collect()
    }

    /// The block that a signed text is in, by its place among them: the way to it, as in `messages.1.content.0`.
    pub fn signed_block(&self, nth: usize) -> Option<&str> {
        self.signed_blocks.get(nth).map(String::as_str)
    }

    /// The URLs of content elsewhere, in the order of the document. They are not among [`texts`](Self::texts).
    pub fn references(&self) -> Vec<Text<'_>> {
        self.references.iter().map(|url| Text::from(url.as_str())).collect()
    }

    /// The kinds of content that could not be read, in order, with repetitions.
    pub fn unscannable(&self) -> &[&'static str] {
        &self.unscannable
    }

    /// Replaces findings, given for each of [`texts`](Self::texts) in the same order. All other bytes stay as they came.
    ///
    /// A number with a finding becomes a string.
    pub fn redact(
        &self,
        findings: &[Vec<Finding>],
        operators: &Operators,
        keys: &Keys,
        mapping: &mut Mapping,
    ) -> Redacted {
        self.rewrite(findings, Redactor { operators, keys, mapping }, false)
    }

    /// The same for what the model wrote, where nothing comes back: no mapping, and what begins as JSON in a string stays it.
    pub fn redact_produced(
        &self,
        findings: &[Vec<Finding>],
        operators: &Operators,
        keys: &Keys,
    ) -> Redacted {
        let mapping = &mut Mapping::new();
        self.rewrite(findings, Redactor { operators, keys, mapping }, true)
    }

    fn rewrite(
        &self,
        findings: &[Vec<Finding>],
        mut redactor: Redactor<'_>,
        produced: bool,
    ) -> Redacted {
        if let Some(body) = self.sources.first().filter(|_| !self.signed.is_empty()) {
            redactor.mapping.spare(vouched(&body.text, &self.signed, json::MAX_DEPTH));
        }
        redactor.mapping.reserve_marks(&self.look_alikes);
        for (leaf, findings) in self.with(findings) {
            redactor.reserve(leaf.text(&self.sources), findings);
        }
        let mut edits: Vec<Edits> = self.sources.iter().map(|_| Edits::default()).collect();
        for (leaf, findings) in self.with(findings).filter(|(_, findings)| !findings.is_empty()) {
            let replacements = redactor.replacements(leaf.text(&self.sources), findings);
            leaf.edit(&self.sources, replacements, produced, &mut edits[leaf.source]);
        }
        Redacted::vouch(self.apply(edits))
    }

    fn with<'d>(
        &'d self,
        findings: &'d [Vec<Finding>],
    ) -> impl Iterator<Item = (&'d Leaf, &'d [Finding])> {
        let none: &[Finding] = &[];
        self.leaves
            .iter()
            .enumerate()
            .map(move |(at, leaf)| (leaf, findings.get(at).map_or(none, Vec::as_slice)))
    }

    /// Carries the edits of the inner texts outwards, then makes those of the body.
    fn apply(&self, mut edits: Vec<Edits>) -> Bytes {
        for (source, inner) in self.sources.iter().skip(1).rev().zip((1..edits.len()).rev()) {
            let inner = std::mem::take(&mut edits[inner]);
            let Some((outer, range)) = source.inside.clone().filter(|_| !inner.is_empty()) else {
                continue;
            };
            match &source.coded {
                Some(coded) => {
                    let mut written = String::new();
                    let text = inner.apply(&source.text);
                    // Edits are at the boundaries of characters, so that nothing is lost here.
                    let text = String::from_utf8_lossy(&text);
                    json::encode_into(&coded.write(&text), &mut written);
                    edits[outer].push(range, written);
                }
                None => self.sources[outer].edit(range, inner.in_order(), &mut edits[outer]),
            }
        }
        let Some(Source { text: body, .. }) = self.sources.first() else { return Bytes::new() };
        match edits.into_iter().next() {
            Some(edits) if !edits.is_empty() => edits.apply(body).into(),
            Some(_) | None => body.clone(),
        }
    }
}

/// The way to what holds a member.
fn block(path: &[Step<'_>]) -> String {
    let step = |step: &Step<'_>| match step {
        Step::Key(name) => name.to_string(),
        Step::Index(nth) => nth.to_string(),
    };
    path[..path.len().saturating_sub(1)].iter().map(step).collect::<Vec<_>>().join(".")
}

/// True if a text is no JSON, however deep. Of one that goes on opening brackets nobody can tell.
fn is_no_json(text: &[u8]) -> bool {
    /// More would take memory for nothing.
    const DEEPEST: usize = 4096;
    let walked = walk(text, DEEPEST, &mut |_, _| {});
    walked.is_err_and(|error| !matches!(error.kind, ErrorKind::TooDeep(_)))
}

/// Puts originals back into a JSON body. Only strings and keys that hold a stand-in are rewritten, and of these only the
/// places of the stand-ins. `context` tells for each how originals go into it; `None` leaves it as it is.
///
/// # Errors
/// When the body is not JSON, or nested deeper than `max_depth`.
pub fn restore_document<'b>(
    body: &'b [u8],
    restorer: &Restorer,
    max_depth: usize,
    context: &mut dyn FnMut(&[Step<'_>]) -> Option<Context>,
) -> Result<Cow<'b, [u8]>, Error> {
    let mut edits = Edits::default();
    walk(body, max_depth, &mut |path, token| match token.kind() {
        Kind::Key | Kind::String => {
            restore_string(token, restorer, &mut || context(path), &mut edits)
        }
        Kind::Number | Kind::Literal => {}
    })?;
    Ok(if edits.is_empty() { Cow::Borrowed(body) } else { Cow::Owned(edits.apply(body)) })
}

fn restore_string(
    token: &Token<'_>,
    restorer: &Restorer,
    context: &mut dyn FnMut() -> Option<Context>,
    edits: &mut Edits,
) {
    let text = token.decode();
    if restorer.places(&text).next().is_none() {
        return;
    }
    let Some(context) = context() else { return };
    let inner = restorer.replacements(&text, context);
    carry_out(token.raw(), token.range().start, inner, edits);
}
