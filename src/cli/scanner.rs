//! Scans one text after the other for a command.

use super::Failure;
use crate::{
    detect::{EntityType, Selection, Text},
    engine::{Engine, Scanned, Verdict},
    policy::Policy,
};
use std::sync::Arc;

/// What a scan needs.
pub(super) struct Scanner {
    pub(super) engine: Engine,
    pub(super) policy: Arc<Policy>,
    pub(super) selection: Selection,
    pub(super) fail_on: Vec<EntityType>,
}

impl Scanner {
    pub(super) fn scan(&self, text: &str) -> Result<Scanned, Failure> {
        let scanned = self.engine.scan_for(&self.policy, &[Text::from(text)], &self.selection);
        let last = scanned.map_err(Failure::of)?.pop();
        Ok(last.unwrap_or(Scanned { findings: Vec::new(), verdict: Verdict::Allow }))
    }

    /// True when it found what must not be there.
    pub(super) fn fails(&self, scanned: &Scanned) -> bool {
        scanned.findings.iter().any(|judged| self.fail_on.contains(&judged.finding.entity_type))
    }
}
