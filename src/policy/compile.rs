//! From what is written to what can be used: recognizers compiled, every entity type found by one of them.

use super::{
    Direction, Numbering, Output, Policy, Signed, Unscannable,
    allow::AllowList,
    check::{check_entities, check_listings, check_recognizers, check_signals, check_templates},
    draft::Draft,
    error::{Error, Faults, nearest},
    file::{Form, Listing},
    name::canonical,
    read::Located,
    recognizers::{CANARY, DENIED, custom_recognizers, deny_recognizer, is_own},
    rules::{operators, output_operators, rules, selection},
    version::version,
};
use crate::detect::{Analyzer, EntityType, Memory, Model};
use std::{collections::BTreeSet, sync::Arc};

/// Compiles policies; those without recognizers and models of their own share one analyzer.
pub(super) struct Compiler<'m> {
    models: &'m [Arc<dyn Model>],
    shared: Option<Arc<Analyzer>>,
}

impl<'m> Compiler<'m> {
    /// Compiles policies that may name these models.
    pub(super) fn new(models: &'m [Arc<dyn Model>]) -> Self {
        Self { models, shared: None }
    }

    /// Compiles the last form of `lineage`, on top of those before it.
    pub(super) fn compile(&mut self, lineage: &[&Form]) -> Result<Policy, Vec<Error>> {
        let errors = self.check(lineage, &[]);
        let Some(form) = lineage.last().filter(|_| errors.is_empty()) else { return Err(errors) };
        // Without a fault of its own it can fail only by an ancestor's, which is told when that one is compiled.
        self.build(form, &Draft::of(lineage)).ok_or_else(Vec::new)
    }

    /// All faults of the last form of `lineage` that reading alone does not show. `known` are those that it did.
    pub(super) fn check(&mut self, lineage: &[&Form], known: &[Error]) -> Vec<Error> {
        let Some(form) = lineage.last() else { return Vec::new() };
        let mut errors = self.check_apart(form);
        // A type may be unknown only because what finds it could not be read.
        let hides_types = |e: &Error| {
            e.file == form.file && (e.field.starts_with("recognizers") || e.field == "models")
        };
        let unknown_models = errors.iter().any(|e| e.field == "models");
        if !unknown_models && !known.iter().any(hides_types) {
            let mut faults = Faults::of(&form.file);
            check_entities(form, &self.types(&Draft::of(lineage)), &mut faults);
            errors.extend(faults.into_vec());
        }
        errors
    }

    /// The faults of a form that show without those it extends.
    pub(super) fn check_apart(&self, form: &Form) -> Vec<Error> {
        let mut faults = Faults::of(&form.file);
        check_recognizers(form, &mut faults);
        self.check_models(form, &mut faults);
        check_listings(form, &mut faults);
        check_signals(form, &mut faults);
        check_templates(form, &mut faults);
        faults.into_vec()
    }

    /// All types that something finds, or would find if it had no fault.
    fn types(&mut self, draft: &Draft<'_>) -> BTreeSet<EntityType> {
        let plain = self.plain();
        let models = self.named_models(draft);
        let of_models = models.iter().flat_map(|model| model.info().entity_types.clone());
        let own = draft.recognizers.values();
        let own = own.filter_map(|form| EntityType::custom(canonical(&form.entity_type.value)));
        let listed = [
            (deny_recognizer(&draft.deny).is_some(), DENIED),
            (!draft.canaries.is_empty(), CANARY),
        ];
        let listed = listed.into_iter().filter(|(is_there, _)| *is_there);
        plain
            .iter()
            .flat_map(|analyzer| analyzer.entity_types().iter().cloned())
            .chain(of_models)
            .chain(own)
            .chain(listed.map(|(_, name)| EntityType::builtin(name)))
            .collect()
    }

    fn build(&mut self, form: &Form, draft: &Draft<'_>) -> Option<Policy> {
        let analyzer = self.analyzer(draft)?;
        let own = self.own_types(draft, &analyzer)?;
        let rules = rules(draft, &analyzer, &own)?;
        Some(Policy {
            name: form.name.value.clone(),
            file: form.file.clone(),
            description: form.description.clone().unwrap_or_default(),
            version: version(draft, &rules, &self.named_models(draft)),
            languages: draft.languages.to_vec(),
            unscannable: draft.unscannable.unwrap_or(Unscannable::Pass),
            signed: draft.signed.unwrap_or(Signed::Refuse),
            retention: draft.retention,
            allow: allow_list(&draft.allow)?,
            numbering: draft.numbering.unwrap_or(Numbering::Appearance),
            one_way: draft.one_way.unwrap_or_default(),
            own,
            canaries: draft.canaries.iter().map(|canary| (*canary).to_owned()).collect(),
            models: draft.models.iter().map(|model| (*model).to_owned()).collect(),
            input: selection(&rules, |rule| rule.direction.covers(Direction::Input)),
            output: selection(&rules, |rule| rule.output != Output::Pass),
            operators: operators(&rules),
            memory: if analyzer.has_models() {
                Memory::of_short_texts()
            } else {
                Memory::default()
            },
            output_operators: output_operators(&rules),
            analyzer,
            rules,
        })
    }

    fn analyzer(&mut self, draft: &Draft<'_>) -> Option<Arc<Analyzer>> {
        let custom = custom_recognizers(draft)?;
        let models = self.named_models(draft);
        if !custom.is_empty() || !models.is_empty() {
            return Analyzer::with_models(custom, models).ok().map(Arc::new);
        }
        self.plain()
    }

    /// The built-in recognizers alone.
    fn plain(&mut self) -> Option<Arc<Analyzer>> {
        if self.shared.is_none() {
            self.shared = Analyzer::new(Vec::new()).ok().map(Arc::new);
        }
        self.shared.clone()
    }

    fn named_models(&self, draft: &Draft<'_>) -> Vec<Arc<dyn Model>> {
        let named = |model: &&Arc<dyn Model>| draft.models.contains(&*model.info().name);
        self.models.iter().filter(named).map(Arc::clone).collect()
    }

    fn check_models(&self, form: &Form, faults: &mut Faults<'_>) {
        let known: Vec<&str> = self.models.iter().map(|model| &*model.info().name).collect();
        for Located { value, place } in &form.models {
            if known.contains(&value.as_str()) {
                continue;
            }
            let remedy = nearest(value, known.iter().copied()).unwrap_or_else(|| {
                "define one in the settings `models.*`; commands without a server take these by `--config`"
                    .to_owned()
            });
            faults.add(*place, "models", format!("there is no model `{value}`"), remedy);
        }
    }

    /// The types that are looked for also without a line under `entities`: who writes a recognizer wants what it finds, and
    /// who names a model wants what nothing else finds.
    fn own_types(
        &mut self,
        draft: &Draft<'_>,
        analyzer: &Analyzer,
    ) -> Option<BTreeSet<EntityType>> {
        let plain = self.plain()?;
        let own = |t: &&EntityType| is_own(draft, t) || !plain.entity_types().contains(t);
        Some(analyzer.entity_types().iter().filter(own).cloned().collect())
    }
}

fn allow_list(listings: &[&Listing]) -> Option<AllowList> {
    let exact = listings.iter().flat_map(|l| l.exact.iter().cloned());
    let patterns: Vec<String> =
        listings.iter().flat_map(|l| l.regex.iter().map(|r| r.value.clone())).collect();
    AllowList::new(exact, &patterns).ok()
}
