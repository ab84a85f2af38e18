//! Spans and names of generated code.

use proc_macro2::{Ident, Span};
use quote::format_ident;

/// `quote!` with `Span::mixed_site()`: locals of generated code are invisible to the user's tokens. In generated code
/// `__lib` is the library's module `__private`.
macro_rules! quote_mixed {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}

pub(crate) use quote_mixed;

/// An identifier of the library or of generated code.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// An identifier of generated code for the layer at `path`: `shown_0`, or `shown_2_0_1` for a layer inside another.
pub(crate) fn at_path(name: &str, path: &str) -> Ident {
    format_ident!("{name}{path}", span = Span::mixed_site())
}
