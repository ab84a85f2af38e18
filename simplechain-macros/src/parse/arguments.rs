//! The arguments of a layer: positional ones, then options.

use std::collections::VecDeque;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{Expr, ExprLit, Lit};

use crate::ast::{PaddingAst, PairAst, SizeAst, StrideAst};
use crate::error::{Errors, found};
use crate::keywords;
use crate::parse::activation::number;
use crate::parse::size::{is_constant_case, leading_expression, pair, size};
use crate::split::{self, is_colon, is_punct};

/// An option: a named argument of a layer.
#[derive(Clone, Copy)]
pub(crate) enum OptionWord {
    Bias,
    Stride,
    Padding,
    Groups,
    Period,
}

impl OptionWord {
    pub(crate) fn text(self) -> &'static str {
        match self {
            OptionWord::Bias => "bias",
            OptionWord::Stride => "stride",
            OptionWord::Padding => "padding",
            OptionWord::Groups => "groups",
            OptionWord::Period => "period",
        }
    }

    /// How it is written; part of several messages.
    fn example(self) -> &'static str {
        match self {
            OptionWord::Bias => "`bias = true` or `bias = false`",
            OptionWord::Stride => "`stride = 2` or `stride = (2, 1)`",
            OptionWord::Padding => "`padding = same`, `padding = 1` or `padding = (1, 0)`",
            OptionWord::Groups => "`groups = 2`",
            OptionWord::Period => "`period = 2.0`",
        }
    }
}

/// The arguments of a layer. An option that is not given has its default.
pub(crate) struct Arguments {
    /// The positional arguments; `None` if one of them is not an expression.
    pub(crate) values: Option<Vec<Expr>>,
    pub(crate) bias: bool,
    /// `None` if it is invalid.
    pub(crate) stride: Option<StrideAst>,
    /// `None` if it is invalid.
    pub(crate) padding: Option<PaddingAst>,
    pub(crate) groups: Option<SizeAst>,
    pub(crate) period: Option<TokenStream>,
}

/// Whether a value is a size, not an activation.
pub(crate) fn is_number(value: &Expr) -> bool {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(_) | Lit::Float(_),
            ..
        }) => true,
        Expr::Path(path) => path.path.get_ident().is_some_and(is_constant_case),
        _ => false,
    }
}

impl Arguments {
    /// Parses the arguments of a `layer` that has these `options`. Help messages show the `example`.
    pub(crate) fn of(
        errors: &mut Errors,
        options: &[OptionWord],
        example: &str,
        layer: &Ident,
        group: Option<&Group>,
    ) -> Self {
        let mut this = Self {
            values: Some(Vec::new()),
            bias: true,
            stride: Some(StrideAst::Default),
            padding: Some(PaddingAst::Valid),
            groups: None,
            period: None,
        };
        let mut given: Vec<String> = Vec::new();
        let mut arguments =
            VecDeque::from(group.map_or_else(Vec::new, |group| split::arguments(errors, group)));
        while let Some(argument) = arguments.pop_front() {
            if let [TokenTree::Ident(name), sign, value @ ..] = argument.as_slice()
                && (is_punct(sign, '=') || is_colon(&argument, 1))
            {
                if is_punct(sign, ':') {
                    errors.report(
                        sign,
                        "expected `=` after the name of an option, but found `:`",
                        &format!("write `{name} = ..`"),
                    );
                }
                this.option(errors, options, layer, name, value, &given);
                given.push(name.to_string());
                continue;
            }
            let help = format!("write `{example}`");
            let (value, rest) = leading_expression(errors, &argument, "an argument", &help);
            if let Some(first) = rest.first() {
                report_missing_comma(errors, first);
                arguments.push_front(rest);
            }
            let Some(value) = value else {
                this.values = None;
                continue;
            };
            if !given.is_empty() {
                errors.report(
                    &value,
                    "an argument without a name comes before the options",
                    "move it to the front",
                );
            }
            if let Some(values) = &mut this.values {
                values.push(value);
            }
        }
        this
    }

    fn option(
        &mut self,
        errors: &mut Errors,
        options: &[OptionWord],
        layer: &Ident,
        name: &Ident,
        value: &[TokenTree],
        before: &[String],
    ) {
        let text = name.to_string();
        let Some(option) = options.iter().find(|option| option.text() == text) else {
            let message = format!("unknown option `{name}` of `{layer}`");
            let options: Vec<_> = options.iter().map(|option| option.text()).collect();
            errors.report(name, &message, &keywords::option_help(&text, &options));
            return;
        };
        if before.contains(&text) {
            let message = format!("`{name}` is given twice");
            errors.report(name, &message, "remove one of the two");
        }
        let example = option.example();
        if value.is_empty() {
            let message = format!("`{name}` has no value");
            errors.report(name, &message, &format!("write {example}"));
            return;
        }
        match option {
            OptionWord::Bias => self.bias = bias(errors, value),
            OptionWord::Stride => {
                self.stride = numbers(errors, value, example).map(StrideAst::Given);
            }
            OptionWord::Padding => self.padding = padding(errors, value, example),
            OptionWord::Groups => {
                let value = only_value(errors, value, example);
                self.groups = value.and_then(|value| size(errors, value));
            }
            OptionWord::Period => {
                let value = only_value(errors, value, example);
                self.period = value.and_then(|value| number(errors, "the period", &value));
            }
        }
    }
}

/// The value of an option as an expression.
fn only_value(errors: &mut Errors, value: &[TokenTree], example: &str) -> Option<Expr> {
    let help = format!("write {example}");
    let (expression, rest) = leading_expression(errors, value, "a number", &help);
    if let Some(first) = rest.first() {
        report_missing_comma(errors, first);
    }
    expression
}

fn report_missing_comma(errors: &mut Errors, behind: &TokenTree) {
    errors.report(
        behind,
        &format!("expected `,` before {}", found(behind)),
        "arguments are separated by `,`",
    );
}

fn bias(errors: &mut Errors, value: &[TokenTree]) -> bool {
    match value {
        [TokenTree::Ident(value)] if value == "true" => true,
        [TokenTree::Ident(value)] if value == "false" => false,
        [TokenTree::Ident(value), behind, ..] if value == "true" || value == "false" => {
            report_missing_comma(errors, behind);
            value == "true"
        }
        [first, ..] => {
            let message = format!("`bias` is `true` or `false`, not {}", found(first));
            let tokens: TokenStream = value.iter().cloned().collect();
            errors.report(tokens, &message, "write `bias = true` or `bias = false`");
            true
        }
        [] => true,
    }
}

/// One size, or two in parentheses.
fn numbers(errors: &mut Errors, value: &[TokenTree], example: &str) -> Option<PairAst> {
    let value = only_value(errors, value, example)?;
    pair(errors, value)
}

fn padding(errors: &mut Errors, value: &[TokenTree], example: &str) -> Option<PaddingAst> {
    let [word] = value else {
        return numbers(errors, value, example).map(PaddingAst::Given);
    };
    let text = word.to_string();
    match text.as_str() {
        "valid" => return Some(PaddingAst::Valid),
        "same" => return Some(PaddingAst::Same),
        _ => {}
    }
    // In quotes or in capitals, as in other libraries.
    let plain = text.trim_matches('"').to_lowercase();
    let is_word = match word {
        TokenTree::Ident(word) => !is_constant_case(word),
        _ => false,
    };
    if !is_word && !keywords::PADDINGS.contains(&plain.as_str()) {
        return numbers(errors, value, example).map(PaddingAst::Given);
    }
    let help = keywords::nearest_padding(&plain)
        .map_or_else(|| format!("write {example}"), keywords::did_you_mean);
    errors.report(word, &format!("unknown padding `{word}`"), &help);
    None
}
