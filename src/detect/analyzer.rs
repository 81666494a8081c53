//! Runs all recognizers over texts. Start reading here.

use super::{
    Candidate, EntityType, Finding, Selection, Span, Text,
    custom::{CustomError, CustomRecognizer, CustomRules},
    engine::Engine,
    overlap, recognizer,
    view::View,
};
use std::{borrow::Cow, sync::LazyLock};

/// The patterns that are built in, compiled at first use and shared by all analyzers.
static BUILTIN: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(recognizer::ALL).expect("the tables hold valid, bounded patterns")
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
    /// Takes time linear in the length of the texts, whatever they hold.
    pub fn analyze(&self, texts: &[Text<'_>], selection: &Selection) -> Vec<Vec<Finding>> {
        texts.iter().map(|text| self.analyze_one(text, selection)).collect()
    }

    /// All types that some recognizer finds, sorted by name.
    pub fn entity_types(&self) -> &[EntityType] {
        &self.entity_types
    }

    /// All recognizers, the built-in ones first.
    pub fn recognizers(&self) -> &[RecognizerInfo] {
        &self.recognizers
    }

    fn analyze_one(&self, text: &Text<'_>, selection: &Selection) -> Vec<Finding> {
        let view = View::of(text);
        let mut candidates = Vec::new();
        self.builtin.scan(view.text(), selection, &mut candidates);
        self.custom.scan(view.text(), selection, &mut candidates);
        names(view.text(), selection, &mut candidates);
        overlap::resolve(candidates)
            .into_iter()
            .filter_map(|c| finding(c, &view, text.text))
            .collect()
    }
}

/// PERSON, LOCATION and ORGANIZATION: the place where the names module adds its candidates.
fn names(_text: &str, _selection: &Selection, _out: &mut Vec<Candidate>) {}

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
    recognizer::ALL.iter().map(|r| {
        let mut entity_types: Vec<_> = r.patterns.iter().map(|p| p.entity_type.clone()).collect();
        entity_types.sort();
        entity_types.dedup();
        RecognizerInfo { name: r.name.into(), entity_types, description: r.description.into() }
    })
}
