//! The structures of the C API of XLA's foreign function interface, version 0.3, as its header `xla/ffi/api/c_api.h` lays them
//! out: those fields that a handler reads or writes, and all before them. Later versions append fields.

use core::ffi::{c_char, c_int, c_void};
use core::mem::offset_of;
use core::{ptr, slice};
use std::ffi::CString;

/// The version of the API.
pub(super) const MAJOR: c_int = 0;
pub(super) const MINOR: c_int = 3;

/// `XLA_FFI_Extension_Metadata`
const METADATA: c_int = 1;
/// `XLA_FFI_ExecutionStage_EXECUTE`
const EXECUTE: c_int = 3;
/// `XLA_FFI_ArgType_BUFFER`, and the same for results
const BUFFER: c_int = 1;
/// `XLA_FFI_DataType_F32`
pub(super) const F32: c_int = 11;
/// `XLA_FFI_DataType_F64`
pub(super) const F64: c_int = 12;

/// `XLA_FFI_Error_Code`
#[derive(Clone, Copy)]
#[repr(i32)]
pub(super) enum Code {
    InvalidArgument = 3,
    Unimplemented = 12,
    Internal = 13,
}

/// `XLA_FFI_CallFrame`
#[repr(C)]
pub(super) struct CallFrame {
    struct_size: usize,
    extension: *mut Extension,
    api: *const Api,
    context: *mut c_void,
    stage: c_int,
    arguments: Operands,
    results: Operands,
}

/// `XLA_FFI_Args`, `XLA_FFI_Rets`
#[repr(C)]
struct Operands {
    struct_size: usize,
    extension: *mut Extension,
    size: i64,
    types: *const c_int,
    buffers: *const *const Buffer,
}

/// `XLA_FFI_Buffer`
#[repr(C)]
pub(super) struct Buffer {
    struct_size: usize,
    extension: *mut Extension,
    pub(super) dtype: c_int,
    pub(super) data: *mut c_void,
    rank: i64,
    dims: *const i64,
}

/// `XLA_FFI_Extension_Base`
#[repr(C)]
struct Extension {
    struct_size: usize,
    kind: c_int,
    next: *mut Extension,
}

/// `XLA_FFI_Metadata_Extension`
#[repr(C)]
struct MetadataExtension {
    base: Extension,
    metadata: *mut Metadata,
}

/// `XLA_FFI_Metadata`
#[repr(C)]
struct Metadata {
    struct_size: usize,
    version: Version,
    traits: u32,
}

/// `XLA_FFI_Api_Version`
#[repr(C)]
struct Version {
    struct_size: usize,
    extension: *mut Extension,
    major: c_int,
    minor: c_int,
}

/// `XLA_FFI_Api`
#[repr(C)]
struct Api {
    struct_size: usize,
    extension: *mut Extension,
    version: Version,
    internal: *const c_void,
    error_create: unsafe extern "C" fn(*mut ErrorCreate) -> *mut c_void,
}

/// `XLA_FFI_Error_Create_Args`
#[repr(C)]
struct ErrorCreate {
    struct_size: usize,
    extension: *mut Extension,
    message: *const c_char,
    code: c_int,
}

/// `XLA_FFI_STRUCT_SIZE`: the size up to the end of the last field, without padding.
const fn size_up_to<F>(offset: usize) -> usize {
    offset + size_of::<F>()
}

const FRAME_SIZE: usize = size_up_to::<Operands>(offset_of!(CallFrame, results));
const METADATA_SIZE: usize = size_up_to::<u32>(offset_of!(Metadata, traits));
const ERROR_SIZE: usize = size_up_to::<c_int>(offset_of!(ErrorCreate, code));

/// An error that XLA reports to its caller.
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn invalid(message: String) -> Self {
        Self {
            code: Code::InvalidArgument,
            message,
        }
    }
}

impl CallFrame {
    /// Answers a query for metadata, if this is one: the version of the API, no traits.
    ///
    /// # Safety
    /// This is a call frame of XLA, of any version of major number 0.
    pub(super) unsafe fn answer_query(&self) -> bool {
        // SAFETY: XLA's promise: null or an extension.
        let Some(extension) = (unsafe { self.extension.as_ref() }) else {
            return false;
        };
        if extension.kind != METADATA {
            return false;
        }
        // SAFETY: that kind is the first field of a `MetadataExtension`, and `api` is XLA's table.
        let (metadata, theirs) = unsafe {
            let extension = self.extension.cast::<MetadataExtension>();
            (&mut *(*extension).metadata, &(*self.api).version)
        };
        if metadata.struct_size >= METADATA_SIZE {
            // XLA refuses a handler that is newer than itself. Older versions have the same fields.
            metadata.version.major = MAJOR;
            metadata.version.minor = MINOR.min(theirs.minor);
            metadata.traits = 0;
        }
        true
    }

    /// The buffers of a call in the stage of execution.
    ///
    /// # Safety
    /// This is a call frame of XLA, of any version of major number 0, and lives as long as the buffers.
    #[inline]
    pub(super) unsafe fn buffers<const A: usize, const R: usize>(
        &self,
    ) -> Result<([&Buffer; A], [&Buffer; R]), Failure> {
        if self.struct_size < FRAME_SIZE || self.stage != EXECUTE {
            return Err(Failure {
                code: Code::Unimplemented,
                message: "the call frame is not one for execution".to_owned(),
            });
        }
        // SAFETY: the caller's promise.
        Ok(unsafe {
            (
                self.arguments.all("arguments")?,
                self.results.all("results")?,
            )
        })
    }

    /// An error of XLA's.
    ///
    /// # Safety
    /// This is a call frame of XLA, of any version of major number 0.
    #[cold]
    pub(super) unsafe fn error(&self, failure: Failure) -> *mut c_void {
        let message = CString::new(failure.message).unwrap_or_default();
        let mut arguments = ErrorCreate {
            struct_size: ERROR_SIZE,
            extension: ptr::null_mut(),
            message: message.as_ptr(),
            code: failure.code as c_int,
        };
        // SAFETY: the table is XLA's, and this is its first function in every version. It copies the text.
        unsafe { ((*self.api).error_create)(&raw mut arguments) }
    }
}

impl Operands {
    /// # Safety
    /// XLA's promise: `size` types, and as many pointers to what they say.
    unsafe fn all<const N: usize>(&self, what: &str) -> Result<[&Buffer; N], Failure> {
        if self.size != N as i64 {
            let message = format!("{N} {what} are needed, but there are {}", self.size);
            return Err(Failure::invalid(message));
        }
        // SAFETY: there are `N`, by the check.
        let (types, buffers) = unsafe {
            (
                slice::from_raw_parts(self.types, N),
                slice::from_raw_parts(self.buffers, N),
            )
        };
        if types.iter().any(|kind| *kind != BUFFER) {
            return Err(Failure::invalid(format!("{what} that are not buffers")));
        }
        // SAFETY: the type says that it points to a buffer.
        Ok(core::array::from_fn(|index| unsafe { &*buffers[index] }))
    }
}

impl Buffer {
    /// The dimensions, outermost first.
    ///
    /// # Safety
    /// This is a buffer of XLA.
    #[inline]
    pub(super) unsafe fn dims(&self) -> &[i64] {
        if self.rank <= 0 {
            return &[];
        }
        // SAFETY: XLA's promise: there are `rank` of them.
        unsafe { slice::from_raw_parts(self.dims, self.rank as usize) }
    }
}
