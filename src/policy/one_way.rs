//! Places of an answer in which nothing is put back.

/// A place of an answer that carries text, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// Arguments and inputs of tools, code and commands.
    ToolArguments,
    /// What the model thinks before it answers, and summaries of that.
    Reasoning,
    /// Instructions that an answer repeats.
    Instructions,
    /// Metadata that an answer repeats.
    Metadata,
    /// Definitions of tools that an answer repeats.
    Tools,
    /// Who asked, as far as an answer repeats it.
    User,
    /// The stop sequence that was met.
    StopSequence,
}

impl Carrier {
    /// All of them, by the words that a policy file has for them.
    pub const NAMED: [(&'static str, Self); 7] = [
        ("tool_arguments", Self::ToolArguments),
        ("reasoning", Self::Reasoning),
        ("instructions", Self::Instructions),
        ("metadata", Self::Metadata),
        ("tools", Self::Tools),
        ("user", Self::User),
        ("stop_sequence", Self::StopSequence),
    ];

    fn bit(self) -> u8 {
        match self {
            Self::ToolArguments => 1,
            Self::Reasoning => 1 << 1,
            Self::Instructions => 1 << 2,
            Self::Metadata => 1 << 3,
            Self::Tools => 1 << 4,
            Self::User => 1 << 5,
            Self::StopSequence => 1 << 6,
        }
    }
}

/// The carriers in which stand-ins stay. By default there are none: whatever comes back is restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OneWay(u8);

impl OneWay {
    /// True if nothing is put back there.
    pub fn holds(self, carrier: Carrier) -> bool {
        self.0 & carrier.bit() != 0
    }

    /// The words that a policy file has for them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let held = Carrier::NAMED.into_iter().filter(move |(_, carrier)| self.holds(*carrier));
        held.map(|(name, _)| name)
    }
}

impl FromIterator<Carrier> for OneWay {
    fn from_iter<I: IntoIterator<Item = Carrier>>(carriers: I) -> Self {
        Self(carriers.into_iter().fold(0, |bits, carrier| bits | carrier.bit()))
    }
}
