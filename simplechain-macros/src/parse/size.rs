//! Sizes and shapes, which are first parsed as expressions.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, ExprTuple, Lit, LitInt, UnOp};

use crate::ast::{PairAst, ShapeAst, SizeAst};
use crate::error::{Errors, found, keyword_at_end, spell};

/// The expression at the start of the tokens, and the rest.
pub(crate) fn leading_expression(
    errors: &mut Errors,
    tokens: &[TokenTree],
    expected: &str,
    help: &str,
) -> (Option<Expr>, Vec<TokenTree>) {
    let parser = |input: ParseStream<'_>| {
        let expression: Expr = input.parse()?;
        let rest: TokenStream = input.parse()?;
        Ok((expression, rest))
    };
    match parser.parse2(tokens.iter().cloned().collect()) {
        Ok((expression, rest)) => (Some(expression), rest.into_iter().collect()),
        Err(_) => {
            if let Some(first) = tokens.first() {
                errors.report(
                    first,
                    &format!("expected {expected}, but found {}", found(first)),
                    help,
                );
            }
            (None, Vec::new())
        }
    }
}

const SIZE_HELP: &str = "a size is a whole number or a `const` item";

/// The shape at the start of a segment, and the rest.
pub(crate) fn shape(
    errors: &mut Errors,
    tokens: &[TokenTree],
) -> (Option<ShapeAst>, Vec<TokenTree>) {
    let (expression, rest) = leading_expression(errors, tokens, "a size", SIZE_HELP);
    let shape = expression.and_then(|expression| match expression {
        Expr::Tuple(tuple) => image(errors, tuple),
        Expr::Paren(paren) => {
            let inside = spell(&paren.expr);
            let message = "an image has 3 sizes `(height, width, channels)`, a sequence 2 `(length, channels)`, but here is 1";
            let help = format!("write `({inside}, {inside}, 1)`, or `{inside}` for a flat input");
            errors.report(&paren, message, &help);
            None
        }
        other => size(errors, other).map(ShapeAst::Flat),
    });
    (shape, rest)
}

/// `(height, width, channels)`, or a sequence `(length, channels)`: an image of height 1.
fn image(errors: &mut Errors, tuple: ExprTuple) -> Option<ShapeAst> {
    let tokens = tuple.to_token_stream();
    let count = tuple.elems.len();
    if count != 2 && count != 3 {
        let message = format!(
            "an image has 3 sizes `(height, width, channels)`, a sequence 2 `(length, channels)`, but here are {count}"
        );
        let help =
            "write `(28, 28, 1)` for an image, `(100, 3)` for a sequence, `4` for a flat input";
        errors.report(tuple, &message, help);
        return None;
    }
    let one = LitInt::new("1", tuple.span());
    let mut sizes = tuple.elems.into_iter().map(|element| size(errors, element));
    let height = match count {
        2 => Some(SizeAst::Literal(one)),
        _ => sizes.next()?,
    };
    let (width, channels) = (sizes.next()?, sizes.next()?);
    Some(ShapeAst::Image {
        tokens,
        height: height?,
        width: width?,
        channels: channels?,
    })
}

/// A height and a width: `2` for both, or `(2, 3)`.
pub(crate) fn pair(errors: &mut Errors, expression: Expr) -> Option<PairAst> {
    match expression {
        Expr::Group(group) => pair(errors, *group.expr),
        Expr::Paren(paren) => size(errors, *paren.expr).map(PairAst::Same),
        Expr::Tuple(tuple) if tuple.elems.len() == 2 => {
            let mut sizes = tuple.elems.into_iter().map(|element| size(errors, element));
            let (height, width) = (sizes.next()?, sizes.next()?);
            Some(PairAst::Two(height?, width?))
        }
        Expr::Tuple(tuple) => {
            let count = tuple.elems.len();
            let message = format!("expected a height and a width, but here are {count} sizes");
            errors.report(tuple, &message, "write two numbers, `(3, 3)`");
            None
        }
        other => size(errors, other).map(PairAst::Same),
    }
}

pub(crate) fn size(errors: &mut Errors, expression: Expr) -> Option<SizeAst> {
    match expression {
        Expr::Group(group) => return size(errors, *group.expr),
        Expr::Lit(ExprLit {
            lit: Lit::Int(literal),
            ..
        }) => return size_literal(errors, literal),
        Expr::Path(path) => match keyword_at_end(&path.path) {
            None => return Some(SizeAst::Const(path.to_token_stream())),
            Some(word) => {
                let message = format!("expected a size, but found the keyword `{word}`");
                errors.report(path, &message, SIZE_HELP);
            }
        },
        Expr::Lit(ExprLit {
            lit: Lit::Float(literal),
            ..
        }) => {
            let help = match literal.base10_digits().split_once('.') {
                Some((whole, "" | "0")) => format!("write `{whole}`"),
                _ => SIZE_HELP.to_owned(),
            };
            let message = format!("a size is a whole number, not `{literal}`");
            errors.report(literal, &message, &help);
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let message = format!("a size cannot be negative, but this is `{}`", spell(&unary));
            errors.report(&unary, &message, &format!("write `{}`", spell(&unary.expr)));
        }
        Expr::Lit(literal) => {
            let message = format!("expected a size, but found `{}`", spell(&literal));
            errors.report(literal, &message, SIZE_HELP);
        }
        other => errors.report(
            other,
            "expected a size, but found an expression",
            "give it a name, `const WIDTH: usize = ..;`, and write `WIDTH`",
        ),
    }
    None
}

fn size_literal(errors: &mut Errors, literal: LitInt) -> Option<SizeAst> {
    let suffix = literal.suffix();
    if !["", "usize"].contains(&suffix) {
        let message = format!("a size is a usize, but this ends in `{suffix}`");
        let help = format!("write `{}`", literal.base10_digits());
        errors.report(literal, &message, &help);
        return None;
    }
    Some(SizeAst::Literal(literal))
}

/// Whether it is written like a `const` item: `OUT`, `N_2`. No layer or activation is.
pub(crate) fn is_constant_case(word: &Ident) -> bool {
    !word.to_string().contains(char::is_lowercase)
}
