//! Makes new items from an item: other names in the same places, other casing.

use super::{
    corpus::{Item, Mark},
    lexicons::Sections,
    random::Random,
};
use std::collections::{HashMap, HashSet};

/// Names to put in the places of others.
pub(crate) struct Pools {
    given: [Vec<String>; 2],
    surnames: [Vec<String>; 2],
    places: [Vec<String>; 3],
    organisations: Vec<String>,
    known_organisations: Vec<String>,
    known_people: Vec<String>,
    addresses: Vec<String>,
    given_set: HashSet<String>,
}

/// Share of the people that are replaced by one of the lexicon, so that its phrases are learned.
const WELL_KNOWN: f64 = 0.06;
/// Share of the organisations of one word that are replaced by what people are called; half of it for places, and the other
/// way round for people. What stands around a name has to tell then.
const ALIKE: f64 = 0.06;

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

const ORG_HEADS: &[&str] = &[
    "Council",
    "Institute",
    "Academy",
    "Ministry",
    "Department",
    "Board",
    "Bureau",
    "Association",
    "Federation",
    "Society",
    "Union",
    "League",
    "Committee",
    "Commission",
    "Legislative Assembly",
    "State Railway",
    "University",
    "College",
    "Bank",
    "Museum",
    "Church",
    "Agency",
    "Office",
    "Chamber",
    "Foundation",
    "Court",
    "Conference",
    "Party",
    "Front",
    "Movement",
    "Congress",
    "Alliance",
];
const ORG_FIELDS: &[&str] = &[
    "Education",
    "Health",
    "Agriculture",
    "Applied Sciences",
    "Foreign Affairs",
    "Justice",
    "Trade",
    "Fisheries",
    "Human Rights",
    "Security and Cooperation",
    "National",
    "Democratic",
    "Labour",
    "Youth",
    "Farmers",
    "Liberation",
    "Medical",
    "Art",
    "Technology",
    "Hockey",
    "Football",
    "Chess",
    "Postal Workers",
    "Water",
    "Transport",
    "Environment",
    "Energy",
    "Defence",
    "Finance",
    "Music",
    "Engineers",
    "Historical",
    "Commerce",
    "Space",
];
const TEAMS: &[&str] = &[
    "Falcons",
    "Tigers",
    "Wanderers",
    "Rovers",
    "Lions",
    "Bears",
    "Hawks",
    "Royals",
    "United",
    "City",
    "Rangers",
    "Athletic",
    "Eagles",
    "Sharks",
    "Devils",
    "Knights",
    "Kings",
    "Stars",
    "Storm",
    "Raiders",
    "Warriors",
    "Harriers",
    "Town",
    "FC",
    "Victorias",
];
const PLACE_HEADS: &[&str] = &[
    "Lake",
    "Mount",
    "Fort",
    "Port",
    "Cape",
    "River",
    "North",
    "South",
    "East",
    "West",
    "Saint",
    "San",
    "New",
    "Upper",
    "Camp",
    "Isle of",
    "Bay of",
    "Province of",
];
const PLACE_TAILS: &[&str] = &[
    "County",
    "Park",
    "Valley",
    "River",
    "Island",
    "Islands",
    "Bridge",
    "Hall",
    "Stadium",
    "Airport",
    "Station",
    "Bay",
    "Beach",
    "Hills",
    "Falls",
    "Creek",
    "Province",
    "Castle",
    "Prison",
    "Heights",
    "Square",
    "Forest",
    "Peninsula",
    "Municipality",
    "District",
    "Arena",
    "Theatre",
    "Mountains",
];
const SYLLABLES: &[&str] = &[
    "del", "ta", "so", "nic", "va", "ro", "mi", "cor", "ex", "lu", "men", "tri", "bo", "zen",
    "qua", "ar", "tek", "vi", "no", "gen", "sys", "com", "net", "ki", "pra", "fin", "om", "ni",
    "bel", "ka", "run", "dor", "syn", "al", "pi", "ver", "max",
];

/// A word that nobody has used yet, such as `Zentavi` or `OmniTek`.
fn coined(random: &mut Random) -> String {
    let mut word = title(random.pick::<&str>(SYLLABLES));
    for _ in 0..1 + random.below(3) {
        let next = random.pick::<&str>(SYLLABLES);
        word += &if random.chance(0.12) { title(next) } else { (*next).to_owned() };
    }
    word
}

fn acronym(random: &mut Random) -> String {
    (0..2 + random.below(3))
        .map(|_| char::from(b"ABCDEFGHIJKLMNOPRSTUVW"[random.below(22)]))
        .collect()
}

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
    pub(crate) fn new(sections: &Sections, items: &[Item]) -> Self {
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
            known_people: list("hand/person").into_iter().filter(|n| n.contains(' ')).collect(),
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

    /// What a place, an organisation or a thing may be called as well as a person.
    fn like_person(&self, random: &mut Random) -> String {
        match random.below(8) {
            0..4 => self.surname(random).to_owned(),
            4..6 => self.given(random).to_owned(),
            6 => random.pick(&self.places[1]).clone(),
            _ => coined(random),
        }
    }

    /// What a person may be called as well as a place or an organisation.
    fn unlike_person(&self, random: &mut Random) -> String {
        match random.below(3) {
            0 => coined(random),
            town => random.pick(&self.places[town - 1]).clone(),
        }
    }

    fn place(&self, random: &mut Random) -> String {
        if random.chance(ALIKE / 2.0) {
            return self.surname(random).to_owned();
        }
        let pool = match random.below(20) {
            0..9 => &self.places[0],
            9..13 => &self.places[1],
            13..18 => &self.places[2],
            _ => return self.feature(random),
        };
        random.pick(pool).clone()
    }

    /// A lake, a park, a county and so on.
    fn feature(&self, random: &mut Random) -> String {
        let name = if random.chance(0.5) {
            self.surname(random)
        } else {
            random.pick::<String>(&self.places[1])
        };
        match random.below(4) {
            0 => format!("{} {name}", random.pick(PLACE_HEADS)),
            1 => format!("{name} {}", random.pick(STREET_TAILS)),
            _ => format!("{name} {}", random.pick(PLACE_TAILS)),
        }
    }

    /// An organisation; `short` for one word.
    fn organisation(&self, short: bool, random: &mut Random) -> String {
        if short && random.chance(ALIKE) {
            return self.like_person(random);
        }
        if short && random.chance(0.4) {
            return if random.chance(0.5) { coined(random) } else { acronym(random) };
        }
        match random.below(24) {
            0..10 => random.pick(&self.organisations).clone(),
            10..14 => random.pick(&self.known_organisations).clone(),
            14 => format!(
                "{}, {} and {}",
                self.surname(random),
                self.surname(random),
                self.surname(random)
            ),
            15 => format!("{}-{}", self.surname(random), self.surname(random)),
            16 => format!("{} {}", self.place(random), random.pick(ORG_TAILS)),
            17 => format!("{} of {}", random.pick(ORG_HEADS), self.place(random)),
            18 => format!(
                "{} {} {}",
                random.pick(&self.places[0]),
                random.pick(ORG_FIELDS),
                random.pick(ORG_HEADS)
            ),
            19 => format!("{} of {}", random.pick(ORG_HEADS), random.pick(ORG_FIELDS)),
            20 => format!("{} {}", self.place(random), random.pick(TEAMS)),
            21 => format!("{} {}", coined(random), random.pick(ORG_TAILS)),
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
pub(crate) fn rename(item: &Item, pools: &Pools, share: f64, random: &mut Random) -> Item {
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
                .or_insert_with(|| {
                    random.chance(share).then(|| match mark.like_person {
                        true => recase(&pools.like_person(random), old),
                        false => other(old, kind, pools, random),
                    })
                })
                .clone()
                .unwrap_or_else(|| old.to_owned()),
        };
        let start = out.text.len();
        out.text.push_str(&new);
        out.marks.push(Mark { start, end: out.text.len(), ..*mark });
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
        _ => pools.organisation(!old.contains(' '), random),
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
    if parts.len() == 2 && !old.contains(['-', ',', '\n']) && random.chance(WELL_KNOWN) {
        return recase(random.pick::<String>(&pools.known_people), old);
    }
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
            if random.chance(ALIKE / 2.0) {
                pools.unlike_person(random)
            } else {
                if is_given { pools.given(random) } else { pools.surname(random) }.to_owned()
            }
        });
        out.push_str(&recase(new, word));
        out.push_str(&part[word.len()..]);
    }
    out
}

/// All letters small, or all large, or all words with a capital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Casing {
    AsIs,
    Lower,
    Upper,
    Title,
}

/// Changes the casing where that keeps the marks in place.
pub(crate) fn recased(item: Item, casing: Casing) -> Item {
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
