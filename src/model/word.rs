//! From the probabilities of tokens to words, and from words to entities.
//!
//! A word's probabilities are the mean of its tokens'. An entity is a run of words of one type, and its score the mean of
//! theirs.

use super::labels::Labels;
use std::ops::Range;

/// What the model says of one token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// Bytes of the text.
    pub(super) place: Range<usize>,
    /// The probability of each label, by column.
    pub(super) labels: Vec<f32>,
}

/// One word that is of interest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    /// Bytes of the text.
    pub(super) place: Range<usize>,
    /// Which of the labels' entity types.
    pub(super) entity_type: usize,
    kind: usize,
    begins: bool,
    ends: bool,
    score: f32,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entity {
    /// Bytes of the text.
    pub(super) place: Range<usize>,
    /// Which of the labels' entity types.
    pub(super) entity_type: usize,
    /// The mean probability of its words to be of this type.
    pub(super) score: f32,
}

/// Turns the numbers of one token's row into probabilities.
pub(super) fn softmax(row: &[f32]) -> Vec<f32> {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares: Vec<f32> = row.iter().map(|it| (it - most).exp()).collect();
    let sum: f32 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

/// Appends the words of interest among `tokens`, which are in order, to `words`.
pub(super) fn words(text: &str, tokens: &[Token], labels: &Labels, words: &mut Vec<Word>) {
    for tokens in tokens.chunk_by(|a, b| is_one_word(text, &a.place, &b.place)) {
        words.extend(word(tokens, labels));
    }
}

/// True when no character tells where one token's word ends and the next one's begins.
fn is_one_word(text: &str, before: &Range<usize>, after: &Range<usize>) -> bool {
    if after.start < before.end {
        // Tokens of one character, as of a Hangul syllable.
        return true;
    }
    let part = |place: &Range<usize>| text.get(place.clone()).unwrap_or_default();
    before.end == after.start
        && part(before).chars().next_back().is_some_and(is_joined)
        && part(after).chars().next().is_some_and(is_joined)
}

/// A letter or digit of a script that writes words with spaces between them. In others each token is a word.
fn is_joined(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
            | '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn word(tokens: &[Token], labels: &Labels) -> Option<Word> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let mut mean = vec![0.0; labels.columns().len()];
    for token in tokens {
        mean.iter_mut().zip(&token.labels).for_each(|(sum, it)| *sum += it);
    }
    #[expect(clippy::cast_precision_loss, reason = "words have few tokens")]
    mean.iter_mut().for_each(|sum| *sum /= tokens.len() as f32);
    let mut outside = 0.0;
    let mut of_types = vec![0.0; labels.entity_types().len()];
    for (label, share) in labels.columns().iter().zip(&mean) {
        *label.entity_type.map_or(&mut outside, |it| &mut of_types[it]) += share;
    }
    let (entity_type, score) =
        of_types.into_iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let at = |token: &Token| {
        let of_type = labels.columns().iter().zip(&token.labels);
        let of_type = of_type.filter(|(label, _)| label.entity_type == Some(entity_type));
        of_type.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(label, _)| *label)
    };
    (score > outside).then_some(Word {
        place: first.place.start..last.place.end.max(first.place.end),
        entity_type,
        kind: at(first)?.kind,
        begins: at(first)?.begins,
        ends: at(last)?.ends,
        score,
    })
}

/// The entities that `words`, which are in order, make up.
pub(super) fn entities(text: &str, words: &[Word]) -> Vec<Entity> {
    words
        .chunk_by(|a, b| is_one_entity(text, a, b))
        .filter_map(|words| {
            #[expect(clippy::cast_precision_loss, reason = "entities have few words")]
            let score = words.iter().map(|word| word.score).sum::<f32>() / words.len() as f32;
            let (first, last) = (words.first()?, words.last()?);
            let place = first.place.start..last.place.end;
            Some(Entity { place, entity_type: first.entity_type, score })
        })
        .collect()
}

fn is_one_entity(text: &str, a: &Word, b: &Word) -> bool {
    if a.entity_type != b.entity_type {
        return false;
    }
    let gap = text.get(a.place.end..b.place.start).unwrap_or_default();
    if gap.trim().is_empty() && !gap.is_empty() {
        // A given name and a surname are one name, two given names that begin anew are two.
        let apart = a.kind == b.kind && (b.begins || a.ends);
        return !apart && gap.bytes().filter(|b| *b == b'\n').count() < 2;
    }
    // Signs inside of names and numbers are often labelled as belonging to nothing.
    gap.is_empty() || (gap.chars().count() == 1 && "-'’.@_/".contains(gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: [&str; 6] =
        ["O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-SURNAME", "I-SURNAME", "EMAIL"];

    fn labels() -> Labels {
        Labels::new(&NAMED.map(str::to_owned), &[]).unwrap()
    }

    /// Tokens of which a label is nearly certain; a text's tokens stand in it in order.
    fn tokens(text: &str, labelled: &[(&str, &str)]) -> Vec<Token> {
        let mut from = 0;
        let token = |(part, label): &(&str, &str)| {
            let start = from + text[from..].find(part).unwrap();
            from = start + part.len();
            let share = |named: &&str| if named == label { 0.9 } else { 0.02 };
            Token { place: start..from, labels: NAMED.iter().map(share).collect() }
        };
        labelled.iter().map(token).collect()
    }

    /// What is found, with its type.
    fn found<'t>(text: &'t str, labelled: &[(&str, &str)]) -> Vec<(&'t str, String)> {
        let labels = labels();
        let mut found = Vec::new();
        words(text, &tokens(text, labelled), &labels, &mut found);
        let entities = entities(text, &found).into_iter();
        entities
            .map(|it| (&text[it.place], labels.entity_types()[it.entity_type].to_string()))
            .collect()
    }

    fn person(text: &str) -> (&str, String) {
        (text, "PERSON".to_owned())
    }

    #[test]
    fn sub_words_are_one_word_and_signs_stand_alone() {
        let tokens = [("Zo", "B-GIVEN_NAME"), ("ë", "I-GIVEN_NAME"), (",", "O"), ("hi", "O")];
        assert_eq!(found("Zoë, hi", &tokens), [person("Zoë")]);
    }

    #[test]
    fn a_given_name_and_a_surname_are_one_name_and_two_that_begin_are_two() {
        let whole = [("Jane", "B-GIVEN_NAME"), ("van", "B-SURNAME"), ("Doe", "I-SURNAME")];
        assert_eq!(found("Jane van Doe", &whole), [person("Jane van Doe")]);
        let two = [("Jane", "B-GIVEN_NAME"), ("Bob", "B-GIVEN_NAME")];
        assert_eq!(found("Jane Bob", &two), [person("Jane"), person("Bob")]);
        assert_eq!(found("Jane\n\nvan", &whole[..2]), [person("Jane"), person("van")]);
    }

    #[test]
    fn a_sign_inside_of_a_value_does_not_cut_it() {
        let name = [("O", "B-SURNAME"), ("'", "O"), ("Hara", "I-SURNAME")];
        assert_eq!(found("O'Hara", &name), [person("O'Hara")]);
        let list = [("Ann", "B-GIVEN_NAME"), (",", "O"), ("Bo", "I-GIVEN_NAME")];
        assert_eq!(found("Ann, Bo", &list), [person("Ann"), person("Bo")]);
    }

    #[test]
    fn a_word_is_what_its_tokens_say_on_average() {
        let text = "Smithson";
        let mut tokens = tokens(text, &[("Smith", "O"), ("son", "I-SURNAME")]);
        tokens[0].labels = vec![0.55, 0.0, 0.0, 0.45, 0.0, 0.0];
        tokens[1].labels = vec![0.1, 0.0, 0.0, 0.0, 0.9, 0.0];
        let mut read = Vec::new();
        words(text, &tokens, &labels(), &mut read);
        let [Entity { place, score, .. }] = &entities(text, &read)[..] else { panic!("one name") };
        assert_eq!((place, (score * 1000.0).round()), (&(0..8), 675.0));
    }

    #[test]
    fn in_scripts_without_spaces_each_token_is_a_word() {
        let tokens =
            [("我", "O"), ("是", "O"), ("王", "B-SURNAME"), ("芳", "B-GIVEN_NAME"), ("。", "O")];
        assert_eq!(found("我是王芳。", &tokens), [person("王芳")]);
    }

    #[test]
    fn shares_add_up_to_one_however_large_the_numbers_are() {
        let shares = softmax(&[1000.0, 1000.0, -1000.0]);
        assert_eq!(shares, [0.5, 0.5, 0.0]);
    }
}
