//! What is known of single words and of phrases: a read-only hash table that is compiled in.
//!
//! An entry has 48 bits: 16 of the word's hash, 11 of its cluster, 21 flags. A word that is not in the table is taken for
//! another one about once in 6,000 times, which the tagger survives. Knows nothing of where the words come from: that is
//! the trainer's.

use std::{cmp::Ordering, fmt};

/// What is known of one word or phrase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Union of the flags below.
    pub flags: u32,
    /// Words that are used alike have the same cluster; those with the same eighth of it, rounded up, are used
    /// somewhat alike. 0: none.
    pub cluster: u16,
}

impl Entry {
    /// Frequent given name.
    pub const GIVEN: u32 = 1;
    /// Rare given name.
    pub const GIVEN_RARE: u32 = 1 << 1;
    /// Frequent surname.
    pub const SURNAME: u32 = 1 << 2;
    /// Rare surname.
    pub const SURNAME_RARE: u32 = 1 << 3;
    /// Any name of people.
    pub const PERSON: u32 = Self::GIVEN | Self::GIVEN_RARE | Self::SURNAME | Self::SURNAME_RARE;
    /// Large city.
    pub const CITY: u32 = 1 << 4;
    /// Smaller city, or county.
    pub const TOWN: u32 = 1 << 5;
    /// Country, state or region.
    pub const REGION: u32 = 1 << 6;
    /// Everyday English word, written small.
    pub const COMMON: u32 = 1 << 7;
    /// Other English word, written small.
    pub const KNOWN: u32 = 1 << 8;
    /// English word that is only written with a capital.
    pub const PROPER: u32 = 1 << 9;
    /// English function word, or one that begins requests: `the`, `please`.
    pub const FUNCTION: u32 = 1 << 10;
    /// Function word of another language.
    pub const FOREIGN: u32 = 1 << 11;
    /// Month, weekday, language, people: capitals that name nobody.
    pub const CALENDAR: u32 = 1 << 12;
    /// Part of organisations' names: `Bank`, `Ltd`.
    pub const ORG_WORD: u32 = 1 << 13;
    /// Part of places' names: `Street`, `Lake`.
    pub const PLACE_WORD: u32 = 1 << 14;
    /// Stands before or after people's names: `Dr`, `Jr`.
    pub const TITLE: u32 = 1 << 15;
    /// Well-known organisation.
    pub const ORG: u32 = 1 << 16;
    /// A longer phrase of the table begins with this word or phrase.
    pub const STARTS_PHRASE: u32 = 1 << 17;
    /// The entry is of a phrase.
    pub const PHRASE: u32 = 1 << 18;
    /// Worth looking at even if written small.
    pub const LOWER_NAME: u32 = 1 << 19;
    /// Product, format or technique: a capital that names nobody.
    pub const PRODUCT: u32 = 1 << 20;

    /// True when any flag of `mask` is set.
    pub fn has(&self, mask: u32) -> bool {
        self.flags & mask != 0
    }
}

const BYTES: usize = 6;
const FLAG_BITS: u32 = 21;
const CLUSTER_BITS: u32 = 11;
const LONGEST_PROBE: usize = 4096;

/// The table, over borrowed bytes.
#[derive(Clone, Copy)]
pub struct Lexicon<'b> {
    bytes: &'b [u8],
}

impl fmt::Debug for Lexicon<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lexicon").field("slots", &self.slots()).finish()
    }
}

impl<'b> Lexicon<'b> {
    /// Reads what [`pack`] has written.
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    fn slots(&self) -> usize {
        self.bytes.len() / BYTES
    }

    /// The entry of a word or phrase, by its [`hash`](super::token::hash); empty when it is not known.
    pub fn get(&self, hash: u64) -> Entry {
        let tag = tag(hash);
        let mut slot = home(hash, self.slots());
        // From the home of an entry to itself, tags never fall below its own: see `pack`. A free slot counts as the lowest.
        for _ in 0..LONGEST_PROBE {
            let value = self.read(slot);
            match (value >> 32).cmp(&tag) {
                Ordering::Less => return Entry::default(),
                Ordering::Equal => return unpack(value),
                Ordering::Greater => {}
            }
            slot = if slot + 1 >= self.slots() { 0 } else { slot + 1 };
        }
        Entry::default()
    }

    fn read(&self, slot: usize) -> u64 {
        match self.bytes.get(slot * BYTES..slot * BYTES + BYTES) {
            Some(&[a, b, c, d, e, f]) => u64::from_le_bytes([a, b, c, d, e, f, 0, 0]),
            _ => 0,
        }
    }
}

fn home(hash: u64, slots: usize) -> usize {
    let wide = u128::from(hash) * slots as u128;
    usize::try_from(wide >> 64).unwrap_or(0)
}

/// Never 0, so that a used slot is never empty.
fn tag(hash: u64) -> u64 {
    (hash & 0xffff).max(1)
}

fn unpack(value: u64) -> Entry {
    let flags = u32::try_from(value & ((1 << FLAG_BITS) - 1)).unwrap_or_default();
    let cluster = u16::try_from(value >> FLAG_BITS & ((1 << CLUSTER_BITS) - 1)).unwrap_or_default();
    Entry { flags, cluster }
}

/// Lays `entries` out as a table for [`Lexicon::new`]. Of two with the same tag near each other, which is rare, one is lost.
///
/// An entry gives way to one with a higher tag and goes on to the next slot. So a search for a word that is not there, which
/// most searches are for, ends early although one slot in eleven only is free.
pub fn pack(entries: &[(u64, Entry)]) -> Vec<u8> {
    let slots = (entries.len() * 11 / 10).max(8);
    let mut table = vec![0_u64; slots];
    for &(hash, entry) in entries {
        let value =
            tag(hash) << 32 | u64::from(entry.cluster) << FLAG_BITS | u64::from(entry.flags);
        insert(&mut table, home(hash, slots), value);
    }
    table.iter().flat_map(|v| v.to_le_bytes().into_iter().take(BYTES)).collect()
}

fn insert(table: &mut [u64], home: usize, mut value: u64) {
    let mut slot = home;
    while value != 0 && table[slot] >> 32 != value >> 32 {
        if table[slot] >> 32 < value >> 32 {
            std::mem::swap(&mut table[slot], &mut value);
        }
        slot = (slot + 1) % table.len();
    }
}
