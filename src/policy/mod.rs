//! What to look for, from which score on, and what to do with it.
//!
//! A policy is written in YAML ([`file`]), may extend others, and is checked as a whole when it is loaded
//! ([`PolicySet::load`]): a loaded policy has no hole that would show only at work. Knows nothing of requests, files
//! on disk or the network. Start reading at [`PolicySet`].

mod allow;
mod builtin;
mod check;
mod compile;
mod draft;
mod error;
mod file;
mod name;
mod one_way;
mod operator;
mod read;
mod recognizers;
mod rules;
mod set;
mod tree;
mod version;

#[cfg(test)]
mod tests;

pub use error::{Error, Place};
pub use name::{PolicyName, canonical};
pub use one_way::{Carrier, OneWay};
pub use set::PolicySet;

use crate::{
    detect::{Analyzer, EntityType, Memory, Score, Selection},
    redact::{Operator, Operators},
};
use core::time::Duration;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What happens to a text that holds an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It is reported and stays in place.
    Flag,
    /// It is replaced by the operator.
    Redact,
    /// The text is not sent at all.
    Block,
}

impl Action {
    /// The word a policy file has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Redact => "redact",
            Self::Block => "block",
        }
    }
}

/// Which way a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the model.
    Input,
    /// From the model.
    Output,
    /// Either way.
    Both,
}

impl Direction {
    /// The word a policy file has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Both => "both",
        }
    }

    /// True when a rule of this direction applies to a text that goes `way`.
    pub fn covers(self, way: Self) -> bool {
        self == way || self == Self::Both || way == Self::Both
    }
}

/// What happens to what the model itself wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// It is not looked for.
    Pass,
    /// It is looked for, and this happens.
    Act(Action),
}

impl Output {
    /// The word a policy file has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Act(action) => action.name(),
        }
    }
}

/// What tells placeholders from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numbering {
    /// The order in which values appear in a request.
    Appearance,
    /// A keyed digest of the value, the same in all requests of a caller.
    Keyed,
}

impl Numbering {
    /// The word a policy file has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Appearance => "appearance",
            Self::Keyed => "keyed",
        }
    }
}

/// What to do with content that cannot be read, such as images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unscannable {
    /// Send it on and name it in the answer.
    Pass,
    /// Refuse the request.
    Deny,
}

impl Unscannable {
    /// The word a policy file has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Deny => "deny",
        }
    }
}

/// What to do with a text that its author has signed, and that holds what is replaced elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signed {
    /// Refuse the request.
    Refuse,
    /// Send it as it is, and name it in the answer.
    Pass,
}

impl Signed {
    /// The word a policy file has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Pass => "pass",
        }
    }
}

/// How long what belongs to a policy may be kept: hints, for the service to honour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Longest life of a session's mapping; `None` leaves it to the service.
    pub sessions: Option<Duration>,
    /// Whether completions may be cached; `None` leaves it to the service.
    pub cache: Option<bool>,
}

/// What a policy says of one entity type.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// How it is replaced.
    pub operator: Operator,
    /// Findings below this score are ignored.
    pub min_score: Score,
    /// What happens to the text.
    pub action: Action,
    /// For texts of which way.
    pub direction: Direction,
    /// What happens to what the model wrote: what `action` says if the rule is for that way, unless said otherwise.
    pub output: Output,
}

/// A checked policy, ready for use. Made by [`PolicySet`] alone.
#[derive(Debug)]
pub struct Policy {
    name: PolicyName,
    file: String,
    description: String,
    version: Arc<str>,
    languages: Vec<String>,
    rules: BTreeMap<EntityType, Rule>,
    unscannable: Unscannable,
    signed: Signed,
    numbering: Numbering,
    one_way: OneWay,
    canaries: Vec<String>,
    models: Vec<String>,
    own: BTreeSet<EntityType>,
    retention: Retention,
    allow: allow::AllowList,
    analyzer: Arc<Analyzer>,
    memory: Memory,
    input: Selection,
    output: Selection,
    operators: Operators,
    output_operators: Operators,
}

impl Policy {
    /// Its name.
    pub fn name(&self) -> &PolicyName {
        &self.name
    }

    /// The file it was read from, as it was named on loading.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// One line on what it is for; may be empty.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Digest of all that it does: two policies with the same digest act alike.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// The languages it is meant for, as two-letter codes; empty means any.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The types it acts on, sorted, and what it does with them.
    pub fn rules(&self) -> &BTreeMap<EntityType, Rule> {
        &self.rules
    }

    /// What to do with content that cannot be read.
    pub fn unscannable(&self) -> Unscannable {
        self.unscannable
    }

    /// What to do with signed texts that hold what is replaced elsewhere.
    pub fn signed(&self) -> Signed {
        self.signed
    }

    /// What tells placeholders from each other.
    pub fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// Where in an answer nothing is put back.
    pub fn one_way(&self) -> OneWay {
        self.one_way
    }

    /// Strings that no answer may hold, such as a mark in a system prompt. Sent in requests, they are let through.
    pub fn canaries(&self) -> &[String] {
        &self.canaries
    }

    /// The names of the models that read its texts, sorted.
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// True if a recognizer of the policy's own finds this type, so that its values may have any form.
    pub fn is_own(&self, entity_type: &EntityType) -> bool {
        self.own.contains(entity_type)
    }

    /// True if anything is looked for in what the model writes.
    pub fn guards_output(&self) -> bool {
        self.rules.values().any(|rule| rule.output != Output::Pass)
    }

    /// How long what belongs to it may be kept.
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The recognizers, the policy's own among them.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// What the analyzer found in texts that went to the model.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What to look for in texts that go `way`.
    pub fn selection(&self, way: Direction) -> &Selection {
        match way {
            Direction::Input | Direction::Both => &self.input,
            Direction::Output => &self.output,
        }
    }

    /// How findings are replaced: `keep` for what is only flagged.
    pub fn operators(&self) -> &Operators {
        &self.operators
    }

    /// How findings in what the model wrote are replaced: there is no original to come back, so never by a placeholder.
    pub fn output_operators(&self) -> &Operators {
        &self.output_operators
    }

    /// True when the policy lets this very value pass.
    pub fn allows(&self, value: &str) -> bool {
        self.allow.contains(value)
    }
}
