//! The file of a chain: its parameters, its architecture, and the user's own entries.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::cow::CowParams;
use super::elements;
use super::header::{self, Dtype, Entry, Header, Written, malformed, shown};
use super::source::Source;
use super::tensors::{ROLES, Tensor, tensors};
use crate::architecture;
use crate::array::Array;
use crate::error::Error;
use crate::fingerprint::fingerprint;
use crate::info::LayerInfo;
use crate::network::Network;
use crate::simd::Real;

/// What the library's own entries in the metadata begin with.
pub(crate) const OWN: &str = "simplechain.";
const ARCHITECTURE: &str = "simplechain.architecture";
const FINGERPRINT: &str = "simplechain.fingerprint";
const VERSION: &str = "simplechain.version";

/// What the names of tensors begin with that are not parameters: the state of a training. Readers of parameters pass over them.
pub(crate) const TRAINING: &str = "training.";

/// How much longer an architecture may be than that of the chain, to be compared with it: its tree takes many times its length.
const LONGEST_ARCHITECTURE: usize = 1 << 16;

/// A file to be written.
pub(crate) struct Encoded<'a> {
    header: Vec<u8>,
    data: Vec<Cow<'a, [u8]>>,
}

/// A tensor beside the parameters.
pub(crate) struct Extra<'a> {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) len: usize,
    pub(crate) bytes: Cow<'a, [u8]>,
}

#[cfg(feature = "std")]
impl<'a> Extra<'a> {
    pub(crate) fn new<T: Real>(name: &str, numbers: &'a [T]) -> Self {
        Self {
            name: format!("{TRAINING}{name}"),
            dtype: elements::dtype::<T>(),
            len: numbers.len(),
            bytes: elements::bytes(numbers),
        }
    }
}

impl<'a> Encoded<'a> {
    /// The file of parameters, with entries of the user.
    ///
    /// # Errors
    /// [`Error::Entry`]
    pub(crate) fn new<C: Network, T: Real>(
        params: &'a C::Params<T>,
        entries: &[(&str, &str)],
    ) -> Result<Self, Error> {
        for (index, (key, _)) in entries.iter().enumerate() {
            let again = entries[..index].iter().any(|(other, _)| other == key);
            if again || key.starts_with(OWN) {
                return Err(Error::Entry(shown(key)));
            }
        }
        Ok(Self::with::<C, T>(params, entries, Vec::new()))
    }

    /// The file of parameters, with any entries and other tensors.
    pub(crate) fn with<C: Network, T: Real>(
        params: &'a C::Params<T>,
        entries: &[(&str, &str)],
        extra: Vec<Extra<'a>>,
    ) -> Self {
        let fingerprint = const { fingerprint(C::LAYERS) };
        let params = elements::bytes(params.as_slice());
        encode(
            fingerprint,
            C::LAYERS,
            elements::dtype::<T>(),
            params,
            entries,
            extra,
        )
    }

    /// The parts of the file, one after the other.
    pub(crate) fn parts(&self) -> Vec<&[u8]> {
        let data = self.data.iter().map(|bytes| &**bytes);
        core::iter::once(&*self.header).chain(data).collect()
    }
}

fn encode<'a>(
    fingerprint: u64,
    layers: &'static [LayerInfo],
    dtype: Dtype,
    params: Cow<'a, [u8]>,
    entries: &[(&str, &str)],
    extra: Vec<Extra<'a>>,
) -> Encoded<'a> {
    let architecture = architecture::to_json(fingerprint, layers);
    let fingerprint = format!("{fingerprint:016x}");
    let mut metadata = vec![
        (ARCHITECTURE, &*architecture),
        (FINGERPRINT, &*fingerprint),
        (VERSION, env!("CARGO_PKG_VERSION")),
    ];
    metadata.extend(entries);
    let tensors = tensors(layers);
    let of_chain = (tensors.iter()).map(|tensor| (&*tensor.name, dtype, &*tensor.shape));
    let others = extra.iter().map(|extra| {
        let shape = core::slice::from_ref(&extra.len);
        (&*extra.name, extra.dtype, shape)
    });
    let written: Vec<Written<'_>> = of_chain.chain(others).collect();
    let header = header::write(&metadata, &written);
    let data = extra.into_iter().map(|extra| extra.bytes);
    Encoded {
        header,
        data: core::iter::once(params).chain(data).collect(),
    }
}

/// The entries of the user in a file.
pub(crate) fn entries(header: Header) -> BTreeMap<String, String> {
    let metadata = header.metadata.into_iter();
    metadata.filter(|(key, _)| !key.starts_with(OWN)).collect()
}

/// Where the parameters of a chain are in a file.
pub(crate) struct Places {
    /// The type of each tensor, where it begins in the file, and how many elements it has.
    tensors: Vec<(Dtype, u64, usize)>,
}

impl Places {
    /// Finds the parameters of a chain in its file, which has this header.
    ///
    /// # Errors
    /// [`Error::Architecture`], [`Error::NoArchitecture`], [`Error::Tensors`], [`Error::Format`]
    pub(crate) fn of<C: Network, T: Real>(header: &Header, converts: bool) -> Result<Self, Error> {
        let fingerprint = const { fingerprint(C::LAYERS) };
        let wanted = elements::dtype::<T>();
        places(header, fingerprint, C::LAYERS, wanted, converts)
    }

    /// The whole array, if it is there in one piece and in this type.
    fn contiguous<T: Real>(&self) -> Option<u64> {
        let (_, first, _) = *self.tensors.first()?;
        let mut next = first;
        for (dtype, at, len) in &self.tensors {
            if *dtype != elements::dtype::<T>() || *at != next {
                return None;
            }
            next += *len as u64 * dtype.size;
        }
        Some(first)
    }

    /// Reads the parameters.
    pub(crate) fn read<T: Real>(
        &self,
        source: &mut dyn Source,
        params: &mut [T],
    ) -> Result<(), Error> {
        if let Some(at) = self.contiguous::<T>() {
            return elements::read(source, at, params);
        }
        let mut rest = params;
        for (dtype, at, len) in &self.tensors {
            let (tensor, after) = rest.split_at_mut(*len);
            elements::read_converted(source, *dtype, *at, tensor)?;
            rest = after;
        }
        Ok(())
    }

    /// The parameters among the bytes of the file, if they are there in one piece, in this type and aligned.
    fn borrow<'a, T: Real>(&self, bytes: &'a [u8], len: usize) -> Option<&'a [T]> {
        let at = usize::try_from(self.contiguous::<T>()?).ok()?;
        elements::borrowed(bytes.get(at..)?.get(..len * size_of::<T>())?)
    }
}

fn places(
    header: &Header,
    fingerprint: u64,
    layers: &'static [LayerInfo],
    wanted: Dtype,
    converts: bool,
) -> Result<Places, Error> {
    let Some(text) = header.get(ARCHITECTURE) else {
        return Err(malformed(format!(
            "its metadata have no `{ARCHITECTURE}`: `save` did not write it, or what rewrote it left them out"
        )));
    };
    let own = architecture::to_json(fingerprint, layers);
    let is_same = text == own;
    if !is_same {
        if text.len() > 4 * own.len() + LONGEST_ARCHITECTURE {
            return Err(Error::NoArchitecture);
        }
        architecture::check(text, fingerprint, layers)?;
    }
    let ours = tensors(layers);
    let theirs = in_order(&ours, header, is_same)?;
    let place = |(ours, theirs): (Tensor, &Entry)| {
        let shape = theirs.shape.iter().copied();
        if !shape.eq(ours.shape.iter().map(|len| *len as u64)) {
            return Err(Error::Tensors(format!(
                "tensor `{}` has the shape {:?}, that of the chain has {:?}",
                ours.name, theirs.shape, ours.shape
            )));
        }
        let converted = converts && [Dtype::F32, Dtype::F64].contains(&theirs.dtype);
        if theirs.dtype != wanted && !converted {
            let help = match [Dtype::F32, Dtype::F64].contains(&theirs.dtype) {
                true => ": read it with `load_converted`, or as the other type",
                false => "",
            };
            return Err(Error::Tensors(format!(
                "tensor `{}` has the type {}, but {} is read{help}",
                ours.name, theirs.dtype.name, wanted.name
            )));
        }
        let at = header.data_start + theirs.range.start;
        Ok((theirs.dtype, at, ours.range.len()))
    };
    let tensors = ours.into_iter().zip(theirs).map(place);
    Ok(Places {
        tensors: tensors.collect::<Result<_, _>>()?,
    })
}

/// The tensors of the file that are those of the chain, in its order. If the architectures are not the same but compute the same, their
/// layers have other indices: then tensors are matched by their order.
fn in_order<'h>(
    ours: &[Tensor],
    header: &'h Header,
    is_same: bool,
) -> Result<Vec<&'h Entry>, Error> {
    let is_param = |tensor: &&Entry| !tensor.name.starts_with(TRAINING);
    let mut theirs: Vec<&Entry> = header.tensors.iter().filter(is_param).collect();
    // They mostly are in this order.
    let matches = |ours: &[Tensor], theirs: &[&Entry], same: fn(&str, &str) -> bool| {
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(&a.name, &b.name))
    };
    if matches(ours, &theirs, |a, b| a == b) {
        return Ok(theirs);
    }
    theirs.sort_by(|a, b| by_place(&a.name, &b.name));
    if matches(ours, &theirs, |a, b| a == b) {
        return Ok(theirs);
    }
    if !is_same && matches(ours, &theirs, |a, b| layer_and_role(a) == layer_and_role(b)) {
        return Ok(theirs);
    }
    let missing = ours.iter().map(|tensor| &*tensor.name);
    let missing: Vec<&str> = missing
        .filter(|name| !theirs.iter().any(|tensor| tensor.name == *name))
        .collect();
    let extra = theirs.iter().map(|tensor| &*tensor.name);
    let extra: Vec<&str> = extra
        .filter(|name| !ours.iter().any(|tensor| tensor.name == *name))
        .collect();
    let mut why = "the tensors are not those of the chain: ".to_owned();
    if !missing.is_empty() {
        why += &format!("the file lacks {}", list(&missing));
    }
    if !extra.is_empty() {
        let and = if missing.is_empty() { "" } else { ", and " };
        why += &format!("{and}has {}, which the chain has not", list(&extra));
    }
    Err(Error::Tensors(why))
}

/// The first names of a list.
fn list(names: &[&str]) -> String {
    const MOST: usize = 4;
    let mut text = String::new();
    for name in names.iter().take(MOST) {
        let comma = if text.is_empty() { "" } else { ", " };
        text += &format!("{comma}{}", shown(name));
    }
    if names.len() > MOST {
        text += &format!(" and {} more", names.len() - MOST);
    }
    text
}

/// The keyword of the innermost layer, and the role in it: of `2.residual.0.dense.bias` the last two.
fn layer_and_role(name: &str) -> &str {
    match name.rmatch_indices('.').nth(1) {
        Some((dot, _)) => &name[dot + 1..],
        None => name,
    }
}

/// Names in the order in which a chain has their tensors.
fn by_place(a: &str, b: &str) -> Ordering {
    let rank = |part: &str| match part.parse::<u64>() {
        Ok(index) => (0, index),
        Err(_) => match ROLES.iter().position(|role| *role == part) {
            Some(role) => (1, role as u64),
            None => (2, 0),
        },
    };
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (Some(x), Some(y)) => (x, y),
            (x, y) => return x.cmp(&y),
        };
        let order = rank(x).cmp(&rank(y)).then_with(|| x.cmp(y));
        if order.is_ne() {
            return order;
        }
    }
}

/// Reads the parameters of a chain.
///
/// # Errors
/// As of [`Header::read`] and [`Places::of`].
pub(crate) fn read<C: Network, T: Real>(
    source: &mut dyn Source,
    converts: bool,
) -> Result<Box<C::Params<T>>, Error> {
    let header = Header::read(source)?;
    let places = Places::of::<C, T>(&header, converts)?;
    let mut params = C::Params::boxed(T::ZERO);
    places.read(source, params.as_mut_slice())?;
    Ok(params)
}

/// Borrows the parameters of a chain, or copies them.
///
/// # Errors
/// As of [`Header::read`] and [`Places::of`].
pub(crate) fn borrow<C: Network, T: Real>(
    mut bytes: &[u8],
) -> Result<CowParams<'_, C::Params<T>>, Error> {
    let header = Header::read(&mut bytes)?;
    let places = Places::of::<C, T>(&header, false)?;
    let borrowed = places.borrow::<T>(bytes, C::PARAM_COUNT);
    if let Some(params) = borrowed.and_then(C::Params::from_slice) {
        return Ok(CowParams::Borrowed(params));
    }
    let mut params = C::Params::boxed(T::ZERO);
    places.read(&mut bytes, params.as_mut_slice())?;
    Ok(CowParams::Owned(params))
}
