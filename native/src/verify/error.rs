use std::fmt;

/// Why nothing can be said about the proofs of a call. Never a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// A packed key is cut off, has a point that is none, or one outside the subgroup.
    BadKey(&'static str),
    /// Packed jobs are cut off or name a key that is not there.
    BadJobs(&'static str),
    /// The operating system gave no random bytes, or no thread.
    System(&'static str),
    /// The caller has ended the call.
    Cancelled,
    /// A defect of ours.
    Internal(&'static str),
}

impl VerifyError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadKey(_) => "NATIVE_BAD_KEY",
            Self::BadJobs(_) => "NATIVE_BAD_JOBS",
            Self::System(_) => "NATIVE_SYSTEM",
            Self::Cancelled => "NATIVE_CANCELLED",
            Self::Internal(_) => "NATIVE_INTERNAL",
        }
    }
}

/// `CODE: text`, as errors cross to JavaScript.
impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::BadKey(text) | Self::BadJobs(text) | Self::System(text) | Self::Internal(text) => text,
            Self::Cancelled => "the call was ended",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl std::error::Error for VerifyError {}
