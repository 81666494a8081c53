//! Why the store could not do what was asked.

/// Why the store could not do what was asked. Messages hold no key, no value and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection, or it broke.
    #[error("the state store cannot be reached: {0}")]
    Unreachable(&'static str),
    /// No answer within the time limit.
    #[error("the state store did not answer in time")]
    TimedOut,
    /// It failed a moment ago; it is not asked again before the pause is over.
    #[error("the state store is not asked again so soon after it failed")]
    Paused,
    /// It answered with an error of its own, such as `OOM` or `NOAUTH`.
    #[error("the state store refused: {0}")]
    Refused(String),
    /// An entry is not in a form that this program writes.
    #[error("the state store holds an entry in a foreign form")]
    Foreign,
    /// The system has no random bytes to give.
    #[error("the system gives no random bytes")]
    Random,
}

impl Error {
    /// A stable label for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut => "timeout",
            Self::Paused => "paused",
            Self::Refused(_) => "refused",
            Self::Foreign => "foreign",
            Self::Random => "random",
        }
    }
}

/// A store that cannot be made as configured. Names the setting; never repeats the URL, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not a URL of this form.
    #[error(
        "redis.url (--redis-url): expected redis://[[user]:password@]host[:port][/database], or rediss:// for TLS; {0}"
    )]
    Url(&'static str),
    /// A setting that cannot be used.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting at fault.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A time that cannot be kept.
    #[error("{setting}: must be longer than 0 ms")]
    Zero {
        /// The setting at fault.
        setting: &'static str,
    },
}
