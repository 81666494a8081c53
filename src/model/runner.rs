//! One copy of a model, and what it makes of a text.

use super::{
    Fault, ModelConfig,
    folder::{Folder, setting},
    labels::Labels,
    pool::Failure,
    window::{self, Window, Windows},
    word::{self, Token},
};
use crate::detect::{Finding, Score, Span};
use ort::{
    session::Session,
    value::{Tensor, TensorElementType, ValueType},
};
use std::{borrow::Cow, ops::Range, sync::Arc, time::Instant};

/// What a model may ask for.
const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];

/// A model ready to read, for one thread.
#[derive(Debug)]
pub(super) struct Runner {
    session: Session,
    inputs: Vec<&'static str>,
    output: String,
    windows: Windows,
    labels: Arc<Labels>,
    name: Cow<'static, str>,
}

impl Runner {
    /// Loads the model.
    ///
    /// # Errors
    /// When ONNX Runtime does not take it, or it is no token classifier.
    pub(super) fn load(
        config: &ModelConfig,
        folder: &Folder,
        windows: Windows,
        labels: Arc<Labels>,
    ) -> Result<Self, Fault> {
        let unusable = |problem: String| Fault {
            setting: setting(config, "path"),
            problem: format!("names {}, which {problem}", folder.model.display()),
            remedy: "name a token-classification model in the form of ONNX".to_owned(),
        };
        let session = session(config, folder)
            .map_err(|error| unusable(format!("ONNX Runtime cannot load: {error}")))?;
        let inputs = inputs(&session).map_err(unusable)?;
        let output = output(&session).map_err(unusable)?;
        let name = config.name.clone().into();
        Ok(Self { session, inputs, output, windows, labels, name })
    }

    /// What the model finds in `text`. It gives up between two windows when it is too late.
    pub(super) fn read(&mut self, text: &str, until: Instant) -> Result<Vec<Finding>, Failure> {
        let mut words = Vec::new();
        for piece in window::pieces(text) {
            let shift = piece.read.start;
            let mut tokens = Vec::new();
            for window in self.windows.of(&text[piece.read]).map_err(Failure::Broken)? {
                if Instant::now() >= until {
                    return Err(Failure::Late);
                }
                self.classify(text, shift, &window, &mut tokens)?;
            }
            tokens.retain(|token: &Token| piece.counts.contains(&token.place.start));
            word::words(text, &tokens, &self.labels, &mut words);
        }
        let found = word::entities(text, &words);
        Ok(found.into_iter().filter_map(|entity| self.finding(text, &entity)).collect())
    }

    fn finding(&self, text: &str, entity: &word::Entity) -> Option<Finding> {
        Some(Finding {
            entity_type: self.labels.entity_types().get(entity.entity_type)?.clone(),
            span: Span::of(text, entity.place.start, entity.place.end)?,
            score: Score::new(entity.score),
            recognizer: self.name.clone(),
        })
    }

    /// Appends what the model says of the tokens of a window that count. `shift` is where the window's text begins.
    fn classify(
        &mut self,
        text: &str,
        shift: usize,
        window: &Window,
        tokens: &mut Vec<Token>,
    ) -> Result<(), Failure> {
        if window.counts.is_empty() {
            return Ok(());
        }
        let broken = |error: ort::Error| Failure::Broken(error.to_string());
        let columns = self.labels.columns().len();
        let length = window.encoding.len();
        let given = self.inputs.iter().map(|input| {
            let numbers = match *input {
                "input_ids" => window.encoding.get_ids(),
                "attention_mask" => window.encoding.get_attention_mask(),
                _ => window.encoding.get_type_ids(),
            };
            let numbers: Vec<i64> = numbers.iter().copied().map(i64::from).collect();
            Ok((*input, Tensor::from_array(([1, length], numbers))?))
        });
        let given: Vec<_> = given.collect::<Result<_, _>>().map_err(broken)?;
        let answer = self.session.run(given).map_err(broken)?;
        let answer = answer.get(&self.output).ok_or_else(|| misshapen(&[]))?;
        let (shape, numbers) = answer.try_extract_tensor::<f32>().map_err(broken)?;
        if numbers.len() != length * columns {
            return Err(misshapen(shape));
        }
        let rows: Vec<&[f32]> = numbers.chunks_exact(columns).collect();
        let offsets = window.encoding.get_offsets();
        for at in window.counts.clone() {
            let place = offsets[at].0 + shift..offsets[at].1 + shift;
            if let Some(place) = trimmed(text, place) {
                tokens.push(Token { place, labels: word::softmax(rows[at]) });
            }
        }
        Ok(())
    }
}

fn misshapen(shape: &[i64]) -> Failure {
    Failure::Broken(format!(
        "its answer has the shape {shape:?}, not one number for each token and label"
    ))
}

/// The place without the white space that some tokenizers count in, on `char` boundaries; `None` if nothing is left.
fn trimmed(text: &str, place: Range<usize>) -> Option<Range<usize>> {
    let mut start = place.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = place.end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let part = text.get(start..end)?;
    let from = start + (part.len() - part.trim_start().len());
    let trimmed = part.trim();
    (!trimmed.is_empty()).then(|| from..from + trimmed.len())
}

fn session(config: &ModelConfig, folder: &Folder) -> ort::Result<Session> {
    let mut builder = Session::builder()?
        .with_intra_threads(config.threads)?
        .with_inter_threads(1)?
        // Threads that spin between two texts take the cores from everything else.
        .with_intra_op_spinning(false)?
        // Texts differ in length, so what was laid out for one is of no use for the next.
        .with_memory_pattern(false)?
        .with_log_level(ort::logging::LogLevel::Error)?;
    builder.commit_from_file(&folder.model)
}

/// The inputs of a model that it is given.
fn inputs(session: &Session) -> Result<Vec<&'static str>, String> {
    let input = |outlet: &ort::value::Outlet| {
        let known = INPUTS.into_iter().find(|known| *known == outlet.name());
        let known = known.ok_or_else(|| format!("asks for {}, which nobody has", outlet.name()))?;
        let kind = outlet.dtype();
        match is_tensor_of(kind, TensorElementType::Int64) {
            true => Ok(known),
            false => Err(format!("asks for {known} as {kind}, not as 64-bit integers")),
        }
    };
    session.inputs().iter().map(input).collect()
}

/// The output that tells of tokens: `logits`, or the only one.
fn output(session: &Session) -> Result<String, String> {
    let outputs = session.outputs();
    let named = outputs.iter().find(|outlet| outlet.name() == "logits");
    let chosen = named.or_else(|| outputs.first().filter(|_| outputs.len() == 1));
    let chosen = chosen.ok_or("has no output `logits`")?;
    let kind = chosen.dtype();
    match is_tensor_of(kind, TensorElementType::Float32) {
        true => Ok(chosen.name().to_owned()),
        false => Err(format!("answers with {kind}, not with 32-bit floating-point numbers")),
    }
}

fn is_tensor_of(kind: &ValueType, wanted: TensorElementType) -> bool {
    matches!(kind, ValueType::Tensor { ty, .. } if *ty == wanted)
}
