//! What a call returns.

use core::ffi::{CStr, c_char};

/// What the functions of a C interface return, as an `int32_t`: [`Ok`](Self::Ok) is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[non_exhaustive]
pub enum Status {
    /// Success.
    Ok = 0,
    /// A pointer is null that must not be, or a combination of null pointers has no meaning.
    Null = 1,
    /// A pointer is not aligned to its type.
    Misaligned = 2,
    /// A result overlaps an argument or another result.
    Overlap = 3,
    /// A length is not that of the chain, or that many samples fit into no memory.
    Length = 4,
    /// The bytes are not a whole safetensors file written by simplechain.
    Format = 5,
    /// The bytes are the parameters of another chain.
    Architecture = 6,
    /// The library was built without the feature that the function needs.
    Unsupported = 7,
    /// A panic of Rust, such as one in a custom layer. Results are unspecified.
    Panic = 8,
    /// The training failed: its text says why. The parameters are those of the last good step.
    Training = 9,
}

impl Status {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::Null,
        Self::Misaligned,
        Self::Overlap,
        Self::Length,
        Self::Format,
        Self::Architecture,
        Self::Unsupported,
        Self::Panic,
        Self::Training,
    ];

    /// The name of the constant in the header, without the prefix.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Null => "NULL",
            Self::Misaligned => "MISALIGNED",
            Self::Overlap => "OVERLAP",
            Self::Length => "LENGTH",
            Self::Format => "FORMAT",
            Self::Architecture => "ARCHITECTURE",
            Self::Unsupported => "UNSUPPORTED",
            Self::Panic => "PANIC",
            Self::Training => "TRAINING",
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn message(self) -> &'static CStr {
        match self {
            Self::Ok => c"success",
            Self::Null => c"a pointer is null that must not be",
            Self::Misaligned => c"a pointer is not aligned to its type",
            Self::Overlap => c"a result overlaps an argument or another result",
            Self::Length => c"a length is not that of the chain, or too large",
            Self::Format => c"not a whole safetensors file written by simplechain",
            Self::Architecture => c"the file has the parameters of another chain",
            Self::Unsupported => c"the library was built without a feature that this needs",
            Self::Panic => c"a panic in the library; results are unspecified",
            Self::Training => c"the training failed",
        }
    }
}

/// The message of a code of any chain, a static text that ends with a zero.
#[must_use]
pub fn message<C>(_: C, code: i32) -> *const c_char {
    let index = usize::try_from(code).unwrap_or(usize::MAX);
    let status = Status::ALL.get(index);
    status
        .map_or(c"not a code of this library", |status| status.message())
        .as_ptr()
}
