//! Finds the ends of items, layers and arguments. The only file that looks at the punctuation between them.
//!
//! Splitting comes before parsing, so that a mistake in one layer cannot hide those in the next.

use std::mem;

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::error::Errors;

pub(crate) const JOIN: &str = "layers are joined with `=>`";

/// The tokens, with the invisible groups opened that `macro_rules!` puts around its `$fragments`.
///
/// The contents of visible groups are unchanged.
pub(crate) fn open_invisible_groups(tokens: TokenStream) -> Vec<TokenTree> {
    let mut open = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                open.extend(open_invisible_groups(group.stream()));
            }
            token => open.push(token),
        }
    }
    open
}

pub(crate) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Whether there is a `:` at `at` that is not half of a `::`.
pub(crate) fn is_colon(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| match tokens.get(at) {
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => Some(punct),
        _ => None,
    };
    let joint = |punct: &Punct| punct.spacing() == Spacing::Joint;
    let second_half = at > 0 && colon(at - 1).is_some_and(joint);
    let first_half = colon(at).is_some_and(joint) && colon(at + 1).is_some();
    colon(at).is_some() && !first_half && !second_half
}

/// The tokens of one item: a header, and a chain after the colon.
#[derive(Default)]
pub(crate) struct ItemTokens {
    pub(crate) header: Vec<TokenTree>,
    pub(crate) colon: Option<TokenTree>,
    pub(crate) chain: Vec<TokenTree>,
}

impl ItemTokens {
    fn is_empty(&self) -> bool {
        self.header.is_empty() && self.colon.is_none()
    }
}

/// The items of one invocation, separated by `;`.
pub(crate) fn items(errors: &mut Errors, tokens: &[TokenTree]) -> Vec<ItemTokens> {
    let mut items = Vec::new();
    let mut item = ItemTokens::default();
    for (at, token) in tokens.iter().enumerate() {
        let in_chain = item.colon.is_some();
        if is_punct(token, ';') {
            items.push(mem::take(&mut item));
        } else if in_chain && starts_item(token) {
            errors.report(
                token,
                "expected `;` before the next chain",
                "several chains in one `simple_chain!` are separated by `;`",
            );
            items.push(mem::take(&mut item));
            item.header.push(token.clone());
        } else if in_chain {
            item.chain.push(token.clone());
        } else if is_colon(tokens, at) {
            item.colon = Some(token.clone());
        } else {
            item.header.push(token.clone());
        }
    }
    items.push(item);
    items.retain(|item| !item.is_empty());
    items
}

fn starts_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => word == "pub" || word == "struct",
        token => is_punct(token, '#'),
    }
}

/// The parts of a chain between its `=>`; mistakes in the arrows are reported.
///
/// The first part is the input, empty if the chain starts with an arrow. The others are never empty.
pub(crate) fn segments(errors: &mut Errors, tokens: &[TokenTree]) -> Vec<Vec<TokenTree>> {
    let mut segments = Vec::new();
    let mut segment = Vec::new();
    let mut separator = None;
    let mut rest = tokens;
    while let Some((piece, after)) = Piece::first_of(rest) {
        match piece {
            Piece::Inside(tokens) => {
                if separator.take().is_some() {
                    segments.push(mem::take(&mut segment));
                }
                segment.extend_from_slice(tokens);
            }
            Piece::Arrow(arrow) => {
                match separator {
                    Some(Piece::Arrow(_)) => {
                        errors.report(all(arrow), "`=>` is doubled", "remove one of the two");
                    }
                    None if segment.is_empty() => errors.report(
                        all(arrow),
                        "a chain starts with the size of its input, which is missing",
                        "write `4 => ..`",
                    ),
                    _ => {}
                }
                separator = Some(piece);
            }
            Piece::Wrong(wrong) => {
                report_wrong_arrow(errors, wrong, after.is_empty());
                separator = Some(piece);
            }
        }
        rest = after;
    }
    if let Some(Piece::Arrow(arrow)) = separator {
        let help = "remove it, or write the layer that is missing";
        errors.report(all(arrow), "nothing follows this `=>`", help);
    }
    segments.push(segment);
    segments
}

fn report_wrong_arrow(errors: &mut Errors, wrong: &[TokenTree], is_last: bool) {
    let text = run(wrong);
    if is_last {
        let message = format!("unexpected `{text}` at the end of the chain");
        errors.report(all(wrong), &message, "remove it");
    } else {
        let message = format!("expected `=>`, but found `{text}`");
        errors.report(all(wrong), &message, JOIN);
    }
}

fn all(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

/// The tokens of a chain, classified by their role for arrows.
enum Piece<'a> {
    /// A token of a segment, or the two of a `::`.
    Inside(&'a [TokenTree]),
    Arrow(&'a [TokenTree]),
    /// Punctuation that can only be meant as an arrow.
    Wrong(&'a [TokenTree]),
}

impl<'a> Piece<'a> {
    /// The first piece and what follows it.
    fn first_of(tokens: &'a [TokenTree]) -> Option<(Self, &'a [TokenTree])> {
        if tokens.is_empty() {
            return None;
        }
        let run = run(tokens);
        let (len, piece): (_, fn(&'a [TokenTree]) -> Self) = if run.starts_with("=>") {
            (2, Piece::Arrow)
        } else if run.starts_with("::") {
            (2, Piece::Inside)
        } else if run.contains(['=', '>', '<', '|', ',', ':', ';', '~']) {
            (run.len(), Piece::Wrong)
        } else {
            (1, Piece::Inside)
        };
        let (piece_tokens, after) = tokens.split_at(len);
        Some((piece(piece_tokens), after))
    }
}

/// The punctuation at the start of `tokens` that is written without spaces.
fn run(tokens: &[TokenTree]) -> String {
    let mut run = String::new();
    for token in tokens {
        let TokenTree::Punct(punct) = token else {
            break;
        };
        run.push(punct.as_char());
        if punct.spacing() == Spacing::Alone {
            break;
        }
    }
    run
}

/// The arguments between the parentheses of `group`, without the `,` between them.
///
/// A comma between angle brackets, as in `Act::<A, B>` or `Act<A, B>`, does not end an argument. A trailing comma is allowed.
pub(crate) fn arguments(errors: &mut Errors, group: &Group) -> Vec<Vec<TokenTree>> {
    let tokens = open_invisible_groups(group.stream());
    let mut arguments = Vec::new();
    let mut argument: Vec<TokenTree> = Vec::new();
    let mut depth = 0_usize;
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' && depth == 0 => {
                if argument.is_empty() {
                    errors.report(
                        comma,
                        "an argument is missing before this `,`",
                        "remove the `,`",
                    );
                } else {
                    arguments.push(mem::take(&mut argument));
                }
                continue;
            }
            TokenTree::Punct(open) if open.as_char() == '<' => {
                // In an expression, generic arguments need a `::`, which `Act<3>` lacks.
                if depth == 0 && matches!(argument.last(), Some(TokenTree::Ident(_))) {
                    argument.extend(path_separator(open.span()));
                }
                depth += 1;
            }
            token if is_punct(token, '>') => depth = depth.saturating_sub(1),
            _ => {}
        }
        argument.push(token);
    }
    if !argument.is_empty() {
        arguments.push(argument);
    }
    arguments
}

/// `::`
fn path_separator(span: Span) -> [TokenTree; 2] {
    [Spacing::Joint, Spacing::Alone].map(|spacing| {
        let mut colon = Punct::new(':', spacing);
        colon.set_span(span);
        colon.into()
    })
}
