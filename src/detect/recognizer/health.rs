//! Health: record and insurance numbers, provider registrations.

use crate::detect::{
    EntityType, checksum,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Digits, Seen, prefix},
};

#[rustfmt::skip]
const NPI: &[&str] = &[
    "npi", "npis", "national provider", "provider id", "provider number", "provider identifier", "prescriber", "attending physician", "billing provider",
    "ordering provider", "referring provider", "rendering provider",
];
/// Words of those who pay for health, and of their cards.
#[rustfmt::skip]
const INSURERS: &[&str] = &[
    "aetna", "anthem", "bcbs", "blue cross", "blue shield", "cigna", "health insurance", "health plan", "humana", "insurance", "insurer", "kaiser", "medicaid",
    "member id", "molina", "payer", "pcn", "ppo", "rx bin", "subscriber id", "tricare", "uhc", "unitedhealthcare",
];
const MBI: &[&str] = &["mbi", "medicare", "beneficiary", "hicn"];
const NHS: &[&str] = &["nhs", "nhs no", "nhs number", "patient", "health service"];

/// Words of records and letters about patients.
#[rustfmt::skip]
const CARE: &[&str] = &[
    "admitted", "admission", "allergies", "biopsy", "clinic", "clinical", "copd", "csn", "diagnosis", "diagnosed", "discharge", "discharged",
    "dob", "dx", "encounter", "hospital", "icu", "inpatient", "insured", "medicaid", "medical", "medicare", "medication", "mrn", "nurse",
    "outpatient", "pathology", "patient", "patients", "payer", "pharmacy", "physician", "prescription", "radiology", "specimen",
    "surgery", "surgical", "therapy", "transferred", "triage", "ct", "mri", "ward",
    "arzt", "aufnahme", "klinik", "krankenhaus", "patientin", "station", "afdeling", "ziekenhuis",
    "chu", "hospitalisé", "hospitalisée", "hôpital", "médecin", "urgences",
    "años", "clínica", "doente", "femenina", "hospitalizado", "imss", "ingresa", "masculino", "paciente", "uci", "utente",
    "ospedale", "paziente", "reparto", "ricoverato", "lékař", "pacient", "pacjent", "szpital", "potilas", "sairaala", "sykehus",
    "пациент", "больница",
];

pub(super) static HEALTH: Recognizer = Recognizer {
    name: "health",
    description: "medical record and insurance numbers named as such; US NPI, DEA and Medicare numbers; UK NHS numbers",
    patterns: &[
        Pattern::new(
            EntityType::MEDICAL_RECORD,
            0.85,
            r"(?i-u:\b(?:uhid|u?mrn(?: \([a-z][a-z ]{1,15}\))?|mr ?#|mr (?:no\b\.?|number)|emr|ehr|empi|med(?:ical)?[._ -]{0,2}rec(?:ord)?s?|medical file|medical[ _-]?id|health[ _-]?record|(?:patient(?:'s)?|pt|pat)[._ -]{0,2}(?:id|identifier|record|number|no|nr|file|account|acct|mrn|#)|chart[ _-]?(?:number|no|id|#)|hosp(?:ital)?[._ -]{0,2}(?:number|num|no|id|#)|health[ _-]?(?:plan|insurance|card)|ins(?:urance)?[._ -]{1,2}(?:id|policy|member|number|no|#)|insurancenumber|member(?:ship)? ?id|memberid|(?:insurance |health )group (?:number|no|id)|rx ?(?:bin|pcn|grp|group)|medicaid[ _-]?(?:id|number|no|#)|beneficiary[ _-]?(?:id|number|no|#)|subscriber id|csn\b|accession\b|admission[ _-]?(?:number|no|id|#)|encounter\b|enc(?:\.|ounter)? ?(?:number|no|id|#)|visit[ _-]?(?:number|no|id|#)|(?:specimen|prescription|rx|episode)[._ -]{0,2}(?:number|no\b|id|nr|#)))",
        )
        .check(record),
        Pattern::new(
            EntityType::MEDICAL_RECORD,
            0.85,
            r"(?i-u:\b(?:nhc|n\.h\.c|nass|cipa|episodio|(?:n(?:º|°|o|ro|úm(?:ero|\.)?)?\.? (?:de )?)?historia(?: cl(?:i|í)nica)?|n(?:u|ú)mero de (?:historia|seguridad social|afiliaci(?:ó|o)n)|n(?:º|°) ?(?:de )?afiliaci(?:ó|o)n|tarjeta sanitaria|h\.c\.|hc n(?:º|°)|pat(?:ient(?:en)?)?[.-]{0,2}(?:nr|nummer|id\b)|(?:aufnahme|fall|versicherten|krankenversicherungs|versicherungs|kranken(?:kassen)?|kv|behandlungs)[.-]{0,2}(?:nummer|nr)|kvnr|ipp\b|iep\b|n(?:°|º|um(?:é|e)ro) (?:de |d')?(?:dossier|patient|s(?:é|e)jour|s(?:é|e)curit(?:é|e) sociale|admission)|num[ _]?s(?:é|e)cu|cartella(?: clinica)?|tessera sanitaria|nosologico|n(?:º|°|\.º)\.? ?(?:de |do )?(?:processo|utente|prontu(?:á|a)rio)|(?:processo(?: cl(?:í|i)nico)?|utente) n(?:º|°|\.º)|prontu(?:á|a)rio|cart(?:ã|a)o (?:do )?sus|pati(?:ë|e)nt(?:en)?-?(?:nummer|nr|id)|zorgnummer|zorgverzekeringsnummer|journal(?:nummer|nr)|numer (?:pacjenta|historii choroby|ksi(?:ę|e)gi g(?:ł|l)(?:ó|o)wnej)|potilasnumero))",
        )
        .check(record),
        // Short words that mean other things elsewhere: they need a text about health.
        Pattern::new(
            EntityType::MEDICAL_RECORD,
            0.3,
            r"(?-u:\b)(?:PID|URN|UR|CRN|HAR|FIN|NIP|SNS|CIP|CNS|HC|U/N|ACC|Acc)(?-u:\b)(?i-u:\.? ?(?:no\b|nr\b|number|#))?",
        )
        .check(record)
        .context(0.88, CARE),
        Pattern::new(
            EntityType::MEDICAL_RECORD,
            0.3,
            r"(?i-u:\b(?:unit|pas|study|case|path(?:ology)?|lab|order|acc(?:oun)?t?|group|plan|policy|member|subscriber|ward|bed|id)[._ -]{0,2}(?:number\b|no\b|id\b|nr\b|#)|\bexpediente|\bdossier|\bcase:|\bvisit:)",
        )
        .check(record)
        .context(0.88, CARE),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.3, r"(?i-u:\b(?:group|grp)(?: ?#| no\b\.?| number\b|:|\b))").check(group).context(0.88, INSURERS),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.3, r"(?-u:\b)(?:ID|BIN)(?-u:\b)").check(insured).context(0.88, INSURERS),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.3, r"(?-u:\b)MR(?-u:\b)").check(long_record).context(0.88, &["patient", "pt", "refill", "dob", "admitted", "clinic", "ward"]),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.6, r"(?i-u:\bchart:)").check(long_record),
        // FHIR: what kind of number it is, and the number behind the system that gave it.
        Pattern::new(EntityType::MEDICAL_RECORD, 0.9, r#"(?i-u:"(?:code|text|display)" ?: ?"(?:mrn?|medical record(?: number)?)")"#).check(fhir),
        Pattern::new(EntityType::HEALTH_PROVIDER_ID, 0.2, r"(?-u:\b)[12][0-9]{9}(?-u:\b)").check(npi).context(0.95, NPI).weak(),
        Pattern::new(EntityType::HEALTH_PROVIDER_ID, 0.8, r"(?-u:\b)[12][0-9]{9}(?-u:\b)").check(npi_of_somebody),
        Pattern::new(EntityType::HEALTH_PROVIDER_ID, 0.85, r"(?i-u:n(?:º|°|um\.?|\.)\.? ?(?:de )?col(?:egiado)?)").check(colegiado),
        Pattern::new(EntityType::HEALTH_PROVIDER_ID, 0.7, r"(?i-u:\b(?:npi|national provider identifier))").check(named_npi),
        Pattern::new(EntityType::US_DEA, 0.4, r"(?-u:\b)[A-Z][A-Z9][0-9]{7}(?-u:\b)").check(dea).context(0.95, &["dea", "prescriber", "registration"]).weak(),
        Pattern::new(
            EntityType::US_MBI,
            0.45,
            r"(?-u:\b)[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?[AC-HJKMNP-RT-Y]{2}[0-9]{2}(?-u:\b)",
        )
        .check(mbi)
        .context(0.95, MBI),
        Pattern::new(EntityType::UK_NHS, 0.7, r"(?i-u:\bnhs(?: ?(?:number|no|num|id|#))?)").check(named_nhs),
        Pattern::new(EntityType::UK_NHS, 0.3, r"(?-u:\b)[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?-u:\b)").check(nhs).context(0.95, NHS).weak(),
    ],
};

fn record(seen: &Seen<'_>) -> Option<Accepted> {
    let shape = Shape { length: (4, 20), digits: 4, letters: true, marks: "- /" };
    let found = named::value(seen, &shape)?;
    let value = seen.all.get(found.start..found.end)?;
    // Dates stand behind such words as well: `Aufnahme`, `encounter 2024-03-05`.
    let is_date = value.len() >= 8 && value.split(['-', '/']).map(str::len).eq([4, 2, 2])
        || value.split(['-', '/']).map(str::len).eq([2, 2, 4]);
    // A name of several words, and what runs on from it in small letters, is code.
    let is_code = value.starts_with(|c: char| c.is_ascii_lowercase())
        && !value.ends_with(|c: char| c.is_ascii_digit());
    (!is_date && !is_code).then_some(found)
}

/// `MR 330-18-42`, `Chart: 8820441`: words that are much else, with a number as long as records have.
fn long_record(seen: &Seen<'_>) -> Option<Accepted> {
    let found = record(seen)?;
    let digits = Digits::of(seen.all.get(found.start..found.end)?).len();
    (digits >= 6 && found.start <= seen.end + 2).then_some(found)
}

/// `group 88120-014`; with a sign between also shorter ones.
fn group(seen: &Seen<'_>) -> Option<Accepted> {
    let found = record(seen)?;
    let value = seen.all.get(found.start..found.end)?;
    let lettered = value.starts_with(|c: char| c.is_ascii_uppercase());
    let next = found.start <= seen.end + 1;
    (!["group", "grp"].iter().any(|word| seen.text().eq_ignore_ascii_case(word))
        || next && (lettered || Digits::of(value).len() >= 5))
        .then_some(found)
}

/// `Aetna, ID W204418837`, `BIN 610502`
fn insured(seen: &Seen<'_>) -> Option<Accepted> {
    let found = record(seen)?;
    let digits = Digits::of(seen.all.get(found.start..found.end)?).len();
    let len = found.end - found.start;
    let fits = if seen.text() == "BIN" { digits == 6 && len == 6 } else { digits >= 6 };
    (fits && found.start <= seen.end + 3).then_some(found)
}

/// How far behind its kind the value of an identifier stands, in bytes.
const FHIR_REACH: usize = 240;

/// The `value` that follows before the next kind of identifier.
fn fhir(seen: &Seen<'_>) -> Option<Accepted> {
    const VALUE: &str = "\"value\"";
    let rest = prefix(seen.all.get(seen.end..)?, FHIR_REACH);
    let at = rest.find(VALUE)?;
    if rest.get(..at)?.contains("\"type\"") {
        return None;
    }
    let key = Seen { start: seen.end + at, end: seen.end + at + VALUE.len(), ..*seen };
    named::value_behind(&key, &Shape { length: (3, 24), digits: 3, letters: true, marks: "-" })
}

/// Spanish medical associations: province, province, number.
fn colegiado(seen: &Seen<'_>) -> Option<Accepted> {
    named::value_behind(seen, &Shape { length: (4, 12), digits: 4, letters: false, marks: " -/" })
}

fn npi(seen: &Seen<'_>) -> Option<Accepted> {
    (seen.stands_alone() && checksum::npi(&seen.digits())).then(|| seen.accept())?
}

/// `Dr. Kathleen Dugan (1883047684)`, and behind a name in the claims that X12 describes: `NM1*82*…*XX*1883047684~`.
fn npi_of_somebody(seen: &Seen<'_>) -> Option<Accepted> {
    let left = seen.left();
    let in_claim = left.ends_with("*XX*");
    let in_brackets = || {
        let name = left.strip_suffix('(')?.rsplit(['\n', ',', ';', ':']).next()?;
        name.split(' ').find(|word| ["Dr", "Dr.", "MD", "DO", "NP"].contains(word))
    };
    let told = in_claim || seen.after() == Some(')') && in_brackets().is_some();
    (told && checksum::npi(&seen.digits())).then(|| seen.accept())?
}

/// Ten digits called NPI, with a slip in the check digit.
fn named_npi(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (10, 10), digits: 10, letters: false, marks: "- " })?;
    let valid = checksum::npi(&Digits::of(seen.all.get(found.start..found.end)?));
    Some(found.with_score(if valid { 0.95 } else { 0.7 }))
}

fn dea(seen: &Seen<'_>) -> Option<Accepted> {
    (seen.stands_alone() && checksum::dea(&seen.digits())).then(|| seen.accept())?
}

/// The form with hyphens is not used for anything else.
fn mbi(seen: &Seen<'_>) -> Option<Accepted> {
    let accepted = seen.stands_alone().then(|| seen.accept())??;
    Some(if seen.text().len() == 13 { accepted.with_score(0.85) } else { accepted })
}

/// Ten digits called an NHS number, with a slip in the check digit.
fn named_nhs(seen: &Seen<'_>) -> Option<Accepted> {
    named::value(seen, &Shape { length: (10, 10), digits: 10, letters: false, marks: "- " })
}

fn nhs(seen: &Seen<'_>) -> Option<Accepted> {
    (seen.stands_alone() && checksum::nhs(&seen.digits())).then(|| seen.accept())?
}
