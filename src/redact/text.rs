//! Redacts plain text.

use super::{Keys, Mapping, Operator, Operators, Template, operator, seal, shape, surrogate};
use crate::detect::{EntityType, Finding, Span};
use std::{borrow::Cow, ops::Range};

/// Redacts one text that is a request of its own. Also tells where each finding's stand-in is in the redacted text.
///
/// Findings are expected to be disjoint and on character boundaries; of those that are not, the part that is left counts. Signals
/// stay in place and may overlap the others: these are replaced inside of them.
/// For several texts with one mapping use [`redact_texts`], which reserves the look-alikes of all of them first.
///
/// # Examples
/// ```
/// use prompt_guard::detect::{EntityType, Finding, Score, Span};
/// use prompt_guard::redact::{Context, Keys, Mapping, Operators, redact_text};
///
/// let text = "write to ann@example.org";
/// let finding = Finding {
///     entity_type: EntityType::builtin("EMAIL_ADDRESS"),
///     span: Span::of(text, 9, 24).expect("inside the text"),
///     score: Score::MAX,
///     recognizer: "email".into(),
/// };
/// let mut mapping = Mapping::new();
/// let (redacted, _) = redact_text(text, &[finding], &Operators::new(), &Keys::derive(b"secret"), &mut mapping);
/// assert_eq!(redacted, "write to [EMAIL_1]");
/// assert_eq!(mapping.restorer().restore(&redacted, Context::Prose), text);
/// ```
pub fn redact_text(
    text: &str,
    findings: &[Finding],
    operators: &Operators,
    keys: &Keys,
    mapping: &mut Mapping,
) -> (String, Vec<Span>) {
    let redactor = &mut Redactor { operators, keys, mapping };
    redactor.reserve(text, findings);
    redactor.redact(text, findings)
}

/// Redacts the texts of one request, each with its findings, in order.
pub fn redact_texts(
    texts: &[(&str, &[Finding])],
    operators: &Operators,
    keys: &Keys,
    mapping: &mut Mapping,
) -> Vec<(String, Vec<Span>)> {
    let redactor = &mut Redactor { operators, keys, mapping };
    for (text, findings) in texts {
        redactor.reserve(text, findings);
    }
    texts.iter().map(|(text, findings)| redactor.redact(text, findings)).collect()
}

/// What goes to the place of one finding.
#[derive(Debug)]
pub(super) struct Replacement {
    /// The place in the original text.
    pub(super) range: Range<usize>,
    /// `None` when it stays as it is.
    pub(super) stand_in: Option<String>,
}

/// Everything that redaction needs besides text and findings.
pub(super) struct Redactor<'r> {
    pub(super) operators: &'r Operators,
    pub(super) keys: &'r Keys,
    pub(super) mapping: &'r mut Mapping,
}

impl Redactor<'_> {
    /// Reserves what a text holds, before the first text of the request is redacted.
    pub(super) fn reserve(&mut self, text: &str, findings: &[Finding]) {
        if self.operators.need_words() {
            self.mapping.note_words(text);
        }
        if findings.is_empty() {
            return self.mapping.reserve_literals(text);
        }
        let left = self.without_stand_ins(text, findings);
        if self.operators.need_words() {
            self.mapping.note_words(&left);
        }
        self.mapping.reserve_literals(&left);
    }

    /// What will be left of a text besides stand-ins, each of which counts as the end of a word.
    ///
    /// A look-alike may come up only here: beside a value that goes, or around one that is removed.
    fn without_stand_ins(&self, text: &str, findings: &[Finding]) -> String {
        let mut left = String::with_capacity(text.len());
        let mut done = 0;
        for (index, Range { start, end }) in places(text, findings) {
            left.push_str(&text[done..start]);
            let entity_type = &findings[index].entity_type;
            let operator = self.operators.get(entity_type);
            match self.one_way(&operator, entity_type, &text[start..end]) {
                Some(unchangeable) => left.push_str(&unchangeable),
                None => left.push('\n'),
            }
            done = end;
        }
        left.push_str(&text[done..]);
        left
    }

    fn redact(&mut self, text: &str, findings: &[Finding]) -> (String, Vec<Span>) {
        let mut out = String::with_capacity(text.len() + 16 * findings.len());
        let mut spans = vec![(0, 0); findings.len()];
        let mut done = 0;
        let mut moved = Moved::default();
        for (index, replacement) in self.replacements(text, findings) {
            let Range { start, end } = replacement.range;
            out.push_str(&text[done..start]);
            let from = out.len();
            out.push_str(replacement.stand_in.as_deref().unwrap_or(&text[start..end]));
            spans[index] = (from, out.len());
            moved.0.push((start..end, from..out.len()));
            done = end;
        }
        out.push_str(&text[done..]);
        for (span, finding) in
            spans.iter_mut().zip(findings).filter(|(_, f)| f.entity_type.is_signal())
        {
            let (start, end) = (finding.span.start(), finding.span.end());
            *span = (moved.place(start, |to| to.start), moved.place(end, |to| to.end));
        }
        let spans =
            spans.into_iter().filter_map(|(start, end)| Span::of(&out, start, end)).collect();
        (out, spans)
    }

    /// What goes where, from the left, each with the index of its finding. Disjoint and on character boundaries.
    pub(super) fn replacements(
        &mut self,
        text: &str,
        findings: &[Finding],
    ) -> Vec<(usize, Replacement)> {
        let places = places(text, findings);
        let replace = |(position, (index, range)): (usize, &(usize, Range<usize>))| {
            let sides = sides(text, &places, position);
            let stand_in =
                self.stand_in(&findings[*index].entity_type, &text[range.clone()], sides);
            (*index, Replacement { range: range.clone(), stand_in })
        };
        places.iter().enumerate().map(replace).collect()
    }

    fn stand_in(
        &mut self,
        entity_type: &EntityType,
        value: &str,
        (before, after): Sides,
    ) -> Option<String> {
        if value.is_empty() {
            return None;
        }
        let operator = self.operators.get(entity_type);
        match self.one_way(&operator, entity_type, value) {
            Some(Cow::Borrowed(_)) => return None,
            Some(Cow::Owned(text)) => return Some(text),
            None => {}
        }
        // Where a stand-in is not to be had, or could not be told from its neighbours, a bracketed placeholder always is.
        let stands = |stand_in: &String| {
            let edges_fit = shape::edges_fit(stand_in.as_bytes(), before, after);
            edges_fit || shape::loose_key(stand_in).is_some()
        };
        self.reversible(&operator, entity_type, value).filter(stands).or_else(|| {
            let template = Template::of_type(entity_type);
            Some(self.mapping.placeholder(&template, entity_type, value))
        })
    }

    fn one_way<'v>(
        &self,
        operator: &Operator,
        entity_type: &EntityType,
        value: &'v str,
    ) -> Option<Cow<'v, str>> {
        one_way(self.keys, operator, entity_type, value)
    }

    /// The stand-in that an operator gives a value; `None` when it has none to give.
    fn reversible(
        &mut self,
        operator: &Operator,
        entity_type: &EntityType,
        value: &str,
    ) -> Option<String> {
        match operator {
            Operator::Replace { template } => {
                Some(self.mapping.placeholder(template, entity_type, value))
            }
            Operator::Encrypt => {
                let token = seal::encrypt(self.keys, entity_type, value).into_iter();
                self.mapping.stand_in("encrypt", entity_type, value, token)
            }
            Operator::Surrogate => {
                let candidates = surrogate::candidates(self.keys, entity_type, value);
                self.mapping.stand_in("surrogate", entity_type, value, candidates)
            }
            Operator::Mask { .. }
            | Operator::Hash
            | Operator::Label
            | Operator::Remove
            | Operator::Keep => None,
        }
    }
}

/// What an operator that cannot be undone leaves of a value; borrowed when it stays. `None` for the other operators.
pub fn one_way<'v>(
    keys: &Keys,
    operator: &Operator,
    entity_type: &EntityType,
    value: &'v str,
) -> Option<Cow<'v, str>> {
    match operator {
        Operator::Keep => Some(Cow::Borrowed(value)),
        Operator::Remove => Some(Cow::Owned(String::new())),
        Operator::Label => Some(Cow::Owned(operator::type_label(entity_type))),
        Operator::Hash => Some(Cow::Owned(operator::hash(&keys.hash, entity_type, value))),
        Operator::Mask { character, keep_first, keep_last } => {
            Some(Cow::Owned(operator::mask(value, *character, *keep_first, *keep_last)))
        }
        Operator::Replace { .. } | Operator::Encrypt | Operator::Surrogate => None,
    }
}

/// Where the places of a text went: each as it was and as it is.
#[derive(Default)]
struct Moved(Vec<(Range<usize>, Range<usize>)>);

impl Moved {
    /// Where `at` went; `edge` chooses when it is inside of what was replaced.
    fn place(&self, at: usize, edge: impl Fn(&Range<usize>) -> usize) -> usize {
        match self.0.partition_point(|(from, _)| from.start < at).checked_sub(1) {
            None => at,
            Some(last) => {
                let (from, to) = &self.0[last];
                if at < from.end { edge(to) } else { to.end + (at - from.end) }
            }
        }
    }
}

/// The bytes before and after a place.
type Sides = (Option<u8>, Option<u8>);

/// What a stand-in will have at its sides. Beside another finding that may be anything, so the worst.
fn sides(text: &str, places: &[(usize, Range<usize>)], position: usize) -> Sides {
    const WORST: Option<u8> = Some(b'_');
    let range = &places[position].1;
    let touches_last = position > 0 && places[position - 1].1.end == range.start;
    let touches_next = places.get(position + 1).is_some_and(|(_, next)| next.start == range.end);
    let before = text.as_bytes()[..range.start].last().copied();
    let after = text.as_bytes().get(range.end).copied();
    // `\u0041` is read as a letter on restoring, however many backslashes it has.
    let behind = &text[range.end..];
    let is_escape = after == Some(b'\\') && behind.trim_start_matches('\\').starts_with('u');
    let touches_next = touches_next || is_escape;
    (if touches_last { WORST } else { before }, if touches_next { WORST } else { after })
}

/// The places of all findings but signals in a text, from the left, with the index of each. Of overlapping ones, what is left of the later
/// one counts; what does not fit the text is widened to the next character boundary.
fn places(text: &str, findings: &[Finding]) -> Vec<(usize, Range<usize>)> {
    let mut order: Vec<usize> =
        (0..findings.len()).filter(|index| !findings[*index].entity_type.is_signal()).collect();
    order.sort_by_key(|index| (findings[*index].span.start(), findings[*index].span.end()));
    let mut done = 0;
    let mut places = Vec::with_capacity(order.len());
    for index in order {
        let span = findings[index].span;
        let start = floor_boundary(text, span.start()).max(done);
        let end = ceil_boundary(text, span.end()).max(start);
        done = end;
        places.push((index, start..end));
    }
    places
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}
