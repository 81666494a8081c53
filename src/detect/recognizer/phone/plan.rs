//! The numbering plans of the world, from libphonenumber's metadata.
//!
//! The `phonenumber` crate compiles its patterns behind one lock and forgets most of them again; here each plan is compiled once,
//! when a number of it is first seen.

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};
use regex_automata::{Anchored, Input, meta::Regex};
use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{LazyLock, OnceLock},
};

/// How a number fits its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The plan has such a number.
    Valid,
    /// The length is right, the range is not given out.
    Possible,
}

/// The plan of one region.
struct Plan {
    source: &'static Metadata,
    regex: OnceLock<Option<Regex>>,
}

static PLANS: LazyLock<HashMap<&'static str, Plan>> = LazyLock::new(|| {
    DATABASE.iter().map(|source| (source.id(), Plan { source, regex: OnceLock::new() })).collect()
});

static REGIONS: LazyLock<HashMap<u16, Vec<&'static Plan>>> = LazyLock::new(|| {
    let mut regions: HashMap<u16, Vec<&'static Plan>> = HashMap::new();
    for plan in PLANS.values() {
        regions.entry(plan.source.country_code()).or_default().push(plan);
    }
    regions
});

/// Plans in which a trunk zero is usual, in which a national number without other signs is looked up.
const WITH_TRUNK: &[&str] = &[
    "DE", "FR", "GB", "NL", "BE", "AT", "CH", "SE", "IT", "AU", "IN", "JP", "KR", "CN", "BR", "ZA",
    "TR", "FI", "IE", "NZ", "TH", "ID", "PH", "AR",
];

/// Digits that begin with a calling code.
pub(super) fn international(digits: &[u8]) -> Option<Fit> {
    (1..=3).find_map(|len| {
        let code = digits.get(..len)?.iter().fold(0u16, |code, &d| code * 10 + u16::from(d));
        let plans = REGIONS.get(&code)?;
        let national = digits.get(len..)?;
        // `+44 (0)20 …`: the trunk zero is not dialled from abroad.
        let trunk = national.strip_prefix(&[0]);
        // Until 2019 a 1 stood in front of mobile numbers of Mexico, and still stands in many a directory.
        let mobile = national.strip_prefix(&[1]).filter(|_| code == 52);
        let trimmed = trunk.or(mobile).unwrap_or(national);
        let fits = |number: &[u8]| plans.iter().any(|p| p.has(number));
        if fits(national) || fits(trimmed) {
            Some(Fit::Valid)
        } else {
            let possible =
                plans.iter().any(|p| p.has_length(national.len()) || p.has_length(trimmed.len()));
            (possible && national.len() >= 6).then_some(Fit::Possible)
        }
    })
}

/// Digits as dialled within `region`.
pub(super) fn is_valid_national(region: &str, digits: &[u8]) -> bool {
    PLANS.get(region).is_some_and(|plan| plan.has(digits))
}

/// Digits with a trunk zero, in any of the larger plans.
pub(super) fn is_valid_somewhere(digits: &[u8]) -> bool {
    let Some(national) = digits.strip_prefix(&[0]) else { return false };
    // Italy dials the zero from abroad too: there it is part of the number.
    WITH_TRUNK
        .iter()
        .any(|region| is_valid_national(region, if *region == "IT" { digits } else { national }))
}

impl Plan {
    fn has(&self, digits: &[u8]) -> bool {
        if !self.has_length(digits.len()) {
            return false;
        }
        let text: Vec<u8> = digits.iter().map(|d| d + b'0').collect();
        let regex = self.regex.get_or_init(|| Regex::new(&self.pattern()).ok());
        let whole = |regex: &Regex| regex.is_match(Input::new(&text).anchored(Anchored::Yes));
        regex.as_ref().is_some_and(whole)
    }

    /// The metadata gives lengths by kind only.
    fn has_length(&self, len: usize) -> bool {
        u16::try_from(len)
            .is_ok_and(|len| self.kinds().any(|kind| kind.possible_length().contains(&len)))
    }

    fn kinds(&self) -> impl Iterator<Item = &'static Descriptor> {
        let kinds = self.source.descriptors();
        let kinds = [
            kinds.fixed_line(),
            kinds.mobile(),
            kinds.toll_free(),
            kinds.premium_rate(),
            kinds.shared_cost(),
            kinds.personal_number(),
            kinds.voip(),
            kinds.pager(),
            kinds.uan(),
            kinds.voicemail(),
        ];
        kinds.into_iter().flatten()
    }

    /// All kinds of numbers of the plan, whole; the general pattern is too wide.
    fn pattern(&self) -> String {
        let mut pattern = String::from("(?x-u)^(?:");
        for (nth, kind) in self.kinds().enumerate() {
            push_kind(&mut pattern, nth, kind);
        }
        pattern.push_str(")$");
        pattern
    }
}

fn push_kind(pattern: &mut String, nth: usize, kind: &Descriptor) {
    let separator = if nth == 0 { "" } else { "|" };
    // Writing to a string does not fail.
    let _ = write!(pattern, "{separator}(?:{})", kind.national_number().as_str());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::seen::Digits;

    #[test]
    fn every_plan_compiles() {
        for (region, plan) in PLANS.iter() {
            assert!(Regex::new(&plan.pattern()).is_ok(), "{region}");
        }
    }

    #[test]
    fn numbers_are_looked_up_by_calling_code() {
        assert_eq!(international(&Digits::of("442079460123")), Some(Fit::Valid));
        assert_eq!(international(&Digits::of("4402079460123")), Some(Fit::Valid));
        assert_eq!(international(&Digits::of("15415550123")), Some(Fit::Valid));
        assert_eq!(international(&Digits::of("5215544182037")), Some(Fit::Valid));
        assert_eq!(international(&Digits::of("999123")), None);
    }
}
