//! `concat(layer => .., layer => ..)`: the outputs of several branches, concatenated.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{parse_parts, plan};
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{self, LayerKind, NamedKind, Nested, Requirement};
use crate::layers::{At, Call, ChainAst, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::shape::{Shape, Size};
use crate::split;

pub(in super::super) const CONCAT: Entry = Entry {
    word: "concat",
    aliases: &["parallel", "concatenate", "branch"],
    options: &[],
    example: "concat(dense(tanh, 8), dense(sin, 8))",
    parse: Parse::Tokens(parse),
};

struct ParsedConcat {
    /// At least two, otherwise that is reported.
    chains: Vec<ChainAst>,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>) -> Box<dyn ParsedLayer> {
    let parts = call
        .group
        .map_or_else(Vec::new, |group| split::arguments(parser.errors, group));
    let what = "at least 2 branches of layers";
    let chains = parse_parts(parser, call, &parts, 2, what);
    Box::new(ParsedConcat { chains })
}

impl ParsedLayer for ParsedConcat {
    fn needs(&self) -> Form {
        Form::Any
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let input = input?;
        let mut branches = branches(checker, at, input, &self.chains)?;
        let mut second = branches.pop()?;
        let mut first = branches.pop()?;
        // Pairwise, starting with the last two.
        while let Some(before) = branches.pop() {
            let name = format!("concat_{}_{}", at.index, branches.len() + 1);
            second = pair_of_branches(checker, at.word, name, input, first, second)?;
            first = before;
        }
        let shapes = [&first.output, &second.output].map(Shape::clone);
        *output = side_by_side(checker, at.word, at.index, shapes);
        let param_count = first.param_count.plus(&second.param_count);
        let nested = Nested::Concat(Box::new([first, second]));
        Some(plan(at, param_count, nested))
    }
}

/// The resolved branches; `None` if one has a mistake.
fn branches(
    checker: &mut Checker<'_>,
    at: &At<'_>,
    input: &Shape,
    chains: &[ChainAst],
) -> Option<Vec<ir::Chain>> {
    let mut branches = Vec::new();
    for (branch, chain) in chains.iter().enumerate() {
        branches.extend(checker.branch(at.index, branch, input, chain));
    }
    (branches.len() == chains.len()).then_some(branches)
}

/// The shape of two concatenated outputs: elements if flat, channels if images.
fn side_by_side(
    checker: &mut Checker<'_>,
    word: &Ident,
    index: usize,
    shapes: [Shape; 2],
) -> Option<Shape> {
    let name = format!("concat_{index}");
    let open = shapes
        .each_ref()
        .map(|shape| matches!(shape, Shape::Open { .. }));
    if open.contains(&true) {
        checker.requirements.push(Requirement::SideBySide {
            place: word.to_token_stream(),
            shapes: shapes.clone(),
        });
    }
    let [one, other] = shapes;
    if open == [true, true] {
        let len = checker.number(one.len().plus(&other.len()), &name);
        let joined = quote_mixed!(__lib::check::joined(#one, #other));
        let shape = checker.named(&format!("{name}_shape"), NamedKind::Shape, joined);
        return Some(Shape::Open { shape, len });
    }
    let (one, other) = (
        as_other(checker, &one, &other, &name),
        as_other(checker, &other, &one, &name),
    );
    match (&one, &other) {
        (Shape::Flat(a), Shape::Flat(b)) => Some(Shape::Flat(checker.number(a.plus(b), &name))),
        (
            Shape::Image {
                height,
                width,
                channels,
            },
            Shape::Image {
                height: other_height,
                width: other_width,
                channels: other_channels,
            },
        ) if may_be_equal(height, other_height) && may_be_equal(width, other_width) => {
            for (takes, gets) in [(height, other_height), (width, other_width)] {
                let known = takes.literal().is_some() && gets.literal().is_some();
                if !known && open == [false, false] {
                    checker.requirements.push(Requirement::Equal {
                        function: "concat",
                        place: word.to_token_stream(),
                        takes: takes.to_token_stream(),
                        gets: gets.clone(),
                    });
                }
            }
            Some(Shape::Image {
                height: height.clone(),
                width: width.clone(),
                channels: checker.number(channels.plus(other_channels), &name),
            })
        }
        (a, b) => {
            let message = format!(
                "the branches of `{word}` must be flat, or images of one height and width, but they are {a} and {b}"
            );
            let help = "end both with `flatten`, or give them the same stride and padding";
            checker.errors.report(word, &message, help);
            None
        }
    }
}

/// A shape that only rustc knows, in the form of `other`. Whether it has that form is checked by rustc.
fn as_other(checker: &mut Checker<'_>, shape: &Shape, other: &Shape, name: &str) -> Shape {
    match (shape, other) {
        (Shape::Open { shape, .. }, Shape::Image { .. }) => {
            checker.as_image(shape, &format!("{name}_"))
        }
        (Shape::Open { len, .. }, _) => Shape::Flat(len.clone()),
        _ => shape.clone(),
    }
}

/// Whether two sizes are equal, or one of them is known to rustc only.
fn may_be_equal(one: &Size, other: &Size) -> bool {
    match (one.literal(), other.literal()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Two branches combined into one: a chain with a single layer.
fn pair_of_branches(
    checker: &mut Checker<'_>,
    word: &Ident,
    name: String,
    input: &Shape,
    first: ir::Chain,
    second: ir::Chain,
) -> Option<ir::Chain> {
    let outside = checker.prefix.clone();
    checker.prefix = format!("{outside}{name}_");
    let shapes = [&first.output, &second.output].map(Shape::clone);
    let output = side_by_side(checker, word, 0, shapes);
    let params_end = first.param_count.plus(&second.param_count);
    let chain = output.map(|output| {
        let layer = ir::Layer {
            kind: LayerKind::Nested(Nested::Concat(Box::new([first, second]))),
            input: input.clone(),
            output: output.clone(),
            params_start: Size::ZERO,
            params_end: params_end.clone(),
            pooled: false,
        };
        checker.assemble(input.clone(), output, params_end, vec![layer])
    });
    checker.prefix = outside;
    chain
}
