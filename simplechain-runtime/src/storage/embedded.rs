//! Parameters in the bytes of a file, found without memory: when a program is compiled (`include_params!`), or when it runs.
//!
//! The file must be as `save` writes it, of a chain with the same fingerprint: its tensors are one after the other, in the order of the
//! chain. Files that another program has rewritten, and those of chains that differ in `dropout` or `frozen(..)`, take the reader that
//! needs memory.

use super::names::{roles, shape};
use crate::fingerprint::fingerprint;
use crate::info::LayerInfo;
use crate::network::Network;

/// The length of the length of the header.
const PREFIX: usize = 8;

/// A layer in layers: what the names of its tensors begin with.
enum Path<'p> {
    Chain,
    Layer {
        outer: &'p Self,
        index: usize,
        name: &'p str,
        /// The number of a branch, if there are several.
        branch: Option<usize>,
    },
}

/// Bytes that are compared with what is expected.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Whether all was as expected.
    fits: bool,
}

impl Reader<'_> {
    const fn text(&mut self, text: &str) {
        let (text, mut i) = (text.as_bytes(), 0);
        while i < text.len() {
            self.byte(text[i]);
            i += 1;
        }
    }

    const fn byte(&mut self, byte: u8) {
        self.fits &= self.at < self.bytes.len() && self.bytes[self.at] == byte;
        self.at += 1;
    }

    const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    /// The 16 digits of a fingerprint.
    const fn hexadecimal(&mut self, number: u64) {
        let mut digit = 16;
        while digit > 0 {
            digit -= 1;
            let value = (number >> (4 * digit)) as u8 & 15;
            self.byte(if value < 10 {
                b'0' + value
            } else {
                b'a' - 10 + value
            });
        }
    }

    const fn path(&mut self, path: &Path<'_>) {
        if let Path::Layer {
            outer,
            index,
            name,
            branch,
        } = path
        {
            self.path(outer);
            self.number(*index);
            self.byte(b'.');
            self.text(name);
            self.byte(b'.');
            if let Some(branch) = branch {
                self.number(*branch);
                self.byte(b'.');
            }
        }
    }

    const fn is_at(&self, byte: u8) -> bool {
        self.at < self.bytes.len() && self.bytes[self.at] == byte
    }

    /// Any text of JSON.
    const fn any_text(&mut self) {
        self.byte(b'"');
        while self.fits && !self.is_at(b'"') {
            self.at += if self.is_at(b'\\') { 2 } else { 1 };
            self.fits &= self.at < self.bytes.len();
        }
        self.at += 1;
    }

    /// The metadata; returns whether the fingerprint in them is this one.
    const fn metadata(&mut self, fingerprint: u64) -> bool {
        self.text("{\"__metadata__\":{");
        let mut found = false;
        while self.fits && !self.is_at(b'}') {
            let mut own = Reader { ..*self };
            own.text("\"simplechain.fingerprint\":\"");
            own.hexadecimal(fingerprint);
            own.byte(b'"');
            found |= own.fits;
            self.any_text();
            self.byte(b':');
            self.any_text();
            if self.is_at(b',') {
                self.at += 1;
            }
        }
        self.byte(b'}');
        found
    }

    /// The tensors of layers, the first of which begins at parameter `next`; returns the parameter after the last.
    const fn tensors(
        &mut self,
        layers: &[LayerInfo],
        path: &Path<'_>,
        dtype: (&str, usize),
        mut next: usize,
    ) -> usize {
        let mut index = 0;
        while index < layers.len() {
            let layer = &layers[index];
            if layer.inner.is_empty() {
                let (roles, mut r) = (roles(layer), 0);
                while r < roles.len() {
                    let (role, len) = roles[r];
                    if len > 0 {
                        self.text(",\"");
                        self.path(path);
                        self.number(index);
                        self.byte(b'.');
                        self.text(layer.name);
                        self.byte(b'.');
                        self.text(role);
                        self.text("\":{\"dtype\":\"");
                        self.text(dtype.0);
                        self.text("\",\"shape\":[");
                        let axes = shape(layer, role, len);
                        let (axes, mut a) = (axes.as_slice(), 0);
                        while a < axes.len() {
                            if a > 0 {
                                self.text(", ");
                            }
                            self.number(axes[a]);
                            a += 1;
                        }
                        self.text("],\"data_offsets\":[");
                        self.number(next * dtype.1);
                        self.byte(b',');
                        next += len;
                        self.number(next * dtype.1);
                        self.text("]}");
                    }
                    r += 1;
                }
            }
            let mut branch = 0;
            while branch < layer.inner.len() {
                let within = Path::Layer {
                    outer: path,
                    index,
                    name: layer.name,
                    branch: if layer.inner.len() > 1 {
                        Some(branch)
                    } else {
                        None
                    },
                };
                next = self.tensors(layer.inner[branch], &within, dtype, next);
                branch += 1;
            }
            index += 1;
        }
        next
    }
}

/// Where the parameters of a chain begin in the bytes of its file.
const fn find(
    bytes: &[u8],
    chain_fingerprint: u64,
    layers: &[LayerInfo],
    dtype: (&str, usize),
) -> Result<usize, &'static str> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
        return Err("it is not a whole safetensors file");
    };
    let len = u64::from_le_bytes(*prefix);
    if len > rest.len() as u64 {
        return Err("it is not a whole safetensors file");
    }
    let (header, data) = rest.split_at(len as usize);
    let mut reader = Reader {
        bytes: header,
        at: 0,
        fits: true,
    };
    let is_own = reader.metadata(chain_fingerprint);
    if !reader.fits {
        return Err(
            "`save` did not write it, or another program has rewritten it: load and save it again",
        );
    }
    if !is_own {
        return Err("it is of another chain: the fingerprints differ");
    }
    let count = reader.tensors(layers, &Path::Chain, dtype, 0);
    if !reader.fits {
        return Err(
            "its tensors have another type, or another program has rewritten it: load and save it again",
        );
    }
    if data.len() < count * dtype.1 {
        return Err("it is not a whole safetensors file");
    }
    Ok(PREFIX + len as usize)
}

macro_rules! included {
    ($name:ident: $T:ident $dtype:literal) => {
        /// The parameters in the bytes of a file, for a `static`.
        pub const fn $name<C: Network, const N: usize>(bytes: &[u8]) -> [$T; N] {
            assert!(N == C::PARAM_COUNT);
            let dtype = ($dtype, size_of::<$T>());
            let start = match find(bytes, fingerprint(C::LAYERS), C::LAYERS, dtype) {
                Ok(start) => start,
                Err(why) => panic!("{}", why),
            };
            let (mut params, mut rest, mut i) = ([0.0; N], bytes.split_at(start).1, 0);
            while let Some((number, after)) = rest.split_first_chunk()
                && i < N
            {
                params[i] = $T::from_le_bytes(*number);
                (rest, i) = (after, i + 1);
            }
            params
        }
    };
}

included!(f32: f32 "F32");
included!(f64: f64 "F64");

/// Borrows the parameters of a chain.
///
/// # Errors
/// [`Error::NotInPlace`](crate::Error::NotInPlace)
#[cfg(not(feature = "alloc"))]
pub(super) fn borrow<C: Network, T: crate::simd::Real>(
    bytes: &[u8],
) -> Result<super::CowParams<'_, C::Params<T>>, crate::Error> {
    use crate::array::Array;

    let dtype = match size_of::<T>() {
        4 => ("F32", 4),
        _ => ("F64", 8),
    };
    let find = || {
        if cfg!(target_endian = "big") {
            return Err("this CPU has the other byte order: use `include_params!`");
        }
        let start = find(bytes, const { fingerprint(C::LAYERS) }, C::LAYERS, dtype)?;
        let numbers = &bytes[start..][..C::PARAM_COUNT * dtype.1];
        bytemuck::try_cast_slice(numbers).map_err(|_| "it is not aligned: use `include_aligned!`")
    };
    let numbers: &[T] = find().map_err(crate::Error::NotInPlace)?;
    let params = C::Params::from_slice(numbers).expect("as many");
    Ok(super::CowParams::Borrowed(params))
}
