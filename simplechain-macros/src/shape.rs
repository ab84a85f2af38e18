//! Sizes and shapes as plain arithmetic.

use std::fmt;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};

use crate::hygiene::{ident, quote_mixed};

/// The maximum size of a layer and the maximum number of parameters, 2^31: far larger than any practical chain, and far
/// below where the arithmetic here could overflow.
pub(crate) const LIMIT: u64 = 1 << 31;

/// A size: a known value, or an expression over `const` items that only rustc can evaluate.
#[derive(Clone, PartialEq)]
pub(crate) enum Size {
    Literal(u64),
    /// The generated function with the value of a `const` item.
    Named(Ident),
    Sum(Vec<Size>),
    Product(Vec<Size>),
    /// A call of a function of the library's `check`.
    Call(&'static str, Vec<Size>),
}

impl Size {
    pub(crate) const ZERO: Size = Size::Literal(0);

    pub(crate) fn literal(&self) -> Option<u64> {
        match self {
            Size::Literal(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn plus(&self, other: &Size) -> Size {
        let terms = [self, other].into_iter().flat_map(|size| match size {
            Size::Sum(terms) => terms.clone(),
            size => vec![size.clone()],
        });
        let mut known = 0_u64;
        let mut sum = Vec::new();
        for term in terms {
            match term {
                Size::Literal(value) => known = known.saturating_add(value),
                term => sum.push(term),
            }
        }
        if known > 0 {
            sum.push(Size::Literal(known));
        }
        only_or(sum, Size::ZERO, Size::Sum)
    }

    pub(crate) fn times(&self, other: &Size) -> Size {
        if let (Size::Literal(a), Size::Literal(b)) = (self, other) {
            return Size::Literal(a.saturating_mul(*b));
        }
        let mut factors = vec![self.clone(), other.clone()];
        factors.retain(|factor| factor.literal() != Some(1));
        only_or(factors, Size::Literal(1), Size::Product)
    }
}

impl Size {
    /// As an argument for a const generic parameter.
    pub(crate) fn const_argument(&self) -> TokenStream {
        match self {
            Size::Literal(_) => quote!(#self),
            _ => quote!({ #self }),
        }
    }

    /// `known` applied to the arguments if all are literals, otherwise a call of the equivalent function of the library's
    /// `check`.
    pub(crate) fn call<const N: usize>(
        function: &'static str,
        arguments: [&Size; N],
        known: impl Fn([u64; N]) -> u64,
    ) -> Size {
        let numbers = arguments.map(Size::literal);
        if numbers.iter().all(Option::is_some) {
            return Size::Literal(known(numbers.map(Option::unwrap_or_default)));
        }
        Size::Call(function, arguments.map(Size::clone).to_vec())
    }
}

/// The only element of `parts`, or all of them joined.
fn only_or(mut parts: Vec<Size>, none: Size, join: fn(Vec<Size>) -> Size) -> Size {
    if parts.len() > 1 {
        return join(parts);
    }
    parts.pop().unwrap_or(none)
}

impl ToTokens for Size {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Size::Literal(value) => tokens.append(Literal::u64_unsuffixed(*value)),
            Size::Named(name) => tokens.extend(quote!(#name())),
            Size::Sum(terms) => tokens.append_separated(terms, quote!(+)),
            Size::Product(factors) => {
                let factors = factors.iter().map(|factor| match factor {
                    Size::Sum(_) => quote!((#factor)),
                    _ => quote!(#factor),
                });
                tokens.append_separated(factors, quote!(*));
            }
            Size::Call(name, arguments) => {
                let function = ident(name);
                tokens.extend(quote_mixed!(__lib::check::#function(#(#arguments),*)));
            }
        }
    }
}

/// A height and a width.
pub(crate) type Pair = [Size; 2];

/// The shape of the data between two layers.
#[derive(Clone)]
pub(crate) enum Shape {
    Flat(Size),
    Image {
        height: Size,
        width: Size,
        channels: Size,
    },
    /// The output shape of a chain declared elsewhere, flat or an image: the generated function `shape` returns it.
    Open {
        shape: Ident,
        len: Size,
    },
}

impl Shape {
    /// Elements of one sample.
    pub(crate) fn len(&self) -> Size {
        match self {
            Shape::Flat(size) | Shape::Open { len: size, .. } => size.clone(),
            Shape::Image {
                height,
                width,
                channels,
            } => height.times(width).times(channels),
        }
    }
}

/// As a value of the library's shape type.
impl ToTokens for Shape {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Shape::Flat(len) => quote_mixed!(__lib::Shape::Flat(#len)),
            Shape::Image {
                height,
                width,
                channels,
            } => {
                quote_mixed!(__lib::Shape::Image(#height, #width, #channels))
            }
            Shape::Open { shape, .. } => quote!(#shape()),
        });
    }
}

/// A size that only rustc knows is a `?`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.literal() {
            Some(value) => write!(f, "{value}"),
            None => f.write_str("?"),
        }
    }
}

/// `784` or `28x28x1`
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Flat(len) | Shape::Open { len, .. } => write!(f, "{len}"),
            Shape::Image {
                height,
                width,
                channels,
            } => write!(f, "{height}x{width}x{channels}"),
        }
    }
}

/// The total output length of all layers of a chain.
pub(crate) fn activations_len<'a>(outputs: impl Iterator<Item = &'a Shape>) -> Size {
    outputs.fold(Size::ZERO, |sum, output| sum.plus(&output.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn named(name: &str) -> Size {
        Size::Named(Ident::new(name, Span::call_site()))
    }

    fn text(size: &Size) -> String {
        size.to_token_stream().to_string().replace(" ()", "()")
    }

    #[test]
    fn known_numbers_fold() {
        let size = Size::Literal(4)
            .times(&Size::Literal(32))
            .plus(&Size::Literal(32));
        assert_eq!(size.literal(), Some(160));
        let most = Size::Literal(u64::MAX);
        assert_eq!(most.times(&most).plus(&most).literal(), Some(u64::MAX));
    }

    #[test]
    fn unknown_numbers_become_expressions() {
        let n = named("n");
        let sum = Size::Literal(4)
            .times(&n)
            .plus(&n)
            .plus(&Size::Literal(3))
            .plus(&Size::Literal(2));
        assert_eq!(text(&sum), "4 * n() + n() + 5");
        assert_eq!(text(&sum.times(&n)), "(4 * n() + n() + 5) * n()");
        assert_eq!(text(&Size::Literal(1).times(&n)), "n()");
        assert_eq!(text(&Size::ZERO.plus(&n)), "n()");
    }
}
