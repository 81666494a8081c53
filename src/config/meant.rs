//! What is meant: checked values out of what was said. The second of the two steps of a configuration.

use super::Host;
use super::{
    Fault,
    said::{Everything, Said},
    settings,
};
use crate::{rest::Origin, sensitive::Sensitive};
use http::HeaderName;
use std::{collections::BTreeMap, fs, net::SocketAddr, path::PathBuf, time::Duration};

/// A value that a setting's text can mean.
pub(super) trait Meaning: Sized {
    /// What a text must look like, to end the sentence "expected …".
    const EXPECTED: &'static str;
    /// Whether the text may be repeated in an error.
    const SECRET: bool = false;

    /// Reads the text.
    fn of(text: &str) -> Option<Self>;
}

impl Meaning for SocketAddr {
    const EXPECTED: &'static str = "an address and port such as 127.0.0.1:8000 or [::1]:8000";

    fn of(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Meaning for usize {
    const EXPECTED: &'static str = "a whole number";

    fn of(text: &str) -> Option<Self> {
        text.replace('_', "").parse().ok()
    }
}

impl Meaning for u32 {
    const EXPECTED: &'static str = "a whole number up to 4294967295";

    fn of(text: &str) -> Option<Self> {
        text.replace('_', "").parse().ok()
    }
}

impl Meaning for u64 {
    const EXPECTED: &'static str = "a whole number";

    fn of(text: &str) -> Option<Self> {
        text.replace('_', "").parse().ok()
    }
}

impl Meaning for f64 {
    const EXPECTED: &'static str = "a number";

    fn of(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Far above any use, and far below what clocks, timers and Redis can count.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

impl Meaning for Duration {
    const EXPECTED: &'static str = "a whole number of milliseconds, of ten years at most";

    fn of(text: &str) -> Option<Self> {
        let time = text.replace('_', "").parse().ok().map(Self::from_millis);
        time.filter(|time| *time <= LONGEST)
    }
}

impl Meaning for String {
    const EXPECTED: &'static str = "a text that is not empty";

    fn of(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Meaning for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn of(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }
}

impl Meaning for Vec<PathBuf> {
    const EXPECTED: &'static str = "paths with commas between them";

    fn of(text: &str) -> Option<Self> {
        Some(items(text).map(PathBuf::from).collect())
    }
}

/// What stands between commas, but for white space around it and empty places.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Values with commas between them, none of them empty.
pub(super) struct List<T>(pub(super) Vec<T>);

impl Meaning for List<String> {
    const EXPECTED: &'static str = "texts with commas between them";

    fn of(text: &str) -> Option<Self> {
        Some(Self(items(text).map(str::to_owned).collect()))
    }
}

impl Meaning for List<u16> {
    const EXPECTED: &'static str = "whole numbers up to 65535 with commas between them";

    fn of(text: &str) -> Option<Self> {
        items(text).map(|item| item.parse().ok()).collect::<Option<_>>().map(Self)
    }
}

impl Meaning for List<Origin> {
    const EXPECTED: &'static str = "origins with commas between them, such as https://app.example.org, \
                                    https://*.example.org or http://localhost:*, or * for all";

    fn of(text: &str) -> Option<Self> {
        items(text).map(Origin::parse).collect::<Option<_>>().map(Self)
    }
}

impl Meaning for List<Host> {
    const EXPECTED: &'static str = "names without a port, with commas between them, such as guard.example.org or \
                                    *.example.org, or * for all";

    fn of(text: &str) -> Option<Self> {
        items(text).map(Host::parse).collect::<Option<_>>().map(Self)
    }
}

impl Meaning for List<HeaderName> {
    const EXPECTED: &'static str = "names of headers with commas between them";

    fn of(text: &str) -> Option<Self> {
        items(text).map(|item| HeaderName::try_from(item).ok()).collect::<Option<_>>().map(Self)
    }
}

impl Meaning for Sensitive {
    const EXPECTED: &'static str = "a text that is not empty";
    const SECRET: bool = true;

    fn of(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::new(text))
    }
}

/// Takes settings one by one and collects what is wrong with them.
#[derive(Debug)]
pub(super) struct Reader {
    said: Everything,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(said: Everything, faults: Vec<Fault>) -> Self {
        Self { said, faults }
    }

    /// The setting's value, `default` when nothing was said or when it cannot be read (which is then a fault).
    pub(super) fn value<T: Meaning>(&mut self, key: &str, default: T) -> T {
        self.optional(key).unwrap_or(default)
    }

    /// The setting's value, if something was said.
    pub(super) fn optional<T: Meaning>(&mut self, key: &str) -> Option<T> {
        self.read(key, T::EXPECTED, T::SECRET, T::of)
    }

    /// The setting's value, one of a few words.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)], default: T) -> T {
        let listed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let expected = format!("one of {}", listed.join(", "));
        let of =
            |text: &str| words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        self.read(key, &expected, false, of).unwrap_or(default)
    }

    /// A time that must not be 0, and why.
    pub(super) fn limit(&mut self, key: &str, default: Duration, why: &str) -> Duration {
        let value = self.value(key, default);
        if value.is_zero() {
            self.fault(key, format!("is 0, which {why}"), "write 1 or more");
        }
        value
    }

    pub(super) fn at_least_one(&mut self, key: &str, default: usize) -> usize {
        let value = self.value(key, default);
        if value == 0 {
            self.fault(key, "is 0, which would refuse every call", "write 1 or more");
        }
        value
    }

    /// A secret that stands in the setting itself, or in a file that another setting names.
    pub(super) fn text_or_file(&mut self, key: &str, file_key: &str) -> Option<Sensitive> {
        let text: Option<Sensitive> = self.optional(key);
        let path: Option<PathBuf> = self.optional(file_key);
        match (text, path) {
            (Some(_), Some(_)) => {
                self.fault(key, format!("and {file_key} are both given"), "give one of them");
                None
            }
            (Some(text), None) => Some(text),
            (None, Some(path)) => match fs::read_to_string(&path) {
                Ok(text) => Some(Sensitive::new(text.trim_end())),
                Err(error) => {
                    let problem =
                        format!("names {}, which cannot be read: {error}", path.display());
                    self.fault(file_key, problem, "name a readable file");
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// The names that the operator chose under `prefix`.
    pub(super) fn names_under(&self, prefix: &str) -> Vec<String> {
        self.said.names_under(prefix)
    }

    /// True for a setting that is said by a variable which all programs read.
    pub(super) fn is_common(&self, key: &str) -> bool {
        self.said.is_common(key)
    }

    /// The variables of OpenTelemetry, by their own names.
    pub(super) fn standard_variables(&self) -> &BTreeMap<String, String> {
        self.said.standard_variables()
    }

    /// Says that something is wrong beyond a single value.
    pub(super) fn fault(
        &mut self,
        place: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(Fault::new(place, problem, remedy));
    }

    /// All faults; what was said and nobody read is one too.
    pub(super) fn finish(self) -> Vec<Fault> {
        let mut faults = self.faults;
        faults.extend(self.said.rest().into_iter().map(|(key, said)| {
            let remedy = format!("remove it, or write {}", settings::nearest(&key));
            Fault::new(place(&key, &said), "is no setting", remedy)
        }));
        faults
    }

    fn read<T>(
        &mut self,
        key: &str,
        expected: &str,
        secret: bool,
        of: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let said = self.said.take(key)?;
        let meant = of(said.text.trim());
        if meant.is_none() {
            let found = match said.text.trim() {
                "" => "empty".to_owned(),
                _ if secret => "something else".to_owned(),
                _ => format!("`{}`", said.text),
            };
            self.faults.push(Fault::new(
                place(key, &said),
                format!("is {found}"),
                format!("write {expected}"),
            ));
        }
        meant
    }
}

fn place(key: &str, said: &Said) -> String {
    format!("{key} ({})", said.origin)
}
