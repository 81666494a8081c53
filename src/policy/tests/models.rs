//! Policies that name models.

use super::*;
use crate::detect::{Model, finder::Finder};

fn load_with(yaml: &str, model: &Arc<Finder>) -> Result<PolicySet, Vec<Error>> {
    let model = Arc::clone(model) as Arc<dyn Model>;
    PolicySet::load_with(vec![("t.yaml".to_owned(), yaml.to_owned())], &[model])
}

#[test]
fn a_model_that_nobody_has_is_a_fault() {
    check("models: finder", &[("t.yaml:1:9: models: there is no model `finder`", "models.*")]);
    let errors = load_with("models: [findr]", &Finder::new(Vec::new())).unwrap_err();
    assert!(errors[0].remedy.contains("did you mean `finder`?"), "{errors:?}");
}

#[test]
fn what_only_a_model_finds_is_wanted_by_who_names_it() {
    let model = Finder::new(Vec::new());
    let set = load_with("models: finder\nentities: [EMAIL]", &model).unwrap();
    let named = set.get("t").unwrap();
    let types: Vec<&str> = named.rules().keys().map(EntityType::as_str).collect();
    assert_eq!(types, ["ALIEN", "EMAIL_ADDRESS"], "nobody asked for persons");
    assert!(named.analyzer().has_models());

    let others = set.get("default_pii").unwrap();
    assert!(!others.analyzer().has_models());
    assert!(others.rules().keys().all(|t| t.as_str() != "ALIEN"));
    let plain = policy("entities: [EMAIL]");
    assert_ne!(plain.version(), named.version());
}

#[test]
fn models_add_up_along_the_line() {
    let model = Arc::clone(&Finder::new(Vec::new())) as Arc<dyn Model>;
    let files = [("a.yaml", "models: finder"), ("b.yaml", "extends: a\nentities: {ALIEN: off}")];
    let files = files.map(|(f, y)| (f.to_owned(), y.to_owned()));
    let set = PolicySet::load_with(files.into(), &[model]).unwrap();
    let heir = set.get("b").unwrap();
    assert_eq!(heir.models(), ["finder"]);
    assert!(heir.analyzer().has_models());
    assert!(heir.rules().is_empty());
}
