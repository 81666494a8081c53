//! OpenAI's responses: where what stands.
//!
//! `request` says what each place of a request holds, `answer` in what form text comes back, and `event` takes a stream
//! event apart; `told` says what an answer tells of itself.

pub(super) mod answer;
pub(super) mod event;
pub(super) mod request;
pub(super) mod told;
