//! The words of addresses.

use crate::detect::seen::is_word;
use std::{collections::HashMap, sync::LazyLock};

/// Ends of street names that are little else.
#[rustfmt::skip]
const SURE: &[&str] = &[
    "street", "st", "str", "avenue", "ave", "av", "boulevard", "blvd", "road", "rd", "lane", "ln", "terrace", "ter",
    "highway", "hwy", "parkway", "pkwy", "turnpike", "tpke", "crescent", "cres", "freeway", "fwy", "expressway",
    "causeway", "mews", "esplanade", "esp", "alley", "aly", "broadway", "cul-de-sac", "nagar", "marg", "salai",
    "strasse", "straße", "bypass", "thoroughfare", "quay", "wharf",
];

/// Ends of street names that are much else as well.
#[rustfmt::skip]
const LIKELY: &[&str] = &[
    "drive", "dr", "court", "ct", "place", "pl", "square", "sq", "circle", "cir", "way", "trail", "trl", "close",
    "gardens", "gdns", "grove", "gr", "parade", "pde", "walk", "row", "hill", "green", "heights", "ridge", "plaza",
    "plz", "park", "loop", "run", "rise", "vale", "view", "villas", "wynd", "cove", "cv", "bend", "crossing", "xing",
    "extension", "ext", "hollow", "landing", "manor", "meadow", "meadows", "pike", "route", "rte", "spur", "steps",
    "yard", "cross", "layout", "colony", "enclave", "sector", "block", "stravenue", "junction", "jct", "mall", "end",
    "gate", "estate", "common", "commons", "bnd",
];

/// French, Spanish, Italian and Portuguese words in front of the name, where the house number comes first.
#[rustfmt::skip]
const LEADING: &[&str] = &[
    "rue", "avenue", "av", "boulevard", "bd", "bld", "blvd", "place", "chemin", "impasse", "allée", "allee", "allées",
    "quai", "route", "cours", "square", "passage", "villa", "faubourg", "fbg", "sentier", "ruelle", "esplanade",
    "via", "calle", "rua", "avenida", "jalan", "jl", "rruga",
];

#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "de", "del", "della", "dello", "delle", "dei", "degli", "di", "da", "das", "do", "dos", "du", "des", "d", "l",
    "la", "las", "le", "les", "lo", "los", "el", "e", "y", "et", "und", "of", "the", "van", "der", "den", "ter",
    "ten", "von", "zu", "zum", "zur", "am", "an", "im", "in", "sur", "sous", "aux", "au", "en", "på", "i", "och",
    "og", "upon", "on", "św", "gen", "al",
];

#[rustfmt::skip]
const DIRECTIONS: &[&str] = &[
    "n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west", "northeast", "northwest",
    "southeast", "southwest",
];

#[rustfmt::skip]
const UNITS: &[&str] = &[
    "apt", "apartment", "apto", "apartamento", "appartement", "suite", "ste", "unit", "flat", "room", "rm", "floor",
    "fl", "level", "lot", "bldg", "building", "block", "tower", "wing", "door", "dept", "depto", "departamento",
    "piso", "puerta", "pta", "escalera", "esc", "bloque", "portal", "bajo", "planta", "local", "int", "interior",
    "ext", "interno", "scala", "piano", "andar", "sala", "bloco", "casa", "lote", "box", "bte", "étage", "etage",
    "bâtiment", "bat", "esc", "top", "stiege", "tür", "stock", "wohnung", "whg", "lgh", "lejl", "m", "lok", "hus",
    "og", "plot", "shop", "house", "bus", "cj", "conjunto", "кв", "корп", "стр", "оф", "daire", "d",
];

/// Of these, what stands in front of the house number as well.
#[rustfmt::skip]
const FRONT_UNITS: &[&str] = &[
    "apt", "apartment", "suite", "ste", "unit", "flat", "room", "rm", "lot", "villa", "blk", "block", "plot", "shop", "house",
    "office", "studio", "penthouse", "maisonette", "level", "floor",
];

#[rustfmt::skip]
const FLOORS: &[&str] = &[
    "floor", "fl", "flr", "izq", "izquierda", "dcha", "derecha", "dcho", "centro", "ctro", "piso", "planta", "étage",
    "etage", "og", "ug", "eg", "dg", "stock", "piano", "esq", "esquerdo", "dto", "direito", "frente", "kerros", "andar", "sal", "tv", "th", "mf", "bis",
];

const US_STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP AE AP AA";
/// Of Canada, Australia and Brazil.
const OTHER_STATES: &str = "AB BC MB NB NL NS NT NU ON PE QC SK YT NSW VIC QLD SA TAS ACT AC AP AM BA CE DF ES GO MA MT MS MG PA PB PR PI RJ RN RS RO RR SC SP SE TO";

#[rustfmt::skip]
const COUNTRIES: &[&str] = &[
    "afghanistan", "åland islands", "albania", "algeria", "andorra", "angola", "argentina", "armenia", "australia", "austria",
    "azerbaijan", "bahamas", "bahrain", "bangladesh", "barbados", "belarus", "belgium", "belize", "benin", "bhutan",
    "bolivia", "botswana", "brasil", "brazil", "bulgaria", "cambodia", "cameroon", "canada", "chile", "china",
    "colombia", "costa rica", "croatia", "cuba", "cyprus", "czech republic", "czechia", "danmark", "denmark",
    "deutschland", "dominican republic", "ecuador", "egypt", "el salvador", "england", "españa", "estonia",
    "ethiopia", "fiji", "finland", "france", "gabon", "georgia", "germany", "ghana", "great britain", "greece",
    "guatemala", "haiti", "honduras", "hong kong", "hungary", "iceland", "india", "indonesia", "iran", "iraq",
    "ireland", "israel", "italia", "italy", "jamaica", "japan", "jordan", "kazakhstan", "kenya", "kuwait", "latvia",
    "lebanon", "liechtenstein", "lithuania", "luxembourg", "madagascar", "malaysia", "malta", "mexico", "monaco",
    "mongolia", "montenegro", "morocco", "méxico", "nederland", "nepal", "netherlands", "new zealand", "nicaragua",
    "nigeria", "norge", "norway", "oman", "pakistan", "panama", "paraguay", "peru", "philippines", "poland", "polska",
    "portugal", "qatar", "romania", "russia", "rwanda", "saudi arabia", "schweiz", "scotland", "senegal", "serbia",
    "singapore", "slovakia", "slovenia", "south africa", "south korea", "spain", "sri lanka", "sudan", "suisse",
    "suomi", "sverige", "sweden", "switzerland", "syria", "taiwan", "tanzania", "thailand", "tunisia", "turkey",
    "türkiye", "uganda", "uk", "ukraine", "united arab emirates", "united kingdom", "united states",
    "united states of america", "uruguay", "us", "usa", "uzbekistan", "venezuela", "vietnam", "wales", "yemen",
    "zambia", "zimbabwe", "österreich",
];

/// States, provinces and counties by their names.
#[rustfmt::skip]
const REGIONS: &[&str] = &[
    "alabama", "alaska", "arizona", "arkansas", "california", "colorado", "connecticut", "delaware", "florida", "hawaii", "idaho", "illinois", "indiana",
    "iowa", "kansas", "kentucky", "louisiana", "maine", "maryland", "massachusetts", "michigan", "minnesota", "mississippi", "missouri", "montana",
    "nebraska", "nevada", "new hampshire", "new jersey", "new mexico", "new york", "north carolina", "north dakota", "ohio", "oklahoma", "oregon",
    "pennsylvania", "rhode island", "south carolina", "south dakota", "tennessee", "texas", "utah", "vermont", "virginia", "washington",
    "west virginia", "wisconsin", "wyoming",
    "alberta", "british columbia", "manitoba", "new brunswick", "newfoundland", "nova scotia", "ontario", "quebec", "saskatchewan",
    "new south wales", "queensland", "south australia", "tasmania", "victoria", "western australia",
    "avon", "bedfordshire", "berkshire", "buckinghamshire", "cambridgeshire", "cheshire", "cornwall", "cumbria", "derbyshire", "devon", "dorset",
    "durham", "east sussex", "essex", "gloucestershire", "hampshire", "herefordshire", "hertfordshire", "isle of wight", "kent", "lancashire",
    "leicestershire", "lincolnshire", "merseyside", "middlesex", "norfolk", "north yorkshire", "northamptonshire", "northumberland",
    "nottinghamshire", "oxfordshire", "shropshire", "somerset", "south yorkshire", "staffordshire", "suffolk", "surrey", "warwickshire",
    "west midlands", "west sussex", "west yorkshire", "wiltshire", "worcestershire",
];

/// Words that houses with names end with.
#[rustfmt::skip]
const HOUSES: &[&str] = &[
    "Barn", "Building", "Chambers", "Cottage", "Court", "Farm", "Farmhouse", "Grange", "Hall", "House", "Lodge", "Manor", "Mansions", "Mill",
    "Rectory", "Towers", "Vicarage", "Villa", "Works",
];

/// Words that begin sentences and replies, not towns.
#[rustfmt::skip]
const SENTENCES: &[&str] = &[
    "a", "after", "and", "any", "are", "as", "at", "because", "before", "but", "call", "can", "contact", "dear", "do",
    "email", "e-mail", "for", "from", "he", "her", "his", "i", "if", "in", "is", "it", "mail", "my", "no", "not",
    "on", "or", "our", "phone", "please", "she", "so", "tel", "telephone", "thank", "thanks", "that", "the", "their",
    "then", "there", "they", "this", "to", "was", "we", "what", "when", "where", "which", "who", "will", "with",
    "you", "your", "ssn", "dob", "fax", "cell", "mobile", "date", "name", "cp", "zip",
];

/// What is known of a word: one bit per list.
static KNOWN: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for (nth, list) in
        [SURE, LIKELY, LEADING, PARTICLES, DIRECTIONS, UNITS, FLOORS, COUNTRIES, SENTENCES, REGIONS]
            .iter()
            .enumerate()
    {
        for word in *list {
            *known.entry(*word).or_default() |= 1 << nth;
        }
    }
    known
});

const IS_SURE: u16 = 1;
const IS_LIKELY: u16 = 1 << 1;
const IS_LEADING: u16 = 1 << 2;
const IS_PARTICLE: u16 = 1 << 3;
const IS_DIRECTION: u16 = 1 << 4;
const IS_UNIT: u16 = 1 << 5;
const IS_FLOOR: u16 = 1 << 6;
const IS_COUNTRY: u16 = 1 << 7;
const IS_SENTENCE: u16 = 1 << 8;
const IS_REGION: u16 = 1 << 9;

/// The longest entry has 24 bytes.
const LONGEST: usize = 32;

/// Tells whether `word`, in any case, is in one of `lists`.
fn is_in(lists: u16, word: &str) -> bool {
    // No number is a word, and most of what is asked for is one.
    if !word.contains(char::is_alphabetic) {
        return false;
    }
    if !word.is_ascii() {
        return KNOWN.get(word.to_lowercase().as_str()).is_some_and(|l| l & lists != 0);
    }
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).is_ok_and(|w| KNOWN.get(w).is_some_and(|l| l & lists != 0))
}

/// `Some(true)` for a word that ends names of streets alone, `Some(false)` for one that may.
pub(super) fn suffix(word: &str) -> Option<bool> {
    if is_in(IS_SURE, word) {
        Some(true)
    } else if is_in(IS_LIKELY, word) && is_capitalised(word) {
        Some(false)
    } else {
        None
    }
}

/// Ends of street names that also end many other words with capitals: `Engineering 101`, `Parkplatz 4`.
pub(super) fn is_weak_end(end: &str) -> bool {
    ["ring", "markt", "steig", "ufer", "damm", "gade", "platz"]
        .iter()
        .any(|w| end.to_lowercase().starts_with(w))
}

/// May stand in the name of a street, in front of the word for a street.
pub(super) fn may_name_street(word: &str) -> bool {
    is_capitalised(word)
        || is_ordinal(word)
        || is_in(IS_DIRECTION, word)
        || word.bytes().all(|b| b.is_ascii_digit())
}

/// `Apt`, `Flat`, in front of its number.
pub(super) fn is_front_unit(word: &str) -> bool {
    FRONT_UNITS.contains(&word.to_lowercase().as_str())
}

/// What `Am … 5` and `Im … 3` say of time, of texts and of lists.
pub(super) fn is_of_time(word: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag", "Januar", "Februar", "März", "April", "Mai",
        "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember", "Jahr", "Jahre", "Monat", "Tag", "Quartal", "Abschnitt",
        "Kapitel", "Artikel", "Absatz", "Schritt", "Beispiel", "Fall", "Punkt", "Teil", "Raum", "Alter", "Zeitraum", "Paragraph",
        "Seite", "Tabelle", "Version", "Woche", "Zeile", "Bild", "Abbildung", "Klasse", "Gruppe", "Stufe", "Phase", "Höhe", "Größe",
        "Modul", "Band", "Heft", "Ende", "Anfang", "Durchschnitt", "Mittel", "Schnitt",
    ];
    WORDS.contains(&word)
}

/// `5th`, `42nd`.
pub(super) fn is_ordinal(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0
        && matches!(word.get(digits..), Some("st" | "nd" | "rd" | "th" | "ST" | "ND" | "RD" | "TH"))
}

pub(super) fn is_capitalised(word: &str) -> bool {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(first), _) if first.is_uppercase() => true,
        // `d'Europe`, `l'Église`.
        (Some('d' | 'l'), Some('\'')) => chars.next().is_some_and(char::is_uppercase),
        _ => false,
    }
}

pub(super) fn is_leading(word: &str) -> bool {
    is_in(IS_LEADING, word)
}

pub(super) fn is_particle(word: &str) -> bool {
    is_in(IS_PARTICLE, word)
}

pub(super) fn is_direction(word: &str) -> bool {
    is_in(IS_DIRECTION, word) && is_capitalised(word)
}

pub(super) fn is_unit(word: &str) -> bool {
    is_in(IS_UNIT, word)
}

pub(super) fn is_floor(word: &str) -> bool {
    is_in(IS_FLOOR, word)
}

pub(super) fn is_country(words: &str) -> bool {
    is_in(IS_COUNTRY, words)
}

/// The name of a state, a province or a county.
pub(super) fn is_region(words: &str) -> bool {
    is_in(IS_REGION, words)
}

/// The last word of the name of a house.
pub(super) fn is_house(word: &str) -> bool {
    HOUSES.contains(&word)
}

pub(super) fn is_sentence(word: &str) -> bool {
    is_in(IS_SENTENCE, word)
}

pub(super) fn is_us_state(code: &str) -> bool {
    code.len() == 2 && US_STATES.split(' ').any(|state| state == code)
}

/// A code of a state or province, in capitals.
pub(super) fn is_state(code: &str) -> bool {
    let short = (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase());
    short && (is_us_state(code) || OTHER_STATES.split(' ').any(|state| state == code))
}

/// British (`SW1A`, `1AA`) and Canadian (`K1A`, `0B1`) codes in their two parts.
pub(super) fn is_post_code(outward: &str, inward: &str) -> bool {
    let shape = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    '9'
                } else if c.is_ascii_uppercase() {
                    'A'
                } else {
                    '?'
                }
            })
            .collect()
    };
    matches!(
        (shape(outward).as_str(), shape(inward).as_str()),
        ("A9" | "A99" | "AA9" | "AA99" | "A9A" | "AA9A", "9AA") | ("A9A", "9A9")
    )
}

/// Irish codes: `D07`, `R6Y7`.
pub(super) fn is_eircode(outward: &str, inward: &str) -> bool {
    let capital = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    outward.len() == 3
        && inward.len() == 4
        && outward.starts_with(|c: char| c.is_ascii_uppercase())
        && outward.bytes().skip(1).any(|b| b.is_ascii_digit())
        && outward.bytes().chain(inward.bytes()).all(|b| capital(&b))
        && inward.bytes().any(|b| b.is_ascii_digit())
}

/// Where the words with capitals at the end of `line` begin, at most four; `None` when the last word has none.
pub(super) fn trailing_name(line: &str) -> Option<usize> {
    let mut start = None;
    let mut at = line.len();
    for _ in 0..4 {
        let before = line.get(..at)?;
        let len: usize = before
            .chars()
            .rev()
            .take_while(|&c| is_word(c) || c == '-' || c == '\'' || c == '.')
            .map(char::len_utf8)
            .sum();
        let word = before.get(at - len..)?;
        if !is_capitalised(word) || is_sentence(word) {
            break;
        }
        start = Some(at - len);
        let Some(next) = before.get(..at - len).and_then(|b| b.strip_suffix(' ')) else { break };
        at = next.len();
    }
    start
}
