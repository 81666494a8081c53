//! The bodies and stream events of the LLM providers: where their text is, and how to rewrite it in place.
//!
//! Pure state machines over bytes; knows nothing of sockets, policies or the stack. Start at [`Endpoint`]: it knows the
//! paths, what each place of a request holds, and in which form text comes back. Answers are judged and restored by
//! [`judge_body`], [`restore_body`] and [`EventStream`]; what they tell of themselves is read by [`Telling`].
//!
//! One folder for each API (`openai`, `responses`, `anthropic`) says where what stands; the machinery beside it (`place`,
//! `sse`, `stream`, `splice`, `offsets`) is the same for all. A new API is a folder, its [`Endpoint`]s, and an arm where
//! `endpoint` and `stream` choose the folder.

mod anthropic;
mod body;
mod body_form;
mod carrier;
mod cited;
pub mod coding;
mod collected;
mod endpoint;
mod error;
mod header_form;
pub mod headers;
mod offsets;
mod openai;
mod path;
mod place;
mod produced;
mod responses;
mod sealed;
mod splice;
mod sse;
mod stream;
mod told;
mod unlisted;
mod ways;

pub use anthropic::document::Documents;
pub use body::{judge_body, restore_body};
pub use body_form::BodyForm;
pub use collected::Collected;
pub use endpoint::{Content, Endpoint, Expected, Invalid, Needs, Unmatched, is_id};
pub use error::Error;
pub(crate) use path::climbs;
pub use sealed::Sealed;
pub use stream::EventStream;
pub use told::{Closing, Telling, Told, Usage, asked_model};

/// How many texts of one stream may be open at a time: choices times fields and tool calls.
const MAX_OPEN_TEXTS: usize = 4096;
