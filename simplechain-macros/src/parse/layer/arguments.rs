//! What stands in the brackets of a layer: values by position, then options by name.

use std::collections::VecDeque;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{Expr, ExprLit, Lit};

use crate::ast::{PaddingAst, SizeAst, StrideAst};
use crate::error::{Errors, found};
use crate::parse::activation::number;
use crate::parse::size::{is_constant_case, leading_expression, pair, size};
use crate::split::{self, is_colon, is_punct};
use crate::words;

/// The arguments of a layer; an option that is not given has its default.
pub(super) struct Arguments {
    /// `None` if one of them is missing here, because it is no expression.
    pub(super) values: Option<Vec<Expr>>,
    pub(super) bias: bool,
    /// `None` if it is wrong.
    pub(super) stride: Option<StrideAst>,
    /// `None` if it is wrong.
    pub(super) padding: Option<PaddingAst>,
    pub(super) groups: Option<SizeAst>,
    pub(super) period: Option<TokenStream>,
}

/// Whether a value can only be a size.
pub(super) fn is_number(value: &Expr) -> bool {
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
    pub(super) fn of(
        errors: &mut Errors,
        known: &words::Layer,
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
        let mut options: Vec<String> = Vec::new();
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
                this.option(errors, known, layer, name, value, &options);
                options.push(name.to_string());
                continue;
            }
            let help = format!("write `{}`", known.example);
            let (value, rest) = leading_expression(errors, &argument, "an argument", &help);
            if let Some(first) = rest.first() {
                report_missing_comma(errors, first);
                arguments.push_front(rest);
            }
            let Some(value) = value else {
                this.values = None;
                continue;
            };
            if !options.is_empty() {
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
        known: &words::Layer,
        layer: &Ident,
        name: &Ident,
        value: &[TokenTree],
        before: &[String],
    ) {
        let text = name.to_string();
        if !known.options.contains(&text.as_str()) {
            let message = format!("unknown option `{name}` of `{layer}`");
            errors.report(name, &message, &words::option_help(&text, known.options));
            return;
        }
        if before.contains(&text) {
            let message = format!("`{name}` is given twice");
            errors.report(name, &message, "remove one of the two");
        }
        let values = match text.as_str() {
            "bias" => "`bias = true` or `bias = false`",
            "stride" => "`stride = 2` or `stride = (2, 1)`",
            "groups" => "`groups = 2`",
            "period" => "`period = 2.0`",
            _ => "`padding = same`, `padding = 1` or `padding = (1, 0)`",
        };
        if value.is_empty() {
            let message = format!("`{name}` has no value");
            errors.report(name, &message, &format!("write {values}"));
            return;
        }
        match text.as_str() {
            "bias" => self.bias = bias(errors, value),
            "stride" => self.stride = numbers(errors, value, values).map(StrideAst::Given),
            "groups" => {
                let help = format!("write {values}");
                let (expression, rest) = leading_expression(errors, value, "a number", &help);
                if let Some(first) = rest.first() {
                    report_missing_comma(errors, first);
                }
                self.groups = expression.and_then(|value| size(errors, value));
            }
            "period" => {
                let help = format!("write {values}");
                let (expression, rest) = leading_expression(errors, value, "a number", &help);
                if let Some(first) = rest.first() {
                    report_missing_comma(errors, first);
                }
                let period = expression.and_then(|value| number(errors, "the period", &value));
                self.period = period;
            }
            _ => self.padding = padding(errors, value, values),
        }
    }
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

/// One number, or two in brackets.
fn numbers(errors: &mut Errors, value: &[TokenTree], values: &str) -> Option<crate::ast::PairAst> {
    let help = format!("write {values}");
    let (expression, rest) = leading_expression(errors, value, "a number", &help);
    if let Some(first) = rest.first() {
        report_missing_comma(errors, first);
    }
    pair(errors, expression?)
}

fn padding(errors: &mut Errors, value: &[TokenTree], values: &str) -> Option<PaddingAst> {
    let [word] = value else {
        return numbers(errors, value, values).map(PaddingAst::Given);
    };
    let text = word.to_string();
    match text.as_str() {
        "valid" => return Some(PaddingAst::Valid),
        "same" => return Some(PaddingAst::Same),
        _ => {}
    }
    // In quotes or in capitals, as other libraries have it.
    let plain = text.trim_matches('"').to_lowercase();
    let is_word = match word {
        TokenTree::Ident(word) => !is_constant_case(word),
        _ => false,
    };
    if !is_word && !words::PADDINGS.contains(&plain.as_str()) {
        return numbers(errors, value, values).map(PaddingAst::Given);
    }
    let help = words::nearest_padding(&plain)
        .map_or_else(|| format!("write {values}"), words::did_you_mean);
    errors.report(word, &format!("unknown padding `{word}`"), &help);
    None
}
