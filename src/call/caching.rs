//! What a caller wants of the cache.

/// What `cache-control` of a request asks for (RFC 9111, section 5.2.1); by default, kept answers of whatever age do.
///
/// `no-transform`, `max-stale` and `min-fresh` change nothing: an answer that is kept is never stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheWish {
    /// Neither answer from the cache nor keep the answer.
    pub no_store: bool,
    /// An answer from the cache must not be older, in seconds. None does where it is zero, as `no-cache` says too; the new one may
    /// be kept.
    pub max_age: Option<u32>,
    /// Answer from the cache or not at all.
    pub only_if_cached: bool,
}

impl CacheWish {
    /// Reads the values of `cache-control`. An age that is no number counts as zero, since the caller wants some limit.
    pub fn of<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut wish = Self::default();
        for directive in values.into_iter().flat_map(|value| value.split(',')) {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => wish.no_store = true,
                "no-cache" => wish.limit(0),
                "max-age" => wish.limit(seconds(argument.trim().trim_matches('"'))),
                "only-if-cached" => wish.only_if_cached = true,
                _ => {}
            }
        }
        wish
    }

    fn limit(&mut self, age: u32) {
        self.max_age = Some(self.max_age.map_or(age, |other| other.min(age)));
    }
}

fn seconds(digits: &str) -> u32 {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // A number too long to be one is as good as no limit.
    digits.parse().unwrap_or(if is_number { u32::MAX } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read_in_any_case_and_the_strictest_age_counts() {
        let none = CacheWish::default();
        let aged = |seconds| CacheWish { max_age: Some(seconds), ..none };
        for (values, wish) in [
            (&[][..], none),
            (&["no-transform, max-stale=5, min-fresh=5"], none),
            (&["No-Store"], CacheWish { no_store: true, ..none }),
            (&["private, no-cache"], aged(0)),
            (&["max-age=60"], aged(60)),
            (&["Max-Age=\"60\"", "max-age=9"], aged(9)),
            (&["max-age=99999999999999999999999"], aged(u32::MAX)),
            (&["max-age"], aged(0)),
            (&["max-age=-1"], aged(0)),
            (&["no-cache, max-age=60"], aged(0)),
            (&["only-if-cached"], CacheWish { only_if_cached: true, ..none }),
        ] {
            assert_eq!(CacheWish::of(values.iter().copied()), wish, "{values:?}");
        }
    }
}
