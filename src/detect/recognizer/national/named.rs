//! Numbers that only their name tells, whatever country gave them: `national ID: 4471 2209`, `her tax ID is 22-3456789`.

use crate::detect::{
    EntityType,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static ALL: &[&Recognizer] = &[&Recognizer {
    name: "national_id",
    description: "identity, tax and voter numbers of any country, named as such in the main languages",
    patterns: &[
        Pattern::new(
            EntityType::NATIONAL_ID,
            0.82,
            r"(?i-u:\b(?:national (?:id|identity|identification|insurance)|(?:nat|gov|govt|government|citizen|civil|resident|residence|voter|taxpayer|tax|photo|state|personal)[ _-]?id|identity (?:card|document|number)|id card|identification (?:card|document|number)|tax (?:identification|file|number|reference)|taxpayer (?:identification|number)|social insurance|resident registration|personal identification number|citizenship number|pps ?n(?:o|umber)?\b|aadha?ar|adhaar|uidai|voter registration(?: number| no| id)?|epic number|voter card|philsys|my ?number card))",
        )
        .check(value),
        Pattern::new(
            EntityType::NATIONAL_ID,
            0.8,
            r"(?i-u:\b(?:personalausweis(?:nummer|nr)?|ausweisnummer|ausweis-?nr|steuer-?id(?:-?nr)?|st\.?-?nr\b|ust\.?-?id\.?-?(?:nr)?|umsatzsteuer-?id(?:entifikationsnummer)?|siret\b|siren\b|n(?:°|º) ?(?:de )?tva(?: intra(?:communautaire)?)?|btw-?(?:nummer|nr|id)|steuernummer|steueridentifikationsnummer|steuerliche identifikationsnummer|sozialversicherungsnummer|rentenversicherungsnummer|ahv-?nummer|ahv-?nr|carte (?:nationale )?d'identit(?:é|e)|cni|num(?:é|e)ro fiscal|num(?:é|e)ro de s(?:é|e)curit(?:é|e) sociale|documento (?:nacional )?de identidad|documento de identificaci(?:ó|o)n|c(?:é|e)dula(?: de (?:identidad|ciudadan(?:í|i)a))?|dni|nie|nif|nit|cif|carta d'identit(?:à|a)|codice fiscale|partita iva|cart(?:ã|a)o de cidad(?:ã|a)o|n(?:ú|u)mero de contribuinte|n(?:ú|u)mero fiscal|rg|cpf|cnpj|curp|burgerservicenummer|bsn|rijksregisternummer|identiteitskaart|personnummer|henkil(?:ö|o)tunnus|f(?:ø|o)dselsnummer|cpr-?nummer|cpr-?nr|kennitala|pesel|dow(?:ó|o)d osobisty|numer dowodu|rodn(?:é|e) (?:č|c)(?:í|i)slo|kimlik(?: no| numaras(?:ı|i))?|vergi(?: no| numaras(?:ı|i))?))",
        )
        .check(value),
        Pattern::new(
            EntityType::NATIONAL_ID,
            0.8,
            r"(?-u:\b)(?:TIN|UTR|(?:VAT|Vat)(?i-u:[ .-]?(?:reg(?:istration)?|id|no|nr|number)\b)?)(?i-u:[ .-]{0,2}(?:no|nr|number|#))?",
        )
        .check(long_value),
        // As keys of data and of forms.
        Pattern::new(EntityType::NATIONAL_ID, 0.8, r"(?-u:\b)(?:national|Tax|tax|taxpayer|citizen|identity|fiscal|vat)_?(?:[Ii][Dd]|[Cc]ode|[Nn]umber|[Nn]o)(?-u:\b)").check(value),
        Pattern::new(EntityType::NATIONAL_ID, 0.8, r"(?-u:\b)(?:PAN|Pan|pan)(?i-u: card)?(?i-u: (?:number|no)\b)?").check(pan),
        Pattern::new(
            EntityType::NATIONAL_ID,
            0.8,
            r"(?:身份证号?码?|身分證字?號?|マイナンバー|個人番号|주민등록번호|паспорт|ИНН|СНИЛС|ΑΦΜ|ΑΜΚΑ|เลขประจำตัวประชาชน)",
        )
        .check(value_behind),
    ],
}];

/// Letters count, but names and words have few digits.
const SHAPE: Shape = Shape { length: (6, 18), digits: 5, letters: true, marks: "- ./" };

fn value(seen: &Seen<'_>) -> Option<Accepted> {
    plausible(seen, named::value(seen, &SHAPE)?)
}

/// `VAT` and `TIN` stand in front of shorter numbers as well.
fn long_value(seen: &Seen<'_>) -> Option<Accepted> {
    plausible(seen, named::value(seen, &Shape { digits: 7, ..SHAPE })?)
}

fn value_behind(seen: &Seen<'_>) -> Option<Accepted> {
    plausible(seen, named::value_behind(seen, &SHAPE)?)
}

/// An Indian PAN, also a mistyped one: mostly letters. Card numbers are called PAN as well, and have none.
fn pan(seen: &Seen<'_>) -> Option<Accepted> {
    let found = named::value(seen, &Shape { length: (9, 14), digits: 3, ..SHAPE })?;
    let value = seen.all.get(found.start..found.end)?;
    let letters = value.bytes().filter(u8::is_ascii_uppercase).count();
    let plain = value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (plain && letters >= 5).then_some(found)
}

/// A date or a sum of money behind the name is no number of it: `tax number 2024-04-15`.
fn plausible(seen: &Seen<'_>, found: Accepted) -> Option<Accepted> {
    let value = seen.all.get(found.start..found.end)?;
    // Small letters are code, unless digits and letters take turns as in `mrtbnc58b09f205h`, in the language of the number.
    let name = seen.text().to_ascii_lowercase();
    let spoken = name.starts_with("codice") || name == "curp";
    let lower = !spoken && value.bytes().any(|b| b.is_ascii_lowercase());
    let is_date = value.len() == 10 && value.matches(['-', '/', '.']).count() == 2;
    (!lower && !is_date).then_some(found)
}
