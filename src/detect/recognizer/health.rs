//! Health: record and insurance numbers, provider registrations.

use crate::detect::{
    EntityType, checksum,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Digits, Seen},
};

#[rustfmt::skip]
const NPI: &[&str] = &[
    "npi", "npis", "national provider", "provider id", "provider number", "provider identifier", "prescriber",
];
const MBI: &[&str] = &["mbi", "medicare", "beneficiary", "hicn"];
const NHS: &[&str] = &["nhs", "nhs no", "nhs number", "patient", "health service"];

pub(super) static HEALTH: Recognizer = Recognizer {
    name: "health",
    description: "medical record and insurance numbers named as such; US NPI, DEA and Medicare numbers; UK NHS numbers",
    patterns: &[
        Pattern::new(
            EntityType::MEDICAL_RECORD,
            0.85,
            r"(?i-u:\b(?:mrn|mr#|emr|ehr|med(?:ical)? ?rec(?:ord)?s?|medical file|medical id|health record|patient(?:'s)? (?:id|identifier|record|number|no|file|account|mrn)|patient_?id|chart (?:number|no|id|#)|health (?:plan|insurance|card)|insurance (?:id|policy|member|number)|member(?:ship)? id|(?:insurance |health )group (?:number|no|id)|rx ?(?:bin|pcn|grp|group)|medicaid (?:id|number|no)|beneficiary (?:id|number|no)|accession (?:number|no|#)|admission (?:number|no|id)|subscriber id|hospital (?:number|no|id)|visit (?:number|id)|encounter (?:id|number)|nhc|nass|cipa|episodio|historia cl(?:i|í)nica|n(?:u|ú)mero de (?:historia|seguridad social)|versichertennummer|krankenversicherungsnummer|fallnummer|patientennummer|n(?:°|º)? de s(?:é|e)curit(?:é|e) sociale))",
        )
        .check(record),
        Pattern::new(EntityType::HEALTH_PROVIDER_ID, 0.2, r"(?-u:\b)[12][0-9]{9}(?-u:\b)").check(npi).context(0.95, NPI).weak(),
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
    named::value(seen, &Shape { length: (4, 20), digits: 4, letters: true, marks: "- /" })
}

/// Spanish medical associations: province, province, number.
fn colegiado(seen: &Seen<'_>) -> Option<Accepted> {
    named::value_behind(seen, &Shape { length: (4, 12), digits: 4, letters: false, marks: " -/" })
}

fn npi(seen: &Seen<'_>) -> Option<Accepted> {
    (seen.stands_alone() && checksum::npi(&seen.digits())).then(|| seen.accept())?
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
