//! The form in which a mapping is kept: a version byte, then counts and lengths as LEB128 and the bytes themselves.

use super::mapping::{Entry, Family, Mapping};
use crate::{detect::EntityType, sensitive::Sensitive};
use thiserror::Error;

/// With all numbers from 1 on.
const VERSION: u8 = 1;
/// The same behind the number that all are above.
const ABOVE: u8 = 2;

/// Bytes that are no encoded mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Written by another version of this crate, or not by it at all.
    #[error("unknown version of an encoded mapping")]
    Version,
    /// Cut off, overlong, or contradicting itself.
    #[error("damaged mapping")]
    Damaged,
}

impl Mapping {
    /// A compact, versioned form for the vault. It holds the originals in clear: whoever keeps it must seal it.
    pub fn encode(&self) -> Vec<u8> {
        // So large at once that it never moves: what it would leave behind holds originals in clear.
        let mut out = Vec::with_capacity(size(self));
        match self.floor {
            0 => out.push(VERSION),
            floor => {
                out.push(ABOVE);
                number(floor.into(), &mut out);
            }
        }
        number(self.families.len() as u64, &mut out);
        for family in &self.families {
            bytes(family.name.as_bytes(), &mut out);
            number(u64::from(family.last), &mut out);
        }
        number(self.entries.len() as u64, &mut out);
        for entry in &self.entries {
            bytes(entry.stand_in.as_bytes(), &mut out);
            number(entry.family as u64, &mut out);
            bytes(entry.entity_type.as_str().as_bytes(), &mut out);
            bytes(entry.original.expose().as_bytes(), &mut out);
        }
        let mut reserved: Vec<u64> = self.reserved.iter().copied().collect();
        reserved.sort_unstable();
        number(reserved.len() as u64, &mut out);
        out.extend(reserved.iter().flat_map(|mark| mark.to_le_bytes()));
        out
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// When the bytes are anything else, also when something is missing or left over.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mapping = match bytes.split_first() {
            Some((&VERSION, rest)) => Reader(rest).mapping(),
            Some((&ABOVE, rest)) => Reader(rest).mapping_above(),
            Some(_) | None => return Err(DecodeError::Version),
        };
        mapping.ok_or(DecodeError::Damaged)
    }
}

/// At least so many bytes: a number takes ten at most.
fn size(mapping: &Mapping) -> usize {
    const NUMBER: usize = 10;
    let families = mapping.families.iter().map(|family| family.name.len() + 2 * NUMBER);
    let entries = mapping.entries.iter().map(|entry| {
        let texts =
            [entry.stand_in.len(), entry.entity_type.as_str().len(), entry.original.expose().len()];
        texts.iter().sum::<usize>() + 4 * NUMBER
    });
    let reserved = mapping.reserved.len() * size_of::<u64>();
    1 + 4 * NUMBER + families.sum::<usize>() + entries.sum::<usize>() + reserved
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn bytes(value: &[u8], out: &mut Vec<u8>) {
    number(value.len() as u64, out);
    out.extend_from_slice(value);
}

/// What is not yet read. Every method answers `None` when the bytes are not as they must be.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn mapping(mut self) -> Option<Mapping> {
        let mut mapping = Mapping::new();
        for _ in 0..self.count()? {
            mapping.families.push(self.family()?);
        }
        for _ in 0..self.count()? {
            let entry = self.entry(mapping.families.len())?;
            if mapping.holds(&entry.stand_in) {
                return None;
            }
            mapping.push(entry);
        }
        for _ in 0..self.count()? {
            mapping.reserved.insert(self.mark()?);
        }
        self.0.is_empty().then_some(mapping)
    }

    fn mapping_above(mut self) -> Option<Mapping> {
        let floor = u32::try_from(self.number()?).ok().filter(|floor| *floor > 0)?;
        let mut mapping = self.mapping()?;
        mapping.floor = floor;
        Some(mapping)
    }

    fn family(&mut self) -> Option<Family> {
        let name = self.text()?.into();
        Some(Family { name, last: u32::try_from(self.number()?).ok()? })
    }

    fn entry(&mut self, families: usize) -> Option<Entry> {
        let stand_in = self.text().filter(|text| !text.is_empty())?.to_owned();
        let family = usize::try_from(self.number()?).ok().filter(|family| *family < families)?;
        let entity_type = EntityType::custom(self.text()?)?;
        Some(Entry { stand_in, family, entity_type, original: Sensitive::new(self.text()?) })
    }

    /// A number of things to come, each of which has at least one byte.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())
    }

    fn mark(&mut self) -> Option<u64> {
        let (mark, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*mark))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let (&b, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_has_room_from_the_beginning() {
        let originals = (0..300).map(|n| (format!("[P_{n}]"), Sensitive::new("o".repeat(n))));
        let mut mapping = Mapping::from_pairs(originals);
        mapping.reserve_literals("[P_1000] [P_1001]");
        assert!(mapping.encode().len() <= size(&mapping));
    }
}
