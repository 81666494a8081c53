//! Request messages to tasks.

use super::{Form, set_policy};
use crate::{
    call::{Head, MAX_TEXTS, Redact, Restore, Scan, SessionId, Task},
    detect::{EntityType, offsets::OffsetUnit},
    engine::Narrowing,
    policy::canonical,
    rest::{failure::Failure, proto3::Message},
    sensitive::Sensitive,
};

/// `OffsetUnit` of the proto, by number; the last one also by its short name.
const UNITS: [(&str, OffsetUnit); 5] = [
    ("UNSPECIFIED", OffsetUnit::UnicodeScalars),
    ("UTF8_BYTES", OffsetUnit::Utf8Bytes),
    ("UNICODE_SCALARS", OffsetUnit::UnicodeScalars),
    ("UTF16_UNITS", OffsetUnit::Utf16Units),
    ("UTF16", OffsetUnit::Utf16Units),
];

/// `ScanRequest`
pub(super) fn scan(mut message: Message, head: &mut Head) -> Result<(Task, Form), Failure> {
    let texts = message.texts("texts")?;
    set_policy(&mut message, head)?;
    let entities = entities(message.strings("entities")?)?;
    let min_score = min_score(&mut message)?;
    let unit = unit(&mut message)?;
    finish(message, &texts)?;
    let form = Form { texts: texts.clone(), unit, return_mapping: false };
    Ok((Task::Scan(Scan { texts, narrowing: Narrowing { entities, min_score } }), form))
}

/// `RedactRequest`
pub(super) fn redact(mut message: Message, head: &mut Head) -> Result<(Task, Form), Failure> {
    let texts = message.texts("texts")?;
    set_policy(&mut message, head)?;
    let session = session(&mut message, head)?;
    let keep_mapping = message.bool("keep_mapping")?;
    let return_mapping = message.bool("return_mapping")?;
    let unit = unit(&mut message)?;
    finish(message, &texts)?;
    let form = Form { texts: texts.clone(), unit, return_mapping };
    Ok((Task::Redact(Redact { texts, session, keep_mapping }), form))
}

/// `RestoreRequest`
pub(super) fn restore(mut message: Message, head: &Head) -> Result<(Task, Form), Failure> {
    let texts = message.texts("texts")?;
    let session = session(&mut message, head)?;
    let entries = message.messages("mapping")?.into_iter().enumerate();
    let mapping = entries.map(|(at, message)| entry(at, message)).collect::<Result<_, _>>()?;
    finish(message, &texts)?;
    Ok((Task::Restore(Restore { texts, session, mapping }), Form::default()))
}

/// A misspelt `texts` is told as what it is, and not as missing texts.
fn finish(message: Message, texts: &[Sensitive]) -> Result<(), Failure> {
    message.finish()?;
    if (1..=MAX_TEXTS).contains(&texts.len()) {
        return Ok(());
    }
    Err(Failure::invalid("texts", format!("texts must hold 1 to {MAX_TEXTS} strings")))
}

fn entry(at: usize, mut message: Message) -> Result<(String, Sensitive), Failure> {
    let (placeholder, original) = (message.string("placeholder")?, message.string("original")?);
    message.finish()?;
    if placeholder.is_empty() {
        let place = format!("mapping[{at}].placeholder");
        let message = format!("{place} must not be empty");
        return Err(Failure::invalid(place, message));
    }
    Ok((placeholder, Sensitive::new(original)))
}

fn session(message: &mut Message, head: &Head) -> Result<Option<SessionId>, Failure> {
    let field = message.string("session")?;
    if field.is_empty() {
        return Ok(head.session.clone());
    }
    let malformed = || Failure::invalid("session", format!("session must be {}", SessionId::FORM));
    SessionId::parse(&field).map(Some).ok_or_else(malformed)
}

fn entities(names: Vec<String>) -> Result<Vec<EntityType>, Failure> {
    let parse = |(at, name): (usize, String)| {
        EntityType::custom(canonical(&name)).ok_or_else(|| {
            let place = format!("entities[{at}]");
            let message = format!("{place} must be an entity type such as EMAIL_ADDRESS");
            Failure::invalid(place, message)
        })
    };
    names.into_iter().enumerate().map(parse).collect()
}

fn min_score(message: &mut Message) -> Result<Option<f32>, Failure> {
    match message.number("min_score")? {
        None => Ok(None),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a score between 0 and 1 only loses digits"
        )]
        Some(score) if (0.0..=1.0).contains(&score) => Ok(Some(score as f32)),
        Some(_) => Err(Failure::invalid("min_score", "min_score must be from 0.0 to 1.0")),
    }
}

fn unit(message: &mut Message) -> Result<OffsetUnit, Failure> {
    Ok(message.choice("offsets", "OFFSET_UNIT_", &UNITS)?.unwrap_or_default())
}
