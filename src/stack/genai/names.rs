//! Names that may be told: in spans those in which nothing private is found, in labels a few of them.

use crate::call::Discretion;
use arc_swap::ArcSwap;
use std::{collections::HashSet, sync::Arc};

/// The conventions' word for what is not told apart.
const OTHER: &str = "_OTHER";

/// Names of models that are told apart: those of the configuration, and the first that providers have answered for. Reading
/// takes no lock.
#[derive(Debug)]
pub(super) struct Models {
    configured: HashSet<Arc<str>>,
    known: ArcSwap<HashSet<Arc<str>>>,
    other: Arc<str>,
}

impl Default for Models {
    fn default() -> Self {
        Self::of([].into_iter())
    }
}

impl Models {
    /// How many are told apart besides those of the configuration: few, since models that are asked for and models that
    /// answer come in pairs.
    pub(super) const MOST: usize = 20;

    pub(super) fn of<'n>(configured: impl Iterator<Item = &'n str>) -> Self {
        let configured = configured.map(Arc::from).collect();
        Self { configured, known: ArcSwap::default(), other: OTHER.into() }
    }

    /// The name as it may be told.
    pub(super) fn told(&self, model: String, discretion: &Discretion) -> String {
        let is_known = self.configured.contains(&*model) || self.known.load().contains(&*model);
        if is_known || may_be_told(&model, discretion) { model } else { OTHER.to_owned() }
    }

    /// The name as a label, if it is known or may be from now on. It is one that may be told.
    pub(super) fn name(&self, model: &str, may_be_known: bool) -> Arc<str> {
        let known = |all: &HashSet<Arc<str>>| all.get(model).map(Arc::clone);
        let found = known(&self.configured).or_else(|| known(&self.known.load()));
        if let Some(name) = found {
            return name;
        }
        if !may_be_known || model == OTHER || self.known.load().len() >= Self::MOST {
            return Arc::clone(&self.other);
        }
        let name: Arc<str> = model.into();
        self.known.rcu(|known| {
            // Looked at again: others may have added theirs meanwhile.
            if known.len() >= Self::MOST {
                return Arc::clone(known);
            }
            let mut known = HashSet::clone(known);
            known.insert(Arc::clone(&name));
            Arc::new(known)
        });
        if self.known.load().contains(&name) { name } else { Arc::clone(&self.other) }
    }

    /// The name as a label, if the configuration has it.
    pub(super) fn configured_name(&self, model: &str) -> Arc<str> {
        Arc::clone(self.configured.get(model).unwrap_or(&self.other))
    }
}

/// Whether a name that a caller may have chosen is without anything private, as far as can be seen: what is written in
/// many digits, which may be a number of someone's whatever stands around it, and what the policy's detectors find.
pub(super) fn may_be_told(name: &str, discretion: &Discretion) -> bool {
    const MOST_DIGITS: usize = 6;
    digits_outside_dates(name) <= MOST_DIGITS && discretion.tells(name)
}

/// The day of a version, such as `2024-08-06` or `20241022`, says nothing of anyone.
fn digits_outside_dates(name: &str) -> usize {
    let mut rest = name.as_bytes();
    let mut n_digits = 0;
    let mut is_inside = false;
    while let Some((&byte, after)) = rest.split_first() {
        match (!is_inside).then(|| date_len(rest)).flatten() {
            Some(len) => rest = &rest[len..],
            None => {
                n_digits += usize::from(byte.is_ascii_digit());
                is_inside = byte.is_ascii_digit();
                rest = after;
            }
        }
    }
    n_digits
}

/// How long the date is that `text` begins with: a day since 2020, when there were models to name, after which no digit
/// comes.
fn date_len(text: &[u8]) -> Option<usize> {
    let is_dashed = text.get(4) == Some(&b'-');
    let (month, day, len) = if is_dashed { (5, 8, 10) } else { (4, 6, 8) };
    if is_dashed && text.get(7) != Some(&b'-') || text.get(len).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let number = |at: usize, len: usize| {
        let digits = text.get(at..at + len)?;
        let value =
            |sum: u32, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'));
        digits.iter().try_fold(0, value)
    };
    let is_day = (2020..2040).contains(&number(0, 4)?)
        && (1..=12).contains(&number(month, 2)?)
        && (1..=31).contains(&number(day, 2)?);
    is_day.then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Barrier, thread};

    #[test]
    fn models_are_told_apart_once_a_provider_has_answered_for_them() {
        let models = Models::default();
        assert_eq!(&*models.name("m-1", false), OTHER);
        assert_eq!(&*models.name("m-1", true), "m-1");
        assert_eq!(&*models.name("m-1", false), "m-1");
    }

    #[test]
    fn endless_names_of_models_are_one_and_take_no_place_of_configured_ones() {
        let models = Models::of(["ours"].into_iter());
        let barrier = Barrier::new(4);
        thread::scope(|scope| {
            for who in 0..4 {
                let (models, barrier) = (&models, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    for n in 0..2 * Models::MOST {
                        models.name(&format!("m-{who}-{n}"), true);
                    }
                });
            }
        });
        assert_eq!(models.known.load().len(), Models::MOST);
        assert_eq!(&*models.name("one-more", true), OTHER);
        assert_eq!(&*models.name("ours", false), "ours");
    }

    #[test]
    fn names_with_numbers_of_someone_are_not_told() {
        let models = Models::of(["ours-1234567"].into_iter());
        let discretion = Discretion::new(|name| name != "jane");
        for (name, is_told) in [
            ("gpt-4o-2024-08-06", true),
            ("claude-3-5-sonnet-20241022", true),
            ("org/Model-8x22B-v0.1.Q4_K_M", true),
            ("ours-1234567", true),
            ("jane", false),
            ("tel-415-555-0123", false),
            ("m-078-05-1120", false),
            ("m-5550123", false),
            ("m-19780512", false),
            ("m-202405123", false),
            ("m-9920240512", false),
        ] {
            let told = models.told(name.to_owned(), &discretion);
            assert_eq!(told, if is_told { name } else { OTHER });
        }
        assert_eq!(models.told("m".into(), &Discretion::default()), OTHER);
    }
}
