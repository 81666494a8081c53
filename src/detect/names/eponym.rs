//! What is called after somebody: `Murphy sign`, `a Foley catheter`, `Newton's method` name no one who is spoken of.
//!
//! Strict, since what is dropped here is hidden by no policy: `Wilson test positive` is about Wilson.

/// Longest of the words for things.
const LONGEST: usize = 16;
/// Things that are called after whoever made them first.
#[rustfmt::skip]
const THINGS: [&str; 24] = [
    "algorithm", "algorithms", "decomposition", "heuristic", "interpolation", "automaton", "bacillus", "catheter", "conjecture", "forceps", "inequality", "lemma", "maneuver", "manoeuvre", "polynomial", "reagent",
    "retractor", "screwdriver", "speculum", "syndrome", "theorem", "transform", "trie", "wrench",
];
/// People whom science calls things after, and who are spoken of for little else.
#[rustfmt::skip]
const SCHOLARS: [&str; 76] = [
    "alzheimer", "avogadro", "babinski", "bayes", "bellman", "bernoulli", "bessel", "blumberg", "boltzmann", "brudzinski", "bunsen", "carnot",
    "cauchy", "chebyshev", "chvostek", "coombs", "coulomb", "crohn", "diels", "dijkstra", "doppler", "dupuytren", "euclid", "euler", "faraday",
    "fenwick", "fermat", "fermi", "fibonacci", "floyd-warshall", "fourier", "galois", "gauss", "geiger", "gibbs", "grignard", "hamming", "hashimoto",
    "heimlich", "hilbert", "hodgkin", "hooke", "huffman", "huygens", "kalman", "kepler", "kernig", "kirchhoff", "krebs", "lagrange", "laplace",
    "levenshtein", "lhermitte", "markov", "maxwell", "mcburney", "mersenne", "nagle", "newton", "ohm", "pareto", "parkinson", "phalen", "planck",
    "raney", "raynaud", "romberg", "rovsing", "schrödinger", "tinel", "trousseau", "turing", "venn", "zipf", "barrett", "bourdon",
];
/// What is called after those.
#[rustfmt::skip]
const THEIRS: [&str; 36] = [
    "algorithm", "anemia", "bound", "chain", "chains", "code", "coefficient", "constant", "contracture", "counter", "cycle", "diagram", "disease",
    "distance", "distribution", "effect", "equation", "equations", "filter", "function", "integral", "law", "laws", "machine", "matrix", "method", "nickel",
    "paradox", "prime", "primes", "principle", "reaction", "reflex", "series", "sign", "tree",
];
/// People whom others are called like, and what is called after them.
#[rustfmt::skip]
const PAIRS: [(&str, &[&str]); 20] = [
    ("allen", &["key", "keys", "screw", "bolt"]), ("apgar", &["score"]), ("bloom", &["filter", "filters"]), ("cushing", &["disease"]),
    ("down", &["syndrome"]), ("foley", &["bag"]), ("gram", &["stain"]), ("graves", &["disease"]), ("hall", &["effect", "sensor"]),
    ("huntington", &["disease"]), ("kobe", &["beef"]), ("moore", &["law"]), ("murphy", &["sign", "law"]), ("paget", &["disease"]),
    ("pascal", &["triangle", "case"]), ("phillips", &["head", "screw"]), ("stanley", &["knife"]), ("weber", &["number"]),
    ("wilson", &["disease"]), ("addison", &["disease"]),
];

/// True when the name at `start..end` is one word, and a word for what is called after it stands behind.
pub(super) fn is_one(text: &str, start: usize, end: usize) -> bool {
    let [left, name, rest] =
        [text.get(..start), text.get(start..end), text.get(end..)].map(Option::unwrap_or_default);
    let own = rest.strip_prefix("'s ").or_else(|| rest.strip_prefix("’s "));
    let Some(rest) = own.or_else(|| rest.strip_prefix(' ')) else { return false };
    let len = rest.bytes().take(LONGEST).take_while(u8::is_ascii_lowercase).count();
    let (thing, behind) = rest.split_at(len);
    if len < 3 || name.contains(' ') || is_titled(left) || !ends(thing, behind) {
        return false;
    }
    let is = |known: &str| name.to_lowercase() == known;
    own.is_none() && THINGS.contains(&thing)
        || THEIRS.contains(&thing) && SCHOLARS.iter().any(|known| is(known))
        || PAIRS.iter().any(|(known, things)| things.contains(&thing) && is(known))
}

/// True for two of the scholars and what is called after them: `Cauchy–Schwarz inequality`, `Hardy-Weinberg equilibrium`. Where companies are called like
/// two people, no such word stands behind.
pub(super) fn is_pair(text: &str, start: usize, end: usize) -> bool {
    const BEHIND: [&str; 12] = [
        "algorithm",
        "distribution",
        "conjecture",
        "criterion",
        "decomposition",
        "equation",
        "equations",
        "equilibrium",
        "inequality",
        "lemma",
        "theorem",
        "transform",
    ];
    let [name, rest] = [text.get(start..end), text.get(end..)].map(Option::unwrap_or_default);
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    let len = rest.bytes().take(LONGEST).take_while(u8::is_ascii_lowercase).count();
    let is_joined = name.contains(['-', '–']) && !name.contains(' ');
    let is_name = |part: &str| {
        part.chars().count() > 2
            && part.starts_with(char::is_uppercase)
            && part.chars().skip(1).all(char::is_lowercase)
    };
    is_joined
        && rest.get(..len).is_some_and(|thing| BEHIND.contains(&thing))
        && name.split(['-', '–']).all(is_name)
}

/// `Dr. Murphy sign here`
fn is_titled(left: &str) -> bool {
    ["Dr. ", "Mr. ", "Mrs. ", "Ms. ", "Dr ", "Mr ", "Mrs ", "Ms ", "Miss ", "Prof. "]
        .iter()
        .any(|title| left.ends_with(title))
}

/// True unless the word goes on, or is a verb: `have Murphy sign the form`.
fn ends(thing: &str, behind: &str) -> bool {
    const NOUN: [&str; 9] =
        [" absent", " and ", " is ", " negative", " positive", " present", " was ", " (", " on "];
    let is_word = behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | ':' | '='));
    !is_word
        && (thing != "sign"
            || !behind.starts_with(' ')
            || NOUN.iter().any(|word| behind.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_called_after_people() {
        for (text, name, expected) in [
            ("No guarding. Murphy sign negative.", "Murphy", true),
            ("Have Murphy sign the form", "Murphy", false),
            ("Mr. Murphy sign negative", "Murphy", false),
            ("a Foley catheter in place", "Foley", true),
            ("a Patricia trie", "Patricia", true),
            ("Newton's method diverges", "Newton", true),
            ("Maria's method diverges", "Maria", false),
            ("Wilson disease", "Wilson", true),
            ("Wilson test positive", "Wilson", false),
            ("use an Allen key", "Allen", true),
            ("Bob Allen key", "Bob Allen", false),
            ("Murphy wrote it", "Murphy", false),
            ("Murphy", "Murphy", false),
        ] {
            let start = text.find(name).unwrap();
            assert_eq!(is_one(text, start, start + name.len()), expected, "{text}");
        }
    }

    #[test]
    fn laws_are_called_after_two_people() {
        for (text, name, expected) in [
            ("the Hardy–Weinberg equilibrium", "Hardy–Weinberg", true),
            ("the Hewlett-Packard model", "Hewlett-Packard", false),
            ("the Hewlett Packard theorem", "Hewlett Packard", false),
        ] {
            let start = text.find(name).unwrap();
            assert_eq!(is_pair(text, start, start + name.len()), expected, "{text}");
        }
    }
}
