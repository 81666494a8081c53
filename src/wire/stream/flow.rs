//! One text of a stream: judged first, if the policy asks for it, then restored.

use crate::{
    engine::{Blocked, Counts, OutputGuard, OutputStream},
    redact::{Context, Restorer, StreamRestorer},
    wire::offsets::Moved,
};

/// A text that comes in pieces.
pub(super) struct Flow {
    judged: Option<OutputStream>,
    restored: StreamRestorer,
}

impl Flow {
    pub(super) fn new(restorer: &Restorer, output: Option<&OutputGuard>, context: Context) -> Self {
        let judged = output.map(|output| output.stream(context));
        Self { judged, restored: restorer.stream(context) }
    }

    /// The same, which also notes where places go.
    pub(super) fn tracked(self) -> Self {
        let judged = self.judged.map(OutputStream::tracked);
        Self { judged, restored: self.restored.tracked() }
    }

    pub(super) fn push(&mut self, piece: &str, out: &mut String) -> Result<(), Blocked> {
        match &mut self.judged {
            None => self.restored.push(piece, out),
            Some(judged) => {
                let mut passed = String::with_capacity(piece.len());
                judged.push(piece, &mut passed)?;
                self.restored.push(&passed, out);
            }
        }
        Ok(())
    }

    /// Judges what is held, although the text may go on. What may be the beginning of a stand-in stays held.
    pub(super) fn settle(&mut self, out: &mut String) -> Result<(), Blocked> {
        if let Some(judged) = self.judged.as_mut().filter(|judged| judged.held() > 0) {
            let mut passed = String::new();
            judged.finish(&mut passed)?;
            self.restored.push(&passed, out);
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, out: &mut String) -> Result<(), Blocked> {
        self.settle(out)?;
        self.restored.finish(out);
        Ok(())
    }

    /// A text that is here as a whole.
    pub(super) fn whole(mut self, text: &str) -> Result<(String, Self), Blocked> {
        let mut out = String::with_capacity(text.len());
        self.push(text, &mut out)?;
        self.finish(&mut out)?;
        Ok((out, self))
    }

    /// True if some of the text is held back.
    pub(super) fn holds(&self) -> bool {
        self.restored.held() > 0 || self.judged.as_ref().is_some_and(|judged| judged.held() > 0)
    }

    /// Where the places of the text so far went, as far as that is noted.
    pub(super) fn moved(&self) -> Moved {
        let judged = self.judged.as_ref().and_then(OutputStream::moves);
        Moved::by(judged.into_iter().chain(self.restored.moves()).cloned())
    }

    /// What was found since this was last asked.
    pub(super) fn take_counts(&mut self) -> Counts {
        self.judged.as_mut().map(OutputStream::take_counts).unwrap_or_default()
    }
}
