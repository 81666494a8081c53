//! Runs all recognizers over texts. Start reading here.

use super::{
    Candidate, EntityType, Finding, Score, Selection, Span, Text,
    custom::{CustomError, CustomRecognizer, CustomRules},
    engine::Engine,
    names::{self, NameKind},
    overlap, recognizer,
    view::View,
};
use std::{borrow::Cow, sync::LazyLock};

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
        let custom = CustomRules::new(custom)?;
        let recognizers: Vec<_> = builtin_recognizers().chain(custom.infos()).collect();
        let mut entity_types: Vec<_> =
            recognizers.iter().flat_map(|r| r.entity_types.iter().cloned()).collect();
        entity_types.sort();
        entity_types.dedup();
        Ok(Self { builtin: &BUILTIN, custom, recognizers, entity_types })
    }

    /// Scans `texts`; the result holds the findings of each, sorted by place, without overlaps, on `char` boundaries.
    ///
    /// The texts are those of one request: a person that one of them names is found again in the others.
    /// Takes time linear in the length of the texts, whatever they hold.
    pub fn analyze(&self, texts: &[Text<'_>], selection: &Selection) -> Vec<Vec<Finding>> {
        let views: Vec<View<'_>> = texts.iter().map(View::of).collect();
        let named = named(&views, selection);
        let all = texts.iter().zip(&views).zip(named);
        all.map(|((text, view), named)| self.analyze_one(text, view, named, selection)).collect()
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

    fn analyze_one(
        &self,
        text: &Text<'_>,
        view: &View<'_>,
        named: Vec<Candidate>,
        selection: &Selection,
    ) -> Vec<Finding> {
        let mut candidates = named;
        self.builtin.scan(view.text(), selection, &mut candidates);
        self.custom.scan(view.text(), selection, &mut candidates);
        overlap::resolve(view.text(), candidates)
            .into_iter()
            .filter_map(|c| finding(c, view, text.text))
            .collect()
    }
}

/// The names in all texts, as far as the selection wants them.
fn named(views: &[View<'_>], selection: &Selection) -> Vec<Vec<Candidate>> {
    if NAME_KINDS.iter().all(|kind| selection.min_score(&name_type(*kind)).is_none()) {
        return vec![Vec::new(); views.len()];
    }
    let texts: Vec<&str> = views.iter().map(View::text).collect();
    let mut found = vec![Vec::new(); texts.len()];
    for (text, found) in texts.iter().zip(&mut found) {
        names::find(text, found);
    }
    names::propagate(&texts, &mut found);
    found
        .into_iter()
        .map(|names| names.iter().filter_map(|n| wanted(n, selection)).collect())
        .collect()
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
        recognizer: NAMES.into(),
    })
}

/// The name of the recognizer that finds names.
const NAMES: &str = "names";

const NAME_KINDS: [NameKind; 3] = [NameKind::Person, NameKind::Location, NameKind::Organization];

fn name_type(kind: NameKind) -> EntityType {
    match kind {
        NameKind::Person => EntityType::PERSON,
        NameKind::Location => EntityType::LOCATION,
        NameKind::Organization => EntityType::ORGANIZATION,
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
        name: NAMES.into(),
        entity_types: NAME_KINDS.map(name_type).into(),
        description: "people, places and organisations, by a statistical tagger".into(),
    };
    let patterns = recognizer::ALL.iter().map(|r| {
        let mut entity_types: Vec<_> = r.patterns.iter().map(|p| p.entity_type.clone()).collect();
        entity_types.sort();
        entity_types.dedup();
        RecognizerInfo { name: r.name.into(), entity_types, description: r.description.into() }
    });
    patterns.chain([names])
}
