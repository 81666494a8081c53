//! Runs all recognizers over texts. Start reading here.

use super::{
    Candidate, EntityType, Finding, Score, Selection, Span, Text, beside, columns, copy,
    custom::{CustomError, CustomRecognizer, CustomRules},
    disguise,
    engine::Engine,
    injection::{self, Evidence, Signal},
    insert, joined,
    memory::{Found, Memory},
    model::{Model, Reading, Unread},
    names::{self, NameKind},
    overlap,
    recognizer::{self, secrets},
    table,
    view::View,
};
use std::{
    borrow::Cow,
    convert::Infallible,
    sync::{Arc, LazyLock},
};

/// The patterns that are built in, compiled at first use and shared by all analyzers.
static BUILTIN: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(&recognizer::ALL).expect("the tables hold valid, bounded patterns")
});

/// Finds entities with the built-in recognizers and those that a policy adds.
///
/// Cheap to make: the built-in patterns are compiled once for the whole process. Shared by reference between threads.
///
/// ```
/// use prompt_guard::detect::{Analyzer, EntityType, Score, Selection, Text};
///
/// let analyzer = Analyzer::new(Vec::new())?;
/// let text = Text::from("write to ann@example.org");
/// let found = analyzer.analyze(&[text], &Selection::all(Score::new(0.5)));
/// assert_eq!(found[0][0].entity_type, EntityType::EMAIL_ADDRESS);
/// assert_eq!(found[0][0].span.slice(text.text), "ann@example.org");
/// # Ok::<(), prompt_guard::detect::CustomError>(())
/// ```
#[derive(Debug)]
pub struct Analyzer {
    builtin: &'static Engine,
    custom: CustomRules,
    models: Vec<Arc<dyn Model>>,
    recognizers: Vec<RecognizerInfo>,
    entity_types: Vec<EntityType>,
}

/// What a recognizer is, for people and for checks of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognizerInfo {
    /// The name that findings carry, for example `credit_card`.
    pub name: Cow<'static, str>,
    /// The types it finds.
    pub entity_types: Vec<EntityType>,
    /// One line about it.
    pub description: Cow<'static, str>,
}

impl Analyzer {
    /// Adds `custom` recognizers to the built-in ones.
    ///
    /// # Errors
    /// When a custom recognizer is not usable; tells which and why.
    pub fn new(custom: Vec<CustomRecognizer>) -> Result<Self, CustomError> {
        Self::with_models(custom, Vec::new())
    }

    /// The same, and `models` beside them. Only [`analyze_fully`](Self::analyze_fully) asks these.
    ///
    /// # Errors
    /// When a custom recognizer is not usable; tells which and why.
    pub fn with_models(
        custom: Vec<CustomRecognizer>,
        models: Vec<Arc<dyn Model>>,
    ) -> Result<Self, CustomError> {
        let custom = CustomRules::new(custom)?;
        let of_models = models.iter().map(|model| model.info().clone());
        let recognizers: Vec<_> =
            builtin_recognizers().chain(custom.infos()).chain(of_models).collect();
        let mut entity_types: Vec<_> =
            recognizers.iter().flat_map(|r| r.entity_types.iter().cloned()).collect();
        entity_types.sort();
        entity_types.dedup();
        Ok(Self { builtin: &BUILTIN, custom, models, recognizers, entity_types })
    }

    /// Scans `texts`; the result holds the findings of each, sorted by place, on `char` boundaries. They do not overlap, but for
    /// [signals](EntityType::is_signal): these overlap no other signal, but may hold or cross findings of other types.
    ///
    /// The texts are those of one request: a person that one of them names is found again in the others.
    /// Takes time linear in the length of the texts, whatever they hold.
    pub fn analyze(&self, texts: &[Text<'_>], selection: &Selection) -> Vec<Vec<Finding>> {
        let read = |view: &View<'_>, _: &Text<'_>| Ok(self.read(view, selection));
        let found: Result<_, Infallible> = self.analyze_by(texts, selection, read);
        match found {
            Ok(found) => found,
        }
    }

    /// The same with the models, if there are some: these may be slow. What `memory` knows is not read anew, for texts that
    /// come again and again.
    ///
    /// A memory serves one analyzer with one selection; with another one it would answer wrongly.
    ///
    /// # Errors
    /// When a model could not read a text, and must not be passed over.
    pub fn analyze_fully(
        &self,
        texts: &[Text<'_>],
        selection: &Selection,
        memory: Option<&Memory>,
    ) -> Result<Vec<Vec<Finding>>, Unread> {
        self.analyze_by(texts, selection, |view, text| match memory {
            Some(memory) => memory.recall(text, || self.read_fully(view, selection)),
            None => self.read_fully(view, selection).map(|(found, _)| found),
        })
    }

    /// Adds to `found`, which holds what was found in each of `texts`, the identifiers that lie over several of them: over those of
    /// one of `runs`, which stand directly behind one another. Each part of such a value is a finding in its text.
    pub fn analyze_joined(
        &self,
        texts: &[Text<'_>],
        runs: &[Vec<usize>],
        selection: &Selection,
        found: &mut [Vec<Finding>],
    ) {
        for run in runs {
            joined::find(texts, run, |text, out| self.search(text, selection, out), found);
        }
    }

    /// Appends what patterns tell.
    fn search(&self, text: &str, selection: &Selection, out: &mut Vec<Candidate>) {
        self.builtin.scan(text, selection, out);
        secrets::find(text, selection, out);
        self.custom.scan(text, selection, out);
    }

    /// True if there are models, so that reading fully may take long.
    pub fn has_models(&self) -> bool {
        !self.models.is_empty()
    }

    /// All types that some recognizer finds, sorted by name.
    pub fn entity_types(&self) -> &[EntityType] {
        &self.entity_types
    }

    /// All recognizers, the built-in ones first.
    pub fn recognizers(&self) -> &[RecognizerInfo] {
        &self.recognizers
    }

    /// How much the built-in patterns have to do for `text`.
    #[cfg(test)]
    pub(crate) fn work(&self, text: &str) -> usize {
        self.builtin.work(text)
    }

    /// See [`Engine::places`].
    #[cfg(test)]
    pub(crate) fn places(&self, text: &str) -> [Vec<usize>; 2] {
        self.builtin.places(text)
    }

    fn analyze_by<E>(
        &self,
        texts: &[Text<'_>],
        selection: &Selection,
        read: impl Fn(&View<'_>, &Text<'_>) -> Result<Found, E>,
    ) -> Result<Vec<Vec<Finding>>, E> {
        let texts = &beside::labelled(texts);
        let views: Vec<View<'_>> = texts.iter().map(View::of).collect();
        let found: Result<_, E> =
            views.iter().zip(texts).map(|(view, text)| read(view, text)).collect();
        let candidates = carry_names(&views, found?, selection);
        let all = texts.iter().zip(&views).zip(candidates);
        Ok(all.map(|((text, view), candidates)| findings(candidates, view, text.text)).collect())
    }

    /// All that one text holds, taken by itself.
    fn read(&self, view: &View<'_>, selection: &Selection) -> Found {
        let mut found = Found::default();
        if wants_names(selection) {
            names::find(view.text(), &mut found.names);
        }
        let search = |text: &str, out: &mut Vec<Candidate>| self.search(text, selection, out);
        search(view.text(), &mut found.candidates);
        if let Some(marked) = view.marked() {
            secrets::find(marked, selection, &mut found.candidates);
            self.custom.scan(marked, selection, &mut found.candidates);
        }
        let names = |text: &str, out: &mut Vec<Candidate>| find_names(text, selection, out);
        let searches = disguise::Searches { values: search, names };
        disguise::find(view.text(), view.joints(), searches, &mut found.candidates);
        let search_cells = |text: &str, out: &mut Vec<Candidate>| {
            search(text, out);
            if wants_names(selection) {
                let people = names::in_fields(text);
                out.extend(people.iter().filter_map(|name| wanted(name, selection)));
            }
        };
        table::find(view.text(), search_cells, &mut found.candidates);
        columns::find(view.text(), search_cells, &mut found.candidates);
        insert::find(view.text(), search_cells, &mut found.candidates);
        copy::find(view.text(), search_cells, &mut found.candidates);
        beside::find(view.text(), search_cells, &mut found.candidates);
        signals(view, selection, &mut found.candidates);
        found
    }

    /// The same with what the models find; and whether all of them read it.
    fn read_fully(&self, view: &View<'_>, selection: &Selection) -> Result<(Found, bool), Unread> {
        let mut found = self.read(view, selection);
        let mut whole = true;
        if !view.text().contains(char::is_alphanumeric) {
            return Ok((found, whole));
        }
        let wanted = |model: &&Arc<dyn Model>| {
            model.info().entity_types.iter().any(|t| selection.min_score(t).is_some())
        };
        for model in self.models.iter().filter(wanted) {
            match model.read(view.text())? {
                Reading::Done(findings) => found.candidates.extend(
                    findings
                        .into_iter()
                        .filter(|f| selection.admits(&f.entity_type, f.score))
                        .map(Candidate::of_model),
                ),
                Reading::Skipped => whole = false,
            }
        }
        Ok((found, whole))
    }
}

fn wants_names(selection: &Selection) -> bool {
    EntityType::NAMED.iter().any(|named| selection.min_score(named).is_some())
}

/// Appends the names in a text that are not carried to others.
fn find_names(text: &str, selection: &Selection, out: &mut Vec<Candidate>) {
    if wants_names(selection) {
        let mut found = Vec::new();
        names::find(text, &mut found);
        out.extend(found.iter().filter_map(|name| wanted(name, selection)));
    }
}

/// The candidates of each text, with the names that any of them holds.
fn carry_names(
    views: &[View<'_>],
    found: Vec<Found>,
    selection: &Selection,
) -> Vec<Vec<Candidate>> {
    let (mut names, mut candidates): (Vec<_>, Vec<_>) =
        found.into_iter().map(|found| (found.names, found.candidates)).unzip();
    if wants_names(selection) {
        let texts: Vec<&str> = views.iter().map(View::text).collect();
        names::propagate(&texts, &mut names);
    }
    for (names, candidates) in names.iter().zip(&mut candidates) {
        candidates.extend(names.iter().filter_map(|name| wanted(name, selection)));
    }
    candidates
}

/// Resolves overlaps and brings what is left back to the original text.
fn findings(candidates: Vec<Candidate>, view: &View<'_>, original: &str) -> Vec<Finding> {
    let mut values = candidates;
    // The label is no part of the text. What begins in it counts with what it covers of the text, before overlaps are resolved:
    // a candidate that says nothing of the text must not displace one that does.
    let label = view.label_len();
    values.retain_mut(|candidate| {
        candidate.start = candidate.start.max(label);
        candidate.start < candidate.end
    });
    let signals: Vec<_> = values.extract_if(.., |c| c.entity_type.is_signal()).collect();
    let mut found = overlap::resolve(view.text(), values);
    if !signals.is_empty() {
        found.extend(overlap::resolve(view.text(), signals));
        found.sort_by_key(|c| (c.start, std::cmp::Reverse(c.end)));
    }
    found.into_iter().filter_map(|candidate| finding(candidate, view, original)).collect()
}

fn wanted(name: &names::Candidate, selection: &Selection) -> Option<Candidate> {
    let entity_type = name_type(name.kind);
    let score = Score::new(name.score);
    let least = selection.min_score(&entity_type)?;
    let (start, end) = (name.start, name.end);
    (score >= least).then_some(Candidate {
        entity_type,
        start,
        end,
        score,
        recognizer: names::RECOGNIZER.into(),
        of_model: false,
    })
}

fn name_type(kind: NameKind) -> EntityType {
    match kind {
        NameKind::Person => EntityType::PERSON,
        NameKind::Location => EntityType::LOCATION,
        NameKind::Organization => EntityType::ORGANIZATION,
    }
}

/// Appends the signals of prompt injection, if the selection wants them.
fn signals(view: &View<'_>, selection: &Selection, out: &mut Vec<Candidate>) {
    let Some(least) = selection.min_score(&EntityType::PROMPT_INJECTION) else { return };
    // The label is no part of the text: a sentence must not begin in it.
    let label = view.label_len();
    let body = view.text().get(label..).unwrap_or_default();
    out.extend(injection::find(body, least.get()).into_iter().map(|signal| Candidate {
        entity_type: EntityType::PROMPT_INJECTION,
        start: label + signal.start,
        end: label + signal.end,
        score: Score::new(signal.score),
        recognizer: evidence(&signal).into(),
        of_model: false,
    }));
}

/// The names of the recognizers of prompt injection.
const INJECTION_RULES: &str = "injection_rules";
const INJECTION_CLASSIFIER: &str = "injection_classifier";

fn evidence(signal: &Signal) -> &'static str {
    match signal.evidence {
        Evidence::Rule => INJECTION_RULES,
        Evidence::Classifier => INJECTION_CLASSIFIER,
    }
}

/// Brings a candidate back to the original text.
fn finding(candidate: Candidate, view: &View<'_>, original: &str) -> Option<Finding> {
    let (start, end) = view.original(candidate.start, candidate.end)?;
    let span = Span::of(original, start, end).filter(|s| !s.is_empty())?;
    Some(Finding {
        entity_type: candidate.entity_type,
        span,
        score: candidate.score,
        recognizer: candidate.recognizer,
    })
}

fn builtin_recognizers() -> impl Iterator<Item = RecognizerInfo> {
    let names = RecognizerInfo {
        name: names::RECOGNIZER.into(),
        entity_types: EntityType::NAMED.into(),
        description: "people, places and organisations, by a statistical tagger".into(),
    };
    let patterns = recognizer::ALL.iter().map(|r| {
        let mut entity_types: Vec<_> = r.patterns.iter().map(|p| p.entity_type.clone()).collect();
        entity_types.sort();
        entity_types.dedup();
        RecognizerInfo { name: r.name.into(), entity_types, description: r.description.into() }
    });
    let tokens = RecognizerInfo {
        name: secrets::NAME.into(),
        entity_types: vec![secrets::SECRET],
        description: secrets::DESCRIPTION.into(),
    };
    let injection = [
        (INJECTION_RULES, "phrases of prompt injections and jailbreaks"),
        (
            INJECTION_CLASSIFIER,
            "sentences and passages that read like prompt injections and jailbreaks",
        ),
    ];
    let injection = injection.map(|(name, description)| RecognizerInfo {
        name: name.into(),
        entity_types: vec![EntityType::PROMPT_INJECTION],
        description: description.into(),
    });
    patterns.chain([tokens, names]).chain(injection)
}
