//! What the labels of a model mean: entity types, and where an entity begins and ends.

use crate::{
    detect::{Analyzer, EntityType},
    policy::canonical,
};
use std::collections::BTreeMap;

/// Says that a label is of no interest.
pub(super) const IGNORE: &str = "ignore";

/// The label of words that belong to nothing.
const OUTSIDE: &str = "O";

/// The labels of a model, one for each column of its answer.
#[derive(Debug)]
pub(super) struct Labels {
    columns: Vec<Label>,
    entity_types: Vec<EntityType>,
}

/// What one label means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Which of [`Labels::entity_types`]; `None` for words that are of no interest.
    pub(super) entity_type: Option<usize>,
    /// Two labels of one kind differ in nothing but where they stand in an entity.
    pub(super) kind: usize,
    /// An entity begins with this word.
    pub(super) begins: bool,
    /// An entity ends with this word.
    pub(super) ends: bool,
}

impl Labels {
    /// Reads labels as they stand in `config.json`, in order of their numbers. `own` says what the operator takes them for.
    ///
    /// # Errors
    /// The labels that are not known, and those of the operator that the model does not have or whose type is no type.
    pub(super) fn new(
        named: &[String],
        own: &[(String, String)],
    ) -> Result<Self, Vec<(String, Unclear)>> {
        let own: BTreeMap<String, &str> =
            own.iter().map(|(label, meaning)| (plain(label), meaning.as_str())).collect();
        let mut reader = Reading { types: Vec::new(), kinds: Vec::new(), unclear: BTreeMap::new() };
        let columns = named.iter().map(|label| reader.label(label, &own)).collect();
        for label in own.into_keys().filter(|label| !reader.kinds.contains(label)) {
            reader.unclear.insert(label, Unclear::NotThere);
        }
        if reader.unclear.is_empty() {
            Ok(Self { columns, entity_types: reader.types })
        } else {
            Err(reader.unclear.into_iter().collect())
        }
    }

    /// What the labels mean, by column.
    pub(super) fn columns(&self) -> &[Label] {
        &self.columns
    }

    /// The types that the labels mean, each once.
    pub(super) fn entity_types(&self) -> &[EntityType] {
        &self.entity_types
    }
}

/// Why a label cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// Nobody says what it means.
    Unknown,
    /// The operator says what it means, and the model does not have it.
    NotThere,
    /// What the operator writes cannot name an entity type.
    NoType(String),
}

struct Reading {
    types: Vec<EntityType>,
    /// The labels without what tells their place in an entity.
    kinds: Vec<String>,
    unclear: BTreeMap<String, Unclear>,
}

impl Reading {
    fn label(&mut self, label: &str, own: &BTreeMap<String, &str>) -> Label {
        let (place, bare) = split(label);
        let bare = plain(bare);
        let entity_type = match meaning(&bare, own) {
            Ok(meaning) => meaning.map(|it| position(&mut self.types, it)),
            Err(unclear) => {
                self.unclear.insert(bare.clone(), unclear);
                None
            }
        };
        Label {
            entity_type,
            kind: position(&mut self.kinds, bare),
            begins: matches!(place, Some('B' | 'S' | 'U')),
            ends: matches!(place, Some('E' | 'L' | 'S' | 'U')),
        }
    }
}

/// Where `item` stands in `list`, at whose end it is put if it is new.
fn position<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

/// The letter of BIO, BIOES and BILOU in front of a label, and the label.
fn split(label: &str) -> (Option<char>, &str) {
    match label.split_once('-') {
        Some((place @ ("B" | "I" | "E" | "S" | "L" | "U"), bare)) if !bare.is_empty() => {
            (place.chars().next(), bare)
        }
        _ => (None, label),
    }
}

/// In capitals, with `_` between words.
fn plain(label: &str) -> String {
    label.trim().to_ascii_uppercase().replace(['-', ' ', '/', '.'], "_")
}

fn meaning(label: &str, own: &BTreeMap<String, &str>) -> Result<Option<EntityType>, Unclear> {
    if let Some(said) = own.get(label) {
        if *said == IGNORE {
            return Ok(None);
        }
        let named = EntityType::custom(canonical(said));
        return named.map(Some).ok_or_else(|| Unclear::NoType((*said).to_owned()));
    }
    if label == OUTSIDE || IGNORED.contains(&label) {
        return Ok(None);
    }
    let usual = USUAL.iter().find(|(_, labels)| labels.contains(&label)).map(|(t, _)| t.clone());
    usual.or_else(|| builtin(canonical(label))).map(Some).ok_or(Unclear::Unknown)
}

fn builtin(name: &str) -> Option<EntityType> {
    let analyzer = Analyzer::new(Vec::new()).ok()?;
    analyzer.entity_types().iter().find(|known| known.as_str() == name).cloned()
}

/// Labels of well-known data sets that name nothing private: what is left of CoNLL's names, fillers of training.
const IGNORED: [&str; 3] = ["MISC", "PAD", "[PAD]"];

/// Labels of well-known data sets and models, beside the names that the entity types have here.
const USUAL: [(EntityType, &[&str]); 24] = [
    (
        EntityType::PERSON,
        &[
            "PER",
            "PERS",
            "FULL_NAME",
            "FULLNAME",
            "FIRST_NAME",
            "FIRSTNAME",
            "GIVEN_NAME",
            "GIVENNAME",
            "MIDDLE_NAME",
            "MIDDLENAME",
            "LAST_NAME",
            "LASTNAME",
            "SURNAME",
            "NAME_STUDENT",
            "PATIENT",
            "DOCTOR",
            "STAFF",
            "HCW",
        ],
    ),
    (
        EntityType::LOCATION,
        &[
            "LOC",
            "GPE",
            "FAC",
            "CITY",
            "STATE",
            "COUNTY",
            "COUNTRY",
            "ZIP",
            "ZIPCODE",
            "ZIP_CODE",
            "POSTCODE",
            "POSTAL_CODE",
            "DISTRICT",
            "REGION",
        ],
    ),
    (
        EntityType::ORGANIZATION,
        &["ORGANISATION", "COMPANY", "COMPANY_NAME", "COMPANYNAME", "HOSPITAL"],
    ),
    (
        EntityType::STREET_ADDRESS,
        &[
            "STREET",
            "STREET_NAME",
            "STREETADDRESS",
            "BUILDING_NUMBER",
            "BUILDINGNUM",
            "BUILDINGNUMBER",
            "SECONDARY_ADDRESS",
            "SECONDARYADDRESS",
        ],
    ),
    (EntityType::EMAIL_ADDRESS, &["EMAILADDRESS"]),
    (
        EntityType::PHONE_NUMBER,
        &["PHONENUMBER", "PHONE_NUM", "TELEPHONE", "TELEPHONENUM", "MOBILE", "FAX", "FAX_NUMBER"],
    ),
    (EntityType::URL, &["URL_PERSONAL", "WEBSITE"]),
    (EntityType::IP_ADDRESS, &["IPV4", "IPV6", "IPADDRESS"]),
    (EntityType::MAC_ADDRESS, &["MACADDRESS"]),
    (EntityType::IMEI, &["PHONEIMEI"]),
    (EntityType::USERNAME, &["USER_NAME", "LOGIN"]),
    (EntityType::SECRET, &["PASSWORD", "API_KEY", "CREDENTIAL"]),
    (EntityType::DATE_TIME, &["DATETIME"]),
    (EntityType::DATE_OF_BIRTH, &["DATEOFBIRTH", "BIRTHDATE"]),
    (
        EntityType::CREDIT_CARD,
        &["CREDITCARD", "CREDITCARDNUMBER", "CREDIT_CARD_NUMBER", "CARD_NUMBER"],
    ),
    (EntityType::CREDIT_CARD_CVV, &["CVV", "CREDITCARDCVV"]),
    (EntityType::SWIFT_CODE, &["BIC", "SWIFT", "SWIFT_BIC"]),
    (EntityType::US_BANK_NUMBER, &["ACCOUNT_NUMBER", "ACCOUNTNUMBER", "ACCOUNTNUM"]),
    (EntityType::ABA_ROUTING_NUMBER, &["ROUTING_NUMBER", "BANK_ROUTING_NUMBER"]),
    (EntityType::US_SSN, &["SOCIALNUM", "SOCIAL_SECURITY_NUMBER"]),
    (
        EntityType::NATIONAL_ID,
        &["TAX_ID", "TAXNUM", "GOVERNMENT_ID", "ID_NUM", "IDCARDNUM", "ID_CARD"],
    ),
    (EntityType::PASSPORT, &["PASSPORT_NUMBER", "PASSPORTNUM"]),
    (
        EntityType::US_DRIVER_LICENSE,
        &["DRIVERS_LICENSE", "DRIVERLICENSENUM", "DRIVER_LICENSE_NUMBER"],
    ),
    (EntityType::VEHICLE_ID, &["VIN", "VEHICLEVIN"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(named: &[&str], own: &[(&str, &str)]) -> Result<Labels, Vec<(String, Unclear)>> {
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        let own: Vec<_> = own.iter().map(|(l, t)| ((*l).to_owned(), (*t).to_owned())).collect();
        Labels::new(&named, &own)
    }

    /// What one label means to a model that has no other.
    #[track_caller]
    fn check(label: &str, expected: &str, begins: bool, ends: bool) {
        let labels = labels(&["O", label], &[]).unwrap();
        let [outside, read] = labels.columns() else { panic!("two labels") };
        assert_eq!(outside.entity_type, None);
        let entity_type = read.entity_type.map(|it| labels.entity_types()[it].as_str());
        assert_eq!(entity_type, Some(expected), "{label}");
        assert_eq!((read.begins, read.ends), (begins, ends), "{label}");
    }

    #[test]
    fn plain_bio_bioes_and_bilou_labels_are_read() {
        check("PER", "PERSON", false, false);
        check("B-PER", "PERSON", true, false);
        check("I-LOC", "LOCATION", false, false);
        check("E-ORG", "ORGANIZATION", false, true);
        check("S-email", "EMAIL_ADDRESS", true, true);
        check("L-SSN", "US_SSN", false, true);
        check("U-GIVEN_NAME", "PERSON", true, true);
    }

    #[test]
    fn labels_are_known_in_any_spelling_and_by_our_own_names() {
        check("B-Given Name", "PERSON", true, false);
        check("street-address", "STREET_ADDRESS", false, false);
        check("CREDIT_CARD", "CREDIT_CARD", false, false);
        check("I-DATE", "DATE_TIME", false, false);
    }

    #[test]
    fn labels_of_one_kind_differ_in_their_place_alone() {
        let labels = labels(&["O", "B-CITY", "I-CITY", "B-STATE", "MISC"], &[]).unwrap();
        let [_, city, more, state, rest] = labels.columns() else { panic!("five labels") };
        assert_eq!(city.kind, more.kind);
        assert_eq!(city.entity_type, state.entity_type);
        assert_ne!(city.kind, state.kind);
        assert_eq!(rest.entity_type, None);
    }

    #[test]
    fn the_operator_has_the_last_word() {
        let own = [("drug", "MEDICATION"), ("CITY", "ignore"), ("PER", "NAME")];
        let labels = labels(&["O", "B-DRUG", "B-CITY", "PER"], &own).unwrap();
        let types: Vec<_> = labels.columns().iter().map(|label| label.entity_type).collect();
        assert_eq!(types, [None, Some(0), None, Some(1)]);
        let names: Vec<_> = labels.entity_types().iter().map(EntityType::as_str).collect();
        assert_eq!(names, ["MEDICATION", "PERSON"]);
    }

    #[test]
    fn what_is_not_clear_is_told_all_at_once() {
        let own = [("CITY", "no type"), ("GONE", "PERSON")];
        let unclear = labels(&["LABEL_0", "B-CITY", "I-CITY", "B-DRUG"], &own).unwrap_err();
        let expected = [
            ("CITY", Unclear::NoType("no type".to_owned())),
            ("DRUG", Unclear::Unknown),
            ("GONE", Unclear::NotThere),
            ("LABEL_0", Unclear::Unknown),
        ];
        assert_eq!(unclear, expected.map(|(label, why)| (label.to_owned(), why)));
    }
}
