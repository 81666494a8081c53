//! The documents of a request, which the citations of its answer point into.
//!
//! The provider counts in the document that it was sent, with stand-ins; the caller knows the one with the originals.

use crate::{
    json::{self, Kind, Step},
    redact::{Context, Moves, Restorer},
    wire::place::Place,
};
use memchr::memmem::Finder;
use std::{collections::BTreeMap, sync::LazyLock};

/// What a document has that may be cited. Made once: to prepare a search takes longer than to search a short body.
static CITATIONS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"citations\""));

/// How places in the documents of a request have moved. Documents count through the whole request, from 0.
#[derive(Clone, Debug, Default)]
pub struct Documents(BTreeMap<u64, Shift>);

#[derive(Clone, Debug)]
enum Shift {
    /// As the text moves when originals are put back.
    Moves(Moves),
    /// Nobody can tell, since something was replaced for good. The original has this many characters.
    Unknown(u64),
}

impl Documents {
    /// Compares the documents of a body as it came and as it is sent.
    pub(in crate::wire) fn read(came: &[u8], sent: &[u8], restorer: &Restorer) -> Self {
        let cites = CITATIONS.find(came).is_some();
        if !cites || came == sent {
            return Self::default();
        }
        let (came, sent) = (texts(came), texts(sent));
        let moved = came.iter().filter_map(|(number, original)| {
            let redacted = sent.get(number).filter(|redacted| *redacted != original)?;
            Some((*number, Shift::of(original, redacted, restorer)))
        });
        Self(moved.collect())
    }

    /// Where a piece of a document is that the provider sees at `start..end`. If that cannot be told, it is somewhere in
    /// the whole of it.
    pub(in crate::wire) fn original(&self, document: u64, start: u64, end: u64) -> (u64, u64) {
        match self.0.get(&document) {
            None => (start, end),
            Some(Shift::Moves(moves)) => (moves.start(start), moves.end(end)),
            Some(Shift::Unknown(length)) => (0, *length),
        }
    }

    /// True if all places are where they were.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Shift {
    fn of(original: &str, redacted: &str, restorer: &Restorer) -> Self {
        let (restored, moves) = restorer.restore_tracked(redacted, Context::Prose);
        if restored == original {
            Self::Moves(moves)
        } else {
            Self::Unknown(original.chars().count() as u64)
        }
    }
}

/// The plain texts among the documents, by their number.
fn texts(body: &[u8]) -> BTreeMap<u64, String> {
    let mut reading = Reading::default();
    let walked = json::walk(body, json::MAX_DEPTH, &mut |path, token| {
        if token.kind() == Kind::String {
            reading.string(path, token);
        }
    });
    reading.end_block();
    if walked.is_ok() { reading.texts } else { BTreeMap::new() }
}

#[derive(Default)]
struct Reading {
    texts: BTreeMap<u64, String>,
    n_documents: u64,
    /// The way to the block that is being read.
    block: Vec<usize>,
    is_document: bool,
    is_text: bool,
    data: Option<String>,
}

impl Reading {
    fn string(&mut self, path: &[Step<'_>], token: &json::Token<'_>) {
        let Some(place) = Place::new(path) else { return };
        let rest = match place.parts() {
            ["messages", "*", "content", "*", "content", "*", rest @ ..]
            | ["messages", "*", "content", "*", rest @ ..] => rest,
            _ => return,
        };
        let block = numbers(path.get(..path.len() - rest.len()).unwrap_or_default());
        if block != self.block {
            self.end_block();
            self.block = block;
        }
        match rest {
            ["type"] => self.is_document = token.decode() == "document",
            ["source", "type"] => self.is_text = token.decode() == "text",
            ["source", "data"] => self.data = Some(token.decode().into_owned()),
            _ => {}
        }
    }

    fn end_block(&mut self) {
        let data = self.data.take();
        if self.is_document {
            self.texts.extend(data.filter(|_| self.is_text).map(|text| (self.n_documents, text)));
            self.n_documents += 1;
        }
        (self.is_document, self.is_text) = (false, false);
    }
}

fn numbers(path: &[Step<'_>]) -> Vec<usize> {
    let number = |step: &Step<'_>| match step {
        Step::Index(at) => Some(*at),
        Step::Key(_) => None,
    };
    path.iter().filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{redact::Mapping, sensitive::Sensitive};

    fn body(texts: [&str; 2]) -> String {
        let [first, second] = texts;
        format!(
            r#"{{"messages":[{{"content":[{{"type":"text","text":"x"}},
            {{"source":{{"data":"{first}","type":"text"}},"type":"document","citations":{{"enabled":true}}}},
            {{"type":"document","source":{{"type":"base64","data":"AAAA"}}}},
            {{"type":"tool_result","content":[{{"type":"document","source":{{"type":"text","data":"{second}"}}}}]}}]}}]}}"#
        )
    }

    fn documents(came: [&str; 2], sent: [&str; 2]) -> Documents {
        let original = Sensitive::new("annabelle");
        let restorer = Mapping::from_pairs([("[PERSON_1]".to_owned(), original)]).restorer();
        Documents::read(body(came).as_bytes(), body(sent).as_bytes(), &restorer)
    }

    #[test]
    fn places_are_those_of_the_callers_document() {
        let documents = documents(["é annabelle x", "b"], ["é [PERSON_1] x", "b"]);
        assert_eq!(documents.original(0, 12, 14), (11, 13));
        assert_eq!(documents.original(0, 0, 5), (0, 11));
        assert_eq!(documents.original(2, 12, 14), (12, 14), "nothing was replaced there");
        assert_eq!(documents.original(9, 12, 14), (12, 14));
    }

    #[test]
    fn documents_in_results_count_too() {
        let documents = documents(["a", "annabelle x"], ["a", "[PERSON_1] x"]);
        assert_eq!(documents.original(2, 11, 12), (10, 11));
    }

    #[test]
    fn what_was_replaced_for_good_widens_to_the_whole_document() {
        let documents = documents(["annabelle x", "b"], ["********* x", "b"]);
        assert_eq!(documents.original(0, 3, 4), (0, 11));
        assert!(self::documents(["a", "b"], ["a", "b"]).is_empty());
    }
}
