//! Which segments of a path are ids: no prose, in which names would be found that are none.

/// What providers begin their ids with.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "asst", "batch", "cfile", "chatcmpl", "cntr", "conv", "eval", "evalrun", "file", "ft", "ftckpt", "ftevent", "ftjob", "msg",
    "msgbatch", "proj", "req", "resp", "skill", "thread", "upload", "vs", "vsfb", "wrkspc",
];

/// The same, but words of every day: what is behind them is an id only with a digit in it.
const WORDS: &[&str] = &["item", "key", "org", "part", "run", "step", "video"];

/// The fewest letters and digits behind such a beginning, and behind any other; and behind a beginning that is no word of every day
/// the fewest letters alone, which hardly any name has.
const LEAST_KNOWN: usize = 8;
const LEAST: usize = 16;
const LEAST_LETTERS: usize = 17;

/// True if a segment is an id, or part of one: `before` is what the path holds before it, with the `/` at its end.
pub fn is_id(before: &str, segment: &str) -> bool {
    before.starts_with("/v1/models/") || looks_like_id(segment)
}

/// `ftjob-AbCdEfGhIjKl`, `msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d`
fn looks_like_id(segment: &str) -> bool {
    let Some((prefix, rest)) = segment.split_once(['-', '_']) else { return false };
    let is_word = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_lowercase());
    let is_plain = rest.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_known = PREFIXES.contains(&prefix);
    let least = match rest.bytes().any(|b| b.is_ascii_digit()) {
        true if is_known || WORDS.contains(&prefix) => LEAST_KNOWN,
        true => LEAST,
        false if is_known => LEAST_LETTERS,
        false => return false,
    };
    is_word && is_plain && rest.len() >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_and_what_providers_make_up_are_ids() {
        for (before, segment, expected) in [
            ("/v1/models/", "google", true),
            ("/v1/models/google/", "gemma-2-9b-it", true),
            ("/v1/models/", "ft:gpt-4o:acme:jane-doe:7p4lURel", true),
            ("/v1/", "models", false),
            ("/v1/fine_tuning/jobs/", "ftjob-sebastianmeyerqwertzuiop", true),
            ("/v1/batches/", "batch_67c0f8e1a2b48190b3c4d5e6f7a8b9c0", true),
            ("/v1/files/", "file-AbCdEfGhIjK1", true),
            ("/v1/files/", "file-BarbaraStreisand", false),
            ("/v1/videos/", "video_67c0f8e1", true),
            ("/v1/items/", "item_schwarzeneggerarnoldalois", false),
            ("/v1/widgets/", "wdgt_67c0f8e1a2b48190", true),
            ("/v1/files/", "file-jane", false),
            ("/v1/people/", "jane-doe", false),
            ("/v1/people/", "jane_schwarzenegger", false),
            ("/v1/people/", "Jane Doe", false),
            ("/v1/files/", "file-ann@example.org", false),
        ] {
            assert_eq!(is_id(before, segment), expected, "{before}{segment}");
        }
    }
}
