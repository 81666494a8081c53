//! All policies of a service, read and checked together.

use super::{
    Place, Policy, PolicyName, builtin,
    compile::Compiler,
    error::{Error, Faults, suggest},
    file::{self, Form},
};
use crate::detect::Model;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

/// Policies by name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PolicySet {
    policies: Arc<BTreeMap<PolicyName, Arc<Policy>>>,
}

impl PolicySet {
    /// The built-in policies, compiled once for the whole process.
    pub fn builtin() -> Self {
        static BUILTIN: LazyLock<PolicySet> = LazyLock::new(|| {
            PolicySet::load(Vec::new()).expect("the built-in policies are tested")
        });
        BUILTIN.clone()
    }

    /// The built-in policies and those of `files`, each given by a name for messages and its YAML.
    ///
    /// A file may extend built-in policies and those of other files, in any order. A file whose policy has the name of
    /// a built-in one takes its place, and may extend the one it replaces. Built-in policies extend built-in ones only.
    ///
    /// # Errors
    /// All faults of all files at once, by file and place.
    pub fn load(files: Vec<(String, String)>) -> Result<Self, Vec<Error>> {
        Self::load_with(files, &[])
    }

    /// The same, where policies may name `models`.
    ///
    /// # Errors
    /// All faults of all files at once, by file and place.
    pub fn load_with(
        files: Vec<(String, String)>,
        models: &[Arc<dyn Model>],
    ) -> Result<Self, Vec<Error>> {
        let (sources, mut errors) = Sources::read(&files);
        let mut compiler = Compiler::new(models);
        let mut policies = BTreeMap::new();
        for form in sources.active() {
            let compiled = match sources.lineage(form) {
                Ok(lineage) => compiler.compile(&lineage),
                Err(faults) => Err([faults, compiler.check_apart(form)].concat()),
            };
            match compiled {
                Ok(policy) => {
                    policies.insert(form.name.value.clone(), Arc::new(policy));
                }
                Err(faults) => errors.extend(faults),
            }
        }
        for form in &sources.faulty {
            let found = match sources.lineage(form) {
                Ok(lineage) => compiler.check(&lineage, &errors),
                Err(faults) => [faults, compiler.check_apart(form)].concat(),
            };
            errors.extend(found);
        }
        if errors.is_empty() {
            Ok(Self { policies: Arc::new(policies) })
        } else {
            Err(sorted(errors))
        }
    }

    /// The policy of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Policy>> {
        self.policies.get(name)
    }

    /// All policies, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Policy>> {
        self.policies.values()
    }
}

/// By file, then by place. A fault of an ancestor is met again in each policy below it, and stands once.
fn sorted(mut errors: Vec<Error>) -> Vec<Error> {
    errors.sort_by(|a, b| (&a.file, a.place, &a.field).cmp(&(&b.file, b.place, &b.field)));
    errors.dedup();
    errors
}

/// All policies as they are written.
#[derive(Default)]
struct Sources {
    builtin: BTreeMap<PolicyName, Form>,
    own: BTreeMap<PolicyName, Form>,
    /// What could be read of files with faults, for the checks that come after reading.
    faulty: Vec<Form>,
    /// Names under which a file could not be read: whoever extends one has no fault of its own.
    unreadable: BTreeSet<String>,
}

impl Sources {
    fn read(files: &[(String, String)]) -> (Self, Vec<Error>) {
        let mut sources = Self::default();
        let mut errors = Vec::new();
        for (file, yaml) in builtin::FILES {
            match file::read(file, yaml) {
                Ok(form) => drop(sources.builtin.insert(form.name.value.clone(), form)),
                Err(faults) => errors.extend(faults.errors),
            }
        }
        for (file, yaml) in files {
            match file::read(file, yaml) {
                Ok(form) => errors.extend(sources.add(form)),
                Err(faults) => {
                    sources.unreadable.insert(faults.name);
                    sources.faulty.extend(faults.form.map(|form| *form));
                    errors.extend(faults.errors);
                }
            }
        }
        (sources, errors)
    }

    fn add(&mut self, form: Form) -> Vec<Error> {
        let name = form.name.value.clone();
        let Some(earlier) = self.own.get(&name) else {
            self.own.insert(name, form);
            return Vec::new();
        };
        let mut faults = Faults::of(&form.file);
        let problem = format!("the policy `{name}` is also defined in {}", earlier.file);
        faults.add(form.name.place, "name", problem, "rename one of the two");
        faults.into_vec()
    }

    /// What the set holds in the end: own policies, and the built-in ones that none of them replaces.
    fn active(&self) -> impl Iterator<Item = &Form> {
        let kept = self.builtin.iter().filter(|(name, _)| !self.own.contains_key(*name));
        self.own.values().chain(kept.map(|(_, form)| form))
    }

    /// The form and all it extends, ancestors first, each once.
    fn lineage<'s>(&'s self, form: &'s Form) -> Result<Vec<&'s Form>, Vec<Error>> {
        let mut walk = Walk {
            sources: self,
            faults: Faults::of(&form.file),
            path: Vec::new(),
            entry: None,
            done: Vec::new(),
        };
        let whole = walk.visit(form);
        match (whole, walk.faults.into_vec()) {
            (true, faults) if faults.is_empty() => Ok(walk.done),
            (_, faults) => Err(faults),
        }
    }

    fn is_builtin(&self, form: &Form) -> bool {
        self.builtin.get(&form.name.value).is_some_and(|builtin| std::ptr::eq(builtin, form))
    }

    /// What `child` means by `name`.
    fn parent(&self, child: &Form, name: &str) -> Option<&Form> {
        let replaces_it = child.name.value.as_str() == name;
        if self.is_builtin(child) || replaces_it {
            let parent = self.builtin.get(name);
            return parent.filter(|parent| !std::ptr::eq(*parent, child));
        }
        self.own.get(name).or_else(|| self.builtin.get(name))
    }

    fn names(&self) -> BTreeSet<&str> {
        self.own.keys().chain(self.builtin.keys()).map(PolicyName::as_str).collect()
    }
}

/// Depth first through `extends`. The path is checked before it grows, so a cycle ends it.
struct Walk<'s> {
    sources: &'s Sources,
    faults: Faults<'s>,
    /// From the form at the beginning to the one in hand.
    path: Vec<&'s Form>,
    /// Where the form at the beginning names the parent in hand.
    entry: Option<Place>,
    done: Vec<&'s Form>,
}

impl<'s> Walk<'s> {
    /// False when an ancestor is not to be had.
    fn visit(&mut self, form: &'s Form) -> bool {
        if self.done.iter().any(|done| std::ptr::eq(*done, form)) {
            return true;
        }
        self.path.push(form);
        let mut whole = true;
        for parent in &form.extends {
            whole &= self.visit_parent(form, &parent.value, parent.place);
        }
        self.path.pop();
        self.done.push(form);
        whole
    }

    fn visit_parent(&mut self, child: &'s Form, name: &str, place: Option<Place>) -> bool {
        if self.path.len() == 1 {
            self.entry = place;
        }
        let Some(parent) = self.sources.parent(child, name) else {
            self.missing(child, name, place);
            return false;
        };
        if self.path.iter().any(|form| std::ptr::eq(*form, parent)) {
            self.cycle(parent);
            return false;
        }
        self.visit(parent)
    }

    /// Faults are told in the file that holds them: an ancestor tells its own.
    fn missing(&mut self, child: &Form, name: &str, place: Option<Place>) {
        if self.path.len() > 1 || self.sources.unreadable.contains(name) {
            return;
        }
        let (problem, remedy) = if child.name.value.as_str() == name {
            (format!("`{name}` extends itself"), "extend another policy".to_owned())
        } else {
            (format!("there is no policy `{name}`"), suggest(name, self.sources.names()))
        };
        self.faults.add(place, "extends", problem, remedy);
    }

    /// Each member of a cycle tells it once: where it is its beginning and its end.
    fn cycle(&mut self, parent: &Form) {
        if !self.path.first().is_some_and(|first| std::ptr::eq(*first, parent)) {
            return;
        }
        let names: Vec<&str> = self.path.iter().map(|form| form.name.value.as_str()).collect();
        let problem = format!("{} -> {} is a cycle", names.join(" -> "), parent.name.value);
        self.faults.add(self.entry, "extends", problem, "take one of these steps out");
    }
}
