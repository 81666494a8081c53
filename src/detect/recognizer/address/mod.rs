//! Postal addresses: `12 Main Street, Apt 4, Springfield, IL 62704`, `Musterstraße 12, 10115 Berlin`.
//!
//! A pattern finds a place where an address may begin (a house number, a word for a street, a post office box); `street`
//! reads the line with the street, `tail` whatever follows of unit, town, post code and country. Both read forward over a
//! bounded window. Parts of addresses that name no street (a town with its post code) are a `LOCATION`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix, suffix},
};
use cursor::Cursor;
use street::Street;

mod cursor;
mod parts;
mod small;
mod street;
mod tail;
mod uncased;
mod words;

/// The longest address, in bytes.
const WINDOW: usize = 256;

/// A house number, and the beginning of a word with a capital, of a number, or of a French word for a street.
const HOUSE: &str = r"(?-u:\b)[0-9]{1,5}(?:-?[A-Za-z]|[-/][0-9]{1,4}[A-Za-z]?| ?(?:bis|ter|quater))?,? (?:[A-Z0-9]|[^\x00-\x7F]|(?:rue|avenue|av|boulevard|bd|place|chemin|impasse|all|quai|route|cours|square|passage|north|south|east|west)(?-u:\b))";

/// Words for a street that stand in front of its name.
const LEADING: &str = r"(?i-u:\b(?:calle|cl\.|c\.|c/|c/\.|avda\.?|avenida|av\.|plaza|pza\.?|pl\.|paseo|p(?:º|°|/)|carrer|camino|carretera|ctra\.?|ronda|traves(?:í|i)a|calzada|carrera|rua|r\.|travessa|pra(?:ç|c)a|alameda|estrada|largo|rodovia|via|viale|piazza|piazzale|corso|vicolo|largo|strada|lungomare|rue|boulevard|bd\.?|chemin|impasse|quai|ul\.|ulica|al\.|aleja|aleje|plac|os\.|osiedle|strada|str\.|bulevardul|ulitsa|prospekt))(?: |\.|/)";

/// Ends of words for a street, in front of the house number.
const COMPOUND: &str = r"(?i-u:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|damm|ring|ufer|chaussee|steig|markt|gatan|gata|v(?:ä|a)gen|v(?:ä|a)g|gränd|vej|gade|allé|stræde|veien|vegen|gata|straat|laan|plein|kade|gracht|dijk|singel|steeg|katu|kuja|polku|ntie|utca|útja|út|tér|ulice|n(?:á|a)m(?:ě|e)st(?:í|i)|(?:cad(?:desi|\.)|sok(?:ak|a(?:ğ|g)(?:ı|i)|\.)|bulvar(?:ı|i))(?: no:?)?) [0-9]";

/// Words for a street in Russian and Ukrainian, in front of its name.
const CYRILLIC: &str = r"(?:ул\.|улица|просп\.|проспект|пр-т|пер\.|переулок|пл\.|площадь|наб\.|набережная|б-р|бульвар|шоссе|вул\.|вулиця) ?";

/// Names of German streets that begin with a preposition. So do many phrases: only a town or a word for an address tells.
const PREPOSITION: &str = r"(?-u:\b)(?:Am|An (?:der|den|dem)|Auf (?:der|dem|den)|Beim|Hinter (?:der|dem|den)|Im|In (?:der|den|dem)|Unter (?:der|den|dem)|Vor (?:der|dem|den)|Zum|Zur) ";

/// Words in front of where somebody lives.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "address", "adresse", "anschrift", "lives at", "live at", "wohne", "wohnen", "wohnhaft", "wohnt", "ship to", "deliver to",
    "lieferadresse", "straße", "zuhause", "zugezogen", "gemeldet",
];

/// The number of a house and the word for a street in front of it, in Chinese.
const CHINESE: &str = r"(?:路|街|道|巷|弄|胡同|村)[0-9]{1,5}(?:-[0-9]{1,4})?(?:号|號|弄)";
/// Numbers of block and house, in Japanese.
const JAPANESE: &str = r"[\u{3040}-\u{30FF}\u{4E00}-\u{9FFF}][0-9]{1,4}(?:-|丁目)[0-9]{1,4}(?:(?:-|番地?)[0-9]{1,4}){0,2}号?";
/// Province, town or district, and the street with its number.
const KOREAN: &str = r"[가-힣]{1,5}(?:특별시|광역시|특별자치시|도|시) (?:[가-힣]{1,6}(?:시|군|구) ){1,2}[가-힣0-9]{1,12}(?:로|길|동) ?[0-9]{1,4}(?:-[0-9]{1,4})?";

pub(super) static ADDRESS: Recognizer = Recognizer {
    name: "address",
    description: "postal addresses of the main countries, post office boxes, towns with their post code",
    patterns: &[
        Pattern::new(EntityType::STREET_ADDRESS, 0.75, HOUSE).check(house_first),
        Pattern::new(EntityType::STREET_ADDRESS, 0.75, LEADING).check(street_first),
        Pattern::new(EntityType::STREET_ADDRESS, 0.75, COMPOUND).check(compound),
        Pattern::new(EntityType::STREET_ADDRESS, 0.75, small::TYPES).check(small::street),
        Pattern::new(EntityType::STREET_ADDRESS, 0.75, CYRILLIC).check(street_first),
        Pattern::new(EntityType::STREET_ADDRESS, 0.3, PREPOSITION)
            .check(prepositional)
            .context(0.75, WORDS),
        Pattern::new(EntityType::STREET_ADDRESS, 0.8, CHINESE).check(chinese),
        Pattern::new(EntityType::STREET_ADDRESS, 0.8, JAPANESE).check(japanese),
        Pattern::new(EntityType::STREET_ADDRESS, 0.8, KOREAN),
        Pattern::new(
            EntityType::STREET_ADDRESS,
            0.8,
            r"(?i-u:\b(?:p\.? ?o\.? ?box|post office box|r\.?r\.? ?#?[0-9]{1,3},? box|postfach|postbus|apartado(?: de correos| postal)?|casella postale|caixa postal|bo(?:î|i)te postale|skrytka pocztowa)) ?(?:[0-9])",
        )
        .check(box_first),
        Pattern::new(
            EntityType::STREET_ADDRESS,
            0.85,
            r"(?-u:\b)(?:(?:PSC|CMR|Unit|UNIT) [0-9]{1,5},? Box [0-9]{1,5}|US(?:NS|S|CGC|NV) [A-Z][A-Za-z]{1,24})[, \n]{1,3}[AFD]PO,? A[AEP] [0-9]{5}(?-u:\b)",
        ),
        Pattern::new(EntityType::LOCATION, 0.7, r", ?[A-Z]{2},? [0-9]{5}(?:-[0-9]{4})?(?-u:\b)").check(town),
        Pattern::new(
            EntityType::LOCATION,
            0.75,
            r"(?i-u:\b(?:zip(?: ?code)?|post(?:al)? ?codes?|post code|plz|postleitzahl|c\.?p\.?|c(?:ó|o)d(?:igo|\.)? postal|code postal|cap|cep|postcode|postnummer|postinumero|kod pocztowy|pin ?code))",
        )
        .check(post_code),
        Pattern::new(EntityType::LOCATION, 0.4, parts::BRITISH)
            .context(0.8, &["postcode", "post code", "postal code", "zip", "address", "london", "uk", "canada", "road", "street"])
            .check(lettered_code),
        Pattern::new(EntityType::STREET_ADDRESS, 0.85, parts::BRITISH).check(parts::british),
        Pattern::new(EntityType::STREET_ADDRESS, 0.85, parts::JAPANESE).check(parts::japanese),
        Pattern::new(EntityType::STREET_ADDRESS, 0.85, parts::INDIAN).check(parts::indian),
    ],
};

/// A British or Canadian post code.
fn lettered_code(seen: &Seen<'_>) -> Option<Accepted> {
    let (outward, inward) = seen.text().split_once(' ')?;
    (seen.stands_alone() && words::is_post_code(outward, inward)).then(|| seen.accept())?
}

/// `address=12 …`, `shipping_address:12 …`: the mark is no part of the number.
fn is_labelled(left: &str) -> bool {
    const LABELS: &[&str] =
        &["addr", "address", "adresse", "adres", "direccion", "endereco", "indirizzo", "street"];
    let name = left.strip_suffix(['=', ':']).unwrap_or_default().to_lowercase();
    let word = name.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    LABELS.iter().any(|label| word.ends_with(label))
}

/// `12 Main Street …`, `12 rue de la Paix …`.
fn house_first(seen: &Seen<'_>) -> Option<Accepted> {
    let is_free = seen.is_free_left("-./\\:+@#$%&~=,_'") || is_labelled(seen.left());
    if !is_free || seen.before().is_some_and(|c| "$€£¥".contains(c)) {
        return None;
    }
    // `pages 177–186, New York`
    let word = seen.left().trim_end().rsplit(|c| !is_word(c)).next().unwrap_or_default();
    if ["p", "pp", "pages"].contains(&word.trim_end_matches('.')) {
        return None;
    }
    let near = prefix(seen.all.get(seen.start..)?, WINDOW);
    // In a row of numbers nothing names a street.
    if !near.bytes().any(|b| b.is_ascii_alphabetic() || !b.is_ascii()) {
        return None;
    }
    let mut cursor = Cursor::new(near);
    let unit = start_of_unit(seen);
    street::house(&mut cursor)?;
    let comma = cursor.rest().starts_with(',');
    if comma && is_year(seen.text()) {
        return None;
    }
    cursor.skip(", ");
    // `tel. 9123 4567, Blk 512 …`
    let mut ahead = cursor;
    if comma && ahead.word().is_some_and(words::is_front_unit) {
        return None;
    }
    let street = street::behind_house(&mut cursor)?;
    let found = finish(seen, unit, seen.start, cursor, street)?;
    (!is_year(seen.text()) || may_be_house(seen, &found, street)).then_some(found)
}

/// Where the unit in front of a house number begins, as in `Flat 3, 22 …`, `Unit 7/32 …`, `2nd Floor, 118 …`: what was matched is its
/// number, or the house's. Else the start of the match.
fn start_of_unit(seen: &Seen<'_>) -> usize {
    let line = suffix(seen.all.get(..seen.start).unwrap_or_default(), 64);
    let line = line.rsplit('\n').next().unwrap_or_default();
    if let Some(at) = start_of_building(line).or_else(|| start_of_house(line)) {
        return seen.start - (line.len() - at);
    }
    let marks = line.len() - line.trim_end_matches([' ', '.', '#', ',']).len();
    let before = line.get(..line.len() - marks).unwrap_or_default();
    let from = before.rfind(|c: char| !is_word(c)).map_or(0, |at| at + 1);
    let word = before.get(from..).unwrap_or_default();
    let comma = line.get(before.len()..).is_some_and(|marks| marks.contains(','));
    let begin = |at: usize| seen.start - (line.len() - at);
    if marks == 0 || marks > 2 || !words::is_capitalised(word) {
        return seen.start;
    }
    if !comma && words::is_front_unit(word) {
        return begin(from);
    }
    let ordinal = before.get(..from).and_then(|b| b.strip_suffix(' ')).unwrap_or_default();
    let first = ordinal.rfind(|c: char| !is_word(c)).map_or(0, |at| at + 1);
    let is_floor = comma && words::is_floor(word) && words::is_ordinal(&ordinal[first..]);
    if is_floor { begin(first) } else { seen.start }
}

/// Where a flat and the name of its house begin in front of the number: `Flat 9, Tower House, 210 …`.
fn start_of_building(line: &str) -> Option<usize> {
    let (unit, name) = line.strip_suffix(", ")?.rsplit_once(", ")?;
    let is_name = name.split(' ').count() <= 4
        && name.split(' ').all(|w| words::is_capitalised(w) && w.chars().all(is_word));
    let (before, number) = unit.rsplit_once(' ')?;
    let from = before.rfind(|c: char| !is_word(c)).map_or(0, |at| at + 1);
    let word = before.get(from..)?;
    let fits = number.len() <= 4 && number.starts_with(|c: char| c.is_ascii_digit());
    (is_name && fits && words::is_capitalised(word) && words::is_front_unit(word)).then_some(from)
}

/// Where the name of a house begins in front of its number: `Riverside House, 3 …`.
fn start_of_house(line: &str) -> Option<usize> {
    let before = line.strip_suffix(", ")?;
    let from = words::trailing_name(before)?;
    let (name, house) = before.get(from..)?.rsplit_once(' ')?;
    (words::is_house(house) && name.split(' ').count() <= 3).then_some(from)
}

/// `1991-1998, Thomas G. Lane`: whose right it is to copy, not where to.
fn is_year(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && (text.starts_with("19") || text.starts_with("20"))
}

/// What years are said of that are called like streets.
#[rustfmt::skip]
const EVENTS: &[&str] = &[
    "album", "carnival", "championship", "concert", "cup", "edition", "exhibition", "fair", "festival", "film", "finale", "game", "marathon", "market",
    "movie", "musical", "open", "parade", "play", "race", "reboot", "release", "remake", "reopening", "riot", "rally", "season", "sequel", "show", "song",
    "summit", "tour", "tournament", "trial", "trip", "walk",
];

/// A number that may be a year is a house's unless the words around say otherwise: `Copyright 2022 Ann Green`, `1990 Main Street Fair`,
/// `the 2022 Elm Street remake`. Words that are much else as well are a street behind it only with a town or a unit.
fn may_be_house(seen: &Seen<'_>, found: &Accepted, street: Street) -> bool {
    let left = seen.left().rsplit('\n').next().unwrap_or_default().to_lowercase();
    let behind = seen.all.get(found.end..).and_then(|behind| behind.strip_prefix(' '));
    let behind = behind.unwrap_or_default();
    let next = behind.get(..behind.find(|c| !is_word(c)).unwrap_or(behind.len()));
    let next = next.unwrap_or_default().to_lowercase();
    let is_event = EVENTS.contains(&next.trim_end_matches('s'));
    let rights = ["copyright", "(c)", "©"].iter().any(|word| left.contains(word));
    // In a list of who wrote it, each line begins with the years.
    let listed = left.trim().is_empty() && begins_with_year(line_above(seen));
    let is_placed = found.score >= Some(0.8);
    !rights && !listed && !is_event && (is_placed || street == Street::Certain)
}

/// The end of the line above the match.
fn line_above<'t>(seen: &Seen<'t>) -> &'t str {
    let above = suffix(seen.all.get(..seen.start).unwrap_or_default(), 96);
    above.rsplit('\n').nth(1).unwrap_or_default()
}

/// ` 2001-2008 Ann Lee`, ` 2021, Bo`
fn begins_with_year(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '*', '#', '/']);
    let behind = line.get(4..).unwrap_or_default();
    is_year(line) && behind.starts_with([' ', ',', '-', '–'])
}

/// `Calle Mayor 5 …`, `Via Roma, 12 …`.
fn street_first(seen: &Seen<'_>) -> Option<Accepted> {
    // `180 °C. Bake 5 loaves`
    let start = with_number_before(seen, seen.start);
    let degrees = seen.all.get(start..seen.start).unwrap_or_default().trim_end();
    let is_degree = matches!(degrees.len(), 2 | 3)
        && degrees.bytes().all(|b| b.is_ascii_digit())
        && seen.text().eq_ignore_ascii_case("c. ");
    if seen.before().is_some_and(|c| is_word(c) || c == '°') || is_degree {
        return None;
    }
    let mut cursor = Cursor::new(prefix(seen.all.get(seen.end..)?, WINDOW));
    let Some(street) = street::behind_type(&mut cursor, seen.text()) else {
        return uncased::leading(seen);
    };
    let read = prefix(seen.all.get(seen.end..)?, cursor.at());
    // `via PEP 660`: in small letters `via` is English.
    if seen.text() == "via " && !read.contains(|c: char| c.is_lowercase()) {
        return None;
    }
    finish(seen, start, seen.end, cursor, street)
}

/// `Musterstraße 12 …`: what was matched is the end of the street's name.
fn compound(seen: &Seen<'_>) -> Option<Accepted> {
    let Some(start) = street::name_before(seen) else { return uncased::compound(seen) };
    let house = seen.end - 1;
    let mut cursor = Cursor::new(prefix(seen.all.get(house..)?, WINDOW));
    street::house(&mut cursor)?;
    street::entrance(&mut cursor);
    // Hungary writes a full stop behind the number, also where the address goes on.
    let hungarian = ["utca", "út", "tér"].iter().any(|word| seen.text().starts_with(word));
    if hungarian && cursor.rest().starts_with(". ") | cursor.rest().starts_with(".\n") {
        let mut dotted = cursor;
        dotted.eat(".");
        let mut ahead = dotted;
        if tail::read(&mut ahead).placed || ahead.at() > dotted.at() {
            cursor = dotted;
        }
    }
    let street = if words::is_weak_end(seen.text()) { Street::Weak } else { Street::Certain };
    finish(seen, with_number_before(seen, start), house, cursor, street)
}

/// `Am Anger 5`
fn prepositional(seen: &Seen<'_>) -> Option<Accepted> {
    let mut cursor = Cursor::new(prefix(seen.all.get(seen.end..)?, WINDOW));
    street::behind_preposition(&mut cursor)?;
    let mut with_tail = cursor;
    let tail = tail::read(&mut with_tail);
    let end = seen.end + if tail.placed { with_tail.at() } else { cursor.at() };
    let score = if tail.placed { 0.8 } else { 0.3 };
    Some(seen.accept_span(seen.start, end)?.with_score(score))
}

/// The farthest that an address without spaces begins in front of its number, in bytes.
const UNSPACED: usize = 96;

/// Adds what stands in front of the word for the street, and the flat behind.
fn chinese(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, run) = unspaced(seen, "在住址是于於到往寄至从從：")?;
    let tells =
        ["省", "市", "区", "區", "县", "縣", "镇", "鎮"].iter().any(|word| run.contains(word));
    let end =
        seen.run(48, |c| c.is_ascii_alphanumeric() || "-号號楼樓栋棟座单元單层層室".contains(c));
    let read = seen.all.get(seen.end..end)?;
    let end = seen.end
        + read.rfind(|c: char| "号號楼樓栋棟座元層层室".contains(c)).map_or(0, |at| at + 3);
    tells.then(|| seen.accept_span(start, end))?
}

fn japanese(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, run) = unspaced(seen, "はがをにのへ、")?;
    let tells =
        ["都", "道", "府", "県", "市", "区", "町", "郡"].iter().any(|word| run.contains(word));
    (tells && !seen.after().is_some_and(|c| c.is_ascii_digit()))
        .then(|| seen.accept_span(start, seen.end))?
}

/// The letters in front of the match without a space, from behind the last of `cuts` on, with their place.
fn unspaced<'t>(seen: &Seen<'t>, cuts: &str) -> Option<(usize, &'t str)> {
    let left = suffix(seen.all.get(..seen.start)?, UNSPACED);
    let letter = |c: char| c.is_alphanumeric() && !is_word(c) || c == 'ー';
    let from = left.char_indices().rev().find(|&(_, c)| !letter(c) || cuts.contains(c));
    let from = from.map_or(0, |(at, c)| at + c.len_utf8());
    let run = left.get(from..)?;
    Some((seen.start - run.len(), run))
}

fn box_first(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.end - 1;
    let mut cursor = Cursor::new(prefix(seen.all.get(number..)?, WINDOW));
    street::house(&mut cursor)?;
    // `40112-00100`, with the code of the post office.
    let mut coded = cursor;
    if coded.eat("-") && coded.digits().len() == 5 && coded.is_apart() {
        cursor = coded;
    }
    // `10 22 44`: in pairs, as Germany writes them.
    for _ in 0..2 {
        let mut ahead = cursor;
        if !ahead.eat(" ") || ahead.digits().len() != 2 || !ahead.is_apart() {
            break;
        }
        cursor = ahead;
    }
    finish(seen, seen.start, number, cursor, Street::Certain)
}

/// Adds the tail to a street that ends where `cursor` stands.
fn finish(
    seen: &Seen<'_>,
    start: usize,
    from: usize,
    mut cursor: Cursor<'_>,
    street: Street,
) -> Option<Accepted> {
    let bare = cursor;
    let tail = tail::read(&mut cursor);
    let whole = seen.all.get(from..).unwrap_or_default();
    // A full stop at the end is the sentence's.
    let mut behind = cursor.rest().chars();
    let ends = match behind.next() {
        None | Some('\n' | '\r' | '"' | ')') => true,
        Some(' ') => !behind.next().is_some_and(char::is_lowercase),
        Some(_) => false,
    };
    let stop = cursor.at() == bare.at()
        && ends
        && whole.get(..cursor.at()).is_some_and(|read| read.ends_with('.'));
    let end = from + cursor.at() - usize::from(stop);
    let score = match (street, tail.placed) {
        (Street::Certain, true) => 0.9,
        (Street::Certain, false) => 0.75,
        (Street::Likely, true) => 0.85,
        (Street::Likely, false) => 0.5,
        (Street::Weak, true) => 0.8,
        (Street::Open, true) if tail.unit || tail.country => 0.8,
        // `Unit 6, Brook Mill, Kendal LA9 6NT`
        (Street::Open, true) if tail.coded && start < from => 0.8,
        // `19 Cinder Path, Whitby YO22 4ET`
        (Street::Open, true) if tail.lettered => 0.8,
        (Street::Weak | Street::Open, _) => return None,
    };
    Some(seen.accept_span(start, end)?.with_score(score))
}

/// Where a number in front of a street begins, as in `14 Via Roma 5`; else `start`.
fn with_number_before(seen: &Seen<'_>, start: usize) -> usize {
    let line = suffix(seen.all.get(..start).unwrap_or_default(), 8);
    let Some(before) = line.strip_suffix(' ') else { return start };
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let apart = before
        .get(..before.len() - digits)
        .is_some_and(|b| b.is_empty() || b.ends_with([' ', '\n']));
    if (1..=5).contains(&digits) && apart { start - digits - 1 } else { start }
}

/// `Springfield, IL 62704`, and the town's name in front of what was matched.
fn town(seen: &Seen<'_>) -> Option<Accepted> {
    let state = seen.text().get(1..)?.trim_start().get(..2)?;
    let line = suffix(seen.all.get(..seen.start)?, 48);
    let line = line.rsplit(['\n', ',', ';', ':', '.']).next()?;
    let start = words::trailing_name(line)?;
    words::is_us_state(state)
        .then(|| seen.accept_span(seen.start - (line.len() - start), seen.end))?
}

/// A post code behind its name.
fn post_code(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) {
        return None;
    }
    let rest = prefix(seen.all.get(seen.end..)?, 32);
    let value = rest.trim_start_matches([':', ' ', '=', '"', '\'', '.', '#']);
    let value = ["is ", "ist ", "es ", "est ", "number ", "no "]
        .iter()
        .find_map(|w| value.strip_prefix(w))
        .unwrap_or(value);
    let from = seen.end + (rest.len() - value.len());
    if value.len() == rest.len() {
        return None;
    }
    let mut cursor = Cursor::new(value);
    tail::post_code(&mut cursor)?;
    seen.accept_span(from, from + cursor.at())
}

#[cfg(test)]
mod tests {
    use crate::detect::{Analyzer, EntityType, Score, Selection, Text};

    fn found(text: &str) -> Vec<String> {
        let analyzer = Analyzer::new(Vec::new()).unwrap();
        let wanted = [EntityType::STREET_ADDRESS, EntityType::LOCATION];
        let selection = Selection::of(wanted.map(|t| (t, Score::new(0.5))));
        let found = analyzer.analyze(&[Text::from(text)], &selection);
        found[0].iter().map(|f| f.span.slice(text).to_owned()).collect()
    }

    #[test]
    fn towns_and_post_codes_are_found_without_a_street() {
        for (text, part) in [
            ("moved to Springfield, IL 62704 in May", "Springfield, IL 62704"),
            ("my zip code is 62704", "62704"),
            ("CP: 28013", "28013"),
            ("postcode SW1A 2AA please", "SW1A 2AA"),
        ] {
            assert_eq!(found(text), [part], "{text}");
        }
    }

    #[test]
    fn the_number_behind_the_post_code_is_not_part_of_the_address() {
        let text = "5 Main Street\nSpringfield, IL 62704\n046 406 6044";
        assert_eq!(found(text), ["5 Main Street\nSpringfield, IL 62704"]);
    }

    #[test]
    fn long_runs_take_linear_time() {
        for unit in [
            "1 A ",
            "12 Main Street, ",
            "C/ A ",
            "Straße 1 ",
            ", IL 62704",
            "zip ",
            "5 rue de la ",
            "P.O. Box 1",
        ] {
            let _ = found(&unit.repeat(100_000 / unit.len()));
        }
    }
}
