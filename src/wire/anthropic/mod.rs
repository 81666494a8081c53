//! Anthropic's messages: where what stands.
//!
//! `request` says what each place of a request holds, `answer` in what form text comes back, and `event` takes a stream
//! event apart; `told` says what an answer tells of itself. `document` knows the documents that citations point into; what is
//! signed in a request is told beside this folder, in `sealed`.
//!
//! ## Signed texts
//! The model's thinking, and what it keeps of a compacted conversation, come with a signature that the provider checks
//! when they are sent back. Nothing may change in them, so they stay out of the game in both directions: to the caller
//! they go as the model wrote them, stand-ins included, and on their way back they are only looked at.

pub(super) mod answer;
pub(super) mod document;
pub(super) mod event;
pub(super) mod request;
pub(super) mod told;
