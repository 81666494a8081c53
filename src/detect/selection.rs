//! Which entity types a caller wants, and from which score on.

use super::{EntityType, Score};

/// The wanted types, each with its least score.
///
/// It is applied before overlaps are resolved, so that an unwanted type never shadows a wanted one.
///
/// ```
/// use prompt_guard::detect::{EntityType, Score, Selection};
///
/// let selection = Selection::of([(EntityType::US_SSN, Score::new(0.5))]);
/// assert!(selection.admits(&EntityType::US_SSN, Score::new(0.6)));
/// assert!(!selection.admits(&EntityType::URL, Score::MAX));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Selection(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Every type, from one score on.
    All(Score),
    /// These types, sorted by [`key`] and name; each once.
    Of(Vec<(u64, EntityType, Score)>),
}

/// The first and the last four bytes of a type's name: hardly two types have them in common, and numbers are compared faster
/// than names. Every text asks for many types.
fn key(entity_type: &EntityType) -> u64 {
    let name = entity_type.as_str().as_bytes();
    let part = |part: Option<&[u8; 4]>| part.map_or(0, |four| u64::from(u32::from_le_bytes(*four)));
    part(name.first_chunk()) << 32 | part(name.last_chunk())
}

impl Selection {
    /// The least score that counts for a type where nobody says otherwise: half, but less for names. A name's score is the
    /// probability that it is one, and there a miss costs more than a word too many; `docs/ACCURACY.md` shows the curve.
    pub fn usual_score(entity_type: &EntityType) -> Score {
        Score::new(if EntityType::NAMED.contains(entity_type) { 0.15 } else { 0.5 })
    }

    /// The least score from which on a value is replaced where nobody says otherwise: as usual, but less for secrets. A key that
    /// seems to open nothing, a published example or one whose checksum is wrong, is not worth telling of, but it costs little to
    /// replace and much to send if it opens something after all.
    pub fn replacing_score(entity_type: &EntityType) -> Score {
        if *entity_type == EntityType::SECRET {
            Score::new(0.25)
        } else {
            Self::usual_score(entity_type)
        }
    }

    /// Every type there is, from `least` on.
    pub fn all(least: Score) -> Self {
        Self(Kind::All(least))
    }

    /// Only the given types. Of a type given twice the lower score counts.
    pub fn of(types: impl IntoIterator<Item = (EntityType, Score)>) -> Self {
        let mut types: Vec<_> = types
            .into_iter()
            .map(|(entity_type, score)| (key(&entity_type), entity_type, score))
            .collect();
        types.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)).then(a.2.get().total_cmp(&b.2.get())));
        types.dedup_by(|later, earlier| later.1 == earlier.1);
        Self(Kind::Of(types))
    }

    /// The least score of `entity_type`, or `None` when it is not wanted.
    pub fn min_score(&self, entity_type: &EntityType) -> Option<Score> {
        match &self.0 {
            Kind::All(least) => Some(*least),
            Kind::Of(types) => {
                let wanted = key(entity_type);
                let first = types.partition_point(|(key, ..)| *key < wanted);
                let alike = types.get(first..).unwrap_or_default().iter();
                let mut alike = alike.take_while(|(key, ..)| *key == wanted);
                alike.find(|(_, t, _)| t == entity_type).map(|(.., score)| *score)
            }
        }
    }

    /// True when `entity_type` is wanted at `score`.
    pub fn admits(&self, entity_type: &EntityType, score: Score) -> bool {
        self.min_score(entity_type).is_some_and(|least| score >= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_of_two_scores_counts() {
        let selection =
            Selection::of([(EntityType::URL, Score::new(0.9)), (EntityType::URL, Score::new(0.4))]);
        assert_eq!(selection.min_score(&EntityType::URL), Some(Score::new(0.4)));
        assert_eq!(selection.min_score(&EntityType::CRYPTO), None);
    }

    #[test]
    fn a_name_counts_from_a_lower_score_on_than_an_identifier() {
        assert!(Selection::usual_score(&EntityType::PERSON) < Score::new(0.5));
        assert_eq!(Selection::usual_score(&EntityType::URL), Score::new(0.5));
    }

    #[test]
    fn a_secret_is_replaced_from_a_lower_score_on_than_it_is_told_of() {
        let secret = EntityType::SECRET;
        assert!(Selection::replacing_score(&secret) < Selection::usual_score(&secret));
        let url = EntityType::URL;
        assert_eq!(Selection::replacing_score(&url), Selection::usual_score(&url));
    }

    #[test]
    fn all_admits_every_type_from_its_score_on() {
        let selection = Selection::all(Score::new(0.5));
        assert!(selection.admits(&EntityType::URL, Score::new(0.5)));
        assert!(!selection.admits(&EntityType::URL, Score::new(0.4)));
    }
}
