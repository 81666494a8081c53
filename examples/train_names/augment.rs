//! Makes new items from an item: other names in the same places, other casing.

use super::{
    corpus::{Item, Mark},
    lexicons::Sections,
    random::Random,
};
use std::collections::{HashMap, HashSet};

/// Names to put in the places of others.
pub struct Pools {
    given: [Vec<String>; 2],
    surnames: [Vec<String>; 2],
    places: [Vec<String>; 3],
    organisations: Vec<String>,
    known_organisations: Vec<String>,
    addresses: Vec<String>,
    given_set: HashSet<String>,
}

/// Never replaced inside a person's name.
const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "der",
    "den", "ten", "ter", "bin", "al", "el", "ibn", "y", "e", "und", "mc", "st", "jr", "sr", "ii",
    "iii",
];

const ORG_TAILS: &[&str] = &[
    "Ltd",
    "Inc",
    "Inc.",
    "LLC",
    "GmbH",
    "AG",
    "Group",
    "Holdings",
    "Partners",
    "& Sons",
    "Bank",
    "Logistics",
    "Insurance",
    "Foundation",
    "Consulting",
    "Systems",
    "Labs",
    "University",
    "Hospital",
    "Clinic",
    "Council",
    "Police Department",
    "School",
    "College",
    "FC",
    "United",
    "Corp",
    "Corporation",
    "Co.",
    "S.A.",
    "Technologies",
    "Solutions",
    "Energy",
    "Pharma",
    "Motors",
    "Airlines",
    "Media",
    "Institute",
    "Society",
    "Association",
    "PLC",
    "and Company",
    "Brothers",
    "Medical Center",
    "High School",
    "Times",
    "Herald",
];
const STREET_TAILS: &[&str] = &[
    "Street",
    "St",
    "St.",
    "Road",
    "Rd",
    "Rd.",
    "Avenue",
    "Ave",
    "Ave.",
    "Lane",
    "Ln",
    "Drive",
    "Dr",
    "Boulevard",
    "Blvd",
    "Court",
    "Ct",
    "Way",
    "Place",
    "Crescent",
    "Terrace",
    "Close",
    "Square",
];
const STATES: &[&str] = &[
    "AL", "AZ", "CA", "CO", "CT", "FL", "GA", "IL", "IN", "KS", "LA", "MA", "MD", "MI", "MN", "MO",
    "NC", "NJ", "NV", "NY", "OH", "OK", "OR", "PA", "TN", "TX", "UT", "VA", "WA", "WI",
];

fn title(word: &str) -> String {
    let mut out = String::new();
    let mut fresh = true;
    for c in word.chars() {
        if fresh {
            out.extend(c.to_uppercase())
        } else {
            out.push(c)
        }
        fresh = !c.is_alphanumeric() && c != '\'';
    }
    out
}

impl Pools {
    pub fn new(sections: &Sections, items: &[Item]) -> Self {
        let list = |name: &str| -> Vec<String> {
            sections
                .get(name)
                .into_iter()
                .flatten()
                .filter(|w| w.len() > 2)
                .map(|w| title(w))
                .collect()
        };
        let marked = |kind: usize, wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
            let names = items.iter().flat_map(|i| {
                i.marks.iter().filter(move |m| m.kind == kind).map(|m| &i.text[m.start..m.end])
            });
            names
                .filter(|n| {
                    n.starts_with(char::is_uppercase) && n.chars().any(char::is_lowercase)
                        || n.starts_with(|c: char| c.is_ascii_digit())
                })
                .filter(|n| wanted(n))
                .map(str::to_owned)
                .collect()
        };
        let has_digit = |n: &str| n.contains(|c: char| c.is_ascii_digit());
        let given = [list("given-names/frequent"), list("given-names/other")];
        let given_set = given.iter().flatten().map(|w| w.to_lowercase()).collect();
        let places = [
            list("cities/large").into_iter().chain(list("regions/country")).collect(),
            list("cities/middle").into_iter().chain(list("cities/small")).collect(),
            marked(1, &|n| !has_digit(n)),
        ];
        Self {
            given,
            surnames: [list("surnames/frequent"), list("surnames/other")],
            places,
            organisations: marked(2, &|_| true),
            known_organisations: list("hand/organisation"),
            addresses: marked(1, &has_digit),
            given_set,
        }
    }

    fn given(&self, random: &mut Random) -> &str {
        let pool = &self.given[usize::from(random.chance(0.35))];
        random.pick::<String>(pool)
    }

    fn surname(&self, random: &mut Random) -> &str {
        let pool = &self.surnames[usize::from(random.chance(0.35))];
        random.pick::<String>(pool)
    }

    fn place(&self, random: &mut Random) -> String {
        let pool = match random.below(10) {
            0..4 => &self.places[0],
            4..7 => &self.places[1],
            _ => &self.places[2],
        };
        random.pick(pool).clone()
    }

    fn organisation(&self, random: &mut Random) -> String {
        match random.below(20) {
            0..11 => random.pick(&self.organisations).clone(),
            11..15 if !self.known_organisations.is_empty() => {
                random.pick(&self.known_organisations).clone()
            }
            15 => format!(
                "{}, {} and {}",
                self.surname(random),
                self.surname(random),
                self.surname(random)
            ),
            16 => format!("{}-{}", self.surname(random), self.surname(random)),
            17 => format!("{} {}", self.place(random), random.pick(ORG_TAILS)),
            _ => format!("{} {}", self.surname(random), random.pick(ORG_TAILS)),
        }
    }

    fn address(&self, random: &mut Random) -> String {
        if random.chance(0.35) {
            return random.pick(&self.addresses).clone();
        }
        let largest = if random.chance(0.5) { 99 } else { 9999 };
        let number = 1 + random.below(largest);
        let street = match random.below(3) {
            0 => format!("{} {}", self.given(random), random.pick(STREET_TAILS)),
            1 => format!("{} {}", self.surname(random), random.pick(STREET_TAILS)),
            _ => format!(
                "{} {}",
                ["Main", "Oak", "High", "Church", "Mill", "Park", "Elm", "Station", "Lake", "Hill"]
                    [random.below(10)],
                random.pick(STREET_TAILS)
            ),
        };
        let unit = match random.below(8) {
            0 => format!(" Apt. {}", random.below(999)),
            1 => format!(" Suite {}", random.below(999)),
            _ => String::new(),
        };
        let (city, code) = (self.place(random), 10000 + random.below(89999));
        let comma = if random.chance(0.5) { "," } else { "" };
        let gap = if random.chance(0.3) { "\n" } else { " " };
        match random.below(6) {
            0 => format!("{number} {street}{unit}"),
            1 => format!("{number} {street}{unit}{comma}{gap}{city}"),
            2 => {
                format!("{number} {street}{unit}{comma}{gap}{city}, {} {code}", random.pick(STATES))
            }
            3 => format!(
                "{} {number}{comma}{gap}{code} {city}",
                [
                    "Hauptstr.",
                    "Bahnhofstraße",
                    "Rue de la Gare",
                    "Via Roma",
                    "Calle Mayor",
                    "Kerkstraat",
                    "Lindenweg"
                ][random.below(7)]
            ),
            4 => format!(
                "{number} {street}{unit}{gap}{city}{gap}{}{gap}{code}",
                random.pick(&self.places[0])
            ),
            _ => format!(
                "{number} {street}{comma}{gap}{city}{comma} {}{}{} {}{}{}",
                ['N', 'S', 'W', 'E'][random.below(4)],
                ['W', 'E', 'G', 'R'][random.below(4)],
                random.below(20),
                random.below(10),
                ['A', 'X', 'P'][random.below(3)],
                ['B', 'Q', 'T'][random.below(3)]
            ),
        }
    }
}

fn recase(word: &str, like: &str) -> String {
    let letters = like.chars().filter(|c| c.is_alphabetic());
    let (lower, upper) =
        letters.fold((0, 0), |(l, u), c| if c.is_uppercase() { (l, u + 1) } else { (l + 1, u) });
    if upper == 0 {
        word.to_lowercase()
    } else if lower == 0 && upper > 1 {
        word.to_uppercase()
    } else {
        word.to_owned()
    }
}

/// Replaces each name with probability `share`; a word that comes again is replaced alike.
pub fn rename(item: &Item, pools: &Pools, share: f64, random: &mut Random) -> Item {
    let mut known: HashMap<String, String> = HashMap::new();
    let mut out = Item::default();
    let mut at = 0;
    let people = random.chance(share);
    let mut whole: HashMap<&str, Option<String>> = HashMap::new();
    for mark in &item.marks {
        out.text.push_str(&item.text[at..mark.start]);
        let old = &item.text[mark.start..mark.end];
        let new = match mark.kind {
            0 if people => person(old, pools, &mut known, random),
            0 => old.to_owned(),
            kind => whole
                .entry(old)
                .or_insert_with(|| random.chance(share).then(|| other(old, kind, pools, random)))
                .clone()
                .unwrap_or_else(|| old.to_owned()),
        };
        let start = out.text.len();
        out.text.push_str(&new);
        out.marks.push(Mark { start, end: out.text.len(), kind: mark.kind });
        at = mark.end;
    }
    out.text.push_str(&item.text[at..]);
    out
}

fn other(old: &str, kind: usize, pools: &Pools, random: &mut Random) -> String {
    let digits = old.contains(|c: char| c.is_ascii_digit());
    let new = match (kind, digits) {
        (1, true) => pools.address(random),
        (1, false) => pools.place(random),
        _ => pools.organisation(random),
    };
    recase(&new, old)
}

/// Replaces the words of a person's name one by one, so that surname and given name keep their places.
fn person(
    old: &str,
    pools: &Pools,
    known: &mut HashMap<String, String>,
    random: &mut Random,
) -> String {
    let parts: Vec<&str> = old.split_inclusive([' ', '-', ',', '\n']).collect();
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let word = part.trim_end_matches([' ', '-', ',', '\n']);
        let low = word.to_lowercase();
        let core = low.trim_matches(|c: char| !c.is_alphanumeric());
        if core.chars().count() < 2 || PARTICLES.contains(&core) || core.len() != low.len() {
            out.push_str(part);
            continue;
        }
        let is_given = if parts.len() > 1 {
            i + 1 < parts.len() || low.is_empty()
        } else {
            pools.given_set.contains(&low)
        };
        let new = known.entry(low).or_insert_with(|| {
            if is_given { pools.given(random) } else { pools.surname(random) }.to_owned()
        });
        out.push_str(&recase(new, word));
        out.push_str(&part[word.len()..]);
    }
    out
}

/// All letters small, or all large, or all words with a capital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Casing {
    AsIs,
    Lower,
    Upper,
    Title,
}

/// Changes the casing where that keeps the marks in place.
pub fn recased(item: Item, casing: Casing) -> Item {
    let text = match casing {
        Casing::AsIs => return item,
        Casing::Lower => item.text.to_lowercase(),
        Casing::Upper => item.text.to_uppercase(),
        Casing::Title => title(&item.text),
    };
    let fits = text.len() == item.text.len()
        && item
            .marks
            .iter()
            .all(|m| text.is_char_boundary(m.start) && text.is_char_boundary(m.end));
    if fits { Item { text, marks: item.marks } } else { item }
}
