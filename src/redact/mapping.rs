//! Which stand-in belongs to which original.

/// Stand-in → original, for one request or one session.
#[derive(Clone, Debug, Default)]
pub struct Mapping {}
