//! Sizes and shapes, and what each layer makes of them, as plain arithmetic.

use std::fmt;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};

/// The largest size of a layer and the largest number of parameters, 2^31: far above what a chain is for, and far
/// below where the arithmetic here could overflow.
pub(crate) const LIMIT: u64 = 1 << 31;

/// A number of the chain: known here, or an expression over `const` items that is known to rustc.
#[derive(Clone)]
pub(crate) enum Size {
    Literal(u64),
    /// The generated function with the value of a `const` item.
    Named(Ident),
    Sum(Vec<Size>),
    Product(Vec<Size>),
    /// The next odd number, or the number itself.
    Odd(Box<Size>),
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

    pub(crate) fn odd(self) -> Size {
        match self {
            Size::Literal(value) => Size::Literal(value | 1),
            size => Size::Odd(Box::new(size)),
        }
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
                    Size::Sum(_) | Size::Odd(_) => quote!((#factor)),
                    _ => quote!(#factor),
                });
                tokens.append_separated(factors, quote!(*));
            }
            Size::Odd(size) => tokens.extend(quote!((#size) | 1)),
        }
    }
}

/// What flows between two layers.
#[derive(Clone)]
pub(crate) enum Shape {
    Flat(Size),
    Image {
        height: Size,
        width: Size,
        channels: Size,
    },
}

impl Shape {
    /// Numbers in one sample.
    pub(crate) fn len(&self) -> Size {
        match self {
            Shape::Flat(size) => size.clone(),
            Shape::Image {
                height,
                width,
                channels,
            } => height.times(width).times(channels),
        }
    }
}

/// `784` or `28x28x1`; a size that only rustc knows is a `?`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |size: &Size| {
            size.literal()
                .map_or_else(|| "?".to_owned(), |value| value.to_string())
        };
        match self {
            Shape::Flat(len) => f.write_str(&size(len)),
            Shape::Image {
                height,
                width,
                channels,
            } => {
                write!(f, "{}x{}x{}", size(height), size(width), size(channels))
            }
        }
    }
}

/// Weights of a dense layer.
pub(crate) fn dense_weight_count(inputs: &Size, outputs: &Size) -> Size {
    inputs.times(outputs)
}

/// Where the rows of a layer's output start in a panel: behind the values of its input and their cotangents.
pub(crate) fn output_row(input_row: &Size, input: &Shape) -> Size {
    input_row.plus(&Size::Literal(2).times(&input.len()))
}

/// All rows of a panel: behind the values and cotangents of the output come its cotangents from outside. The number is
/// odd, so that the same row of consecutive panels does not fall into the same set of the cache.
pub(crate) fn rows(output_row: &Size, output: &Shape) -> Size {
    let end = output_row.plus(&Size::Literal(3).times(&output.len()));
    end.odd()
}

/// Numbers in the outputs of all layers of a chain.
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
