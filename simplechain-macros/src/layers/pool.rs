//! `maxpool(height, width, stride = ..)` and `avgpool(..)`, with one length for a sequence; `global_maxpool` and
//! `global_avgpool`

use proc_macro2::TokenStream;
use syn::Expr;

use super::window::{self, Place, Window, WindowName, image_info};
use super::{At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::ast::{PairAst, StrideAst};
use crate::checker::Checker;
use crate::error::{Errors, spell};
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::parse::arguments::{Arguments, OptionWord, is_number};
use crate::parse::size::{pair, size};
use crate::shape::{Shape, Size};

pub(super) const MAXPOOL: Entry = Entry {
    word: "maxpool",
    aliases: &["pool", "pooling", "maxpooling"],
    options: &[OptionWord::Stride],
    example: "maxpool(2, 2)",
    parse: Parse::Arguments(|parser, call, arguments| {
        parse(parser, call, arguments, Statistic::Max)
    }),
};

pub(super) const AVGPOOL: Entry = Entry {
    word: "avgpool",
    aliases: &["averagepool", "averagepooling", "avgpooling", "meanpool"],
    options: &[OptionWord::Stride],
    example: "avgpool(2, 2)",
    parse: Parse::Arguments(|parser, call, arguments| {
        parse(parser, call, arguments, Statistic::Average)
    }),
};

pub(super) const GLOBAL_MAXPOOL: Entry = Entry {
    word: "global_maxpool",
    aliases: &["globalmaxpooling", "adaptivemaxpool"],
    options: &[],
    example: "global_maxpool",
    parse: Parse::Word(|| Box::new(ParsedGlobalPool(Statistic::Max))),
};

pub(super) const GLOBAL_AVGPOOL: Entry = Entry {
    word: "global_avgpool",
    aliases: &["globalaveragepooling", "adaptiveavgpool", "gap"],
    options: &[],
    example: "global_avgpool",
    parse: Parse::Word(|| Box::new(ParsedGlobalPool(Statistic::Average))),
};

/// What a pool computes from the pixels of a window.
#[derive(Clone, Copy)]
enum Statistic {
    Max,
    Average,
}

struct ParsedPool {
    statistic: Statistic,
    window: Option<PairAst>,
    stride: Option<StrideAst>,
}

struct ParsedGlobalPool(Statistic);

struct Pool {
    statistic: Statistic,
    window: Window,
}

fn parse(
    parser: &mut Parser<'_>,
    call: &Call<'_>,
    arguments: Arguments,
    statistic: Statistic,
) -> Box<dyn ParsedLayer> {
    let values = arguments.values;
    let window = values.and_then(|values| parse_window(parser.errors, call, values));
    Box::new(ParsedPool {
        statistic,
        window,
        stride: arguments.stride,
    })
}

/// The positional arguments: a height and a width.
fn parse_window(errors: &mut Errors, call: &Call<'_>, values: Vec<Expr>) -> Option<PairAst> {
    let Call {
        word, whole, entry, ..
    } = call;
    let written = entry.word;
    let mut values = values.into_iter().peekable();
    if let Some(first) = values.peek()
        && !is_number(first)
        && matches!(first, Expr::Path(_) | Expr::Call(_))
    {
        let message = format!("`{word}` has no activation");
        let help = "remove it; an activation belongs to the layer before";
        errors.report(first, &message, help);
        values.next();
    }
    match (values.next(), values.next()) {
        (None, _) => {
            let message =
                format!("`{word}` takes 2 arguments, a height and a width, but here are none");
            errors.report(whole, &message, &format!("write `{}`", entry.example));
            None
        }
        (Some(Expr::Tuple(tuple)), None) => {
            let message = format!("the window of `{word}` stands without brackets of its own");
            let sizes: Vec<String> = tuple.elems.iter().map(spell).collect();
            let help = format!("write `{written}({})`", sizes.join(", "));
            errors.report(&tuple, &message, &help);
            pair(errors, Expr::Tuple(tuple))
        }
        // For a sequence.
        (Some(side), None) => size(errors, side).map(PairAst::Same),
        (Some(height), Some(width)) => {
            let (height, width) = (size(errors, height), size(errors, width));
            for (extra, count) in values.zip(3..) {
                let message = format!("`{word}` takes 2 arguments, but this is number {count}");
                let help = format!("remove it, or name it: `stride = {}`", spell(&extra));
                errors.report(extra, &message, &help);
            }
            Some(PairAst::Two(height?, width?))
        }
    }
}

impl ParsedLayer for ParsedPool {
    fn needs(&self) -> Form {
        Form::Image
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let kernel = window::pair(checker, self.window.as_ref(), &at.name("kernel"));
        let stride = window::stride(checker, self.stride.as_ref(), at, kernel.as_ref());
        let image = window::image(checker, at, input, "pooled")?;
        let (mut kernel, mut stride) = (kernel?, stride?);
        let place = Place {
            tokens: self.window.as_ref()?,
            name: WindowName::Window,
            at,
        };
        window::along_sequence(checker, &image, &place, &mut kernel)?;
        match self.stride.as_ref()? {
            StrideAst::Default => stride = kernel.clone(),
            StrideAst::Given(PairAst::Same(_)) if place.is_along_sequence() => {
                stride[0] = Size::Literal(1);
            }
            StrideAst::Given(_) => {}
        }
        let window = Window {
            kernel,
            stride,
            padding: [Size::ZERO, Size::ZERO],
            after: [Size::ZERO, Size::ZERO],
        };
        let places = window::places(checker, &place, &image, &window)?;
        let [_, _, channels] = image;
        *output = Some(window::output_image(checker, at, places, channels));
        Some(Plan::of(Pool {
            statistic: self.statistic,
            window,
        }))
    }
}

impl ParsedLayer for ParsedGlobalPool {
    fn needs(&self) -> Form {
        Form::Image
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let [height, width, channels] = window::image(checker, at, input, "pooled")?;
        *output = Some(Shape::Image {
            height: Size::Literal(1),
            width: Size::Literal(1),
            channels,
        });
        let kernel = [height, width];
        Some(Plan::of(Pool {
            statistic: self.0,
            window: Window {
                stride: kernel.clone(),
                kernel,
                padding: [Size::ZERO, Size::ZERO],
                after: [Size::ZERO, Size::ZERO],
            },
        }))
    }
}

/// The largest pool window, in pixels, that fits into a block of registers.
const MOST_POOLED: u64 = 9;

impl ResolvedLayer for Pool {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let window = self.window.type_in(layer);
        let pool = match self.statistic {
            Statistic::Max => quote_mixed!(__lib::MaxPool),
            Statistic::Average => quote_mixed!(__lib::AvgPool),
        };
        Definition::of(quote_mixed!(#pool<#window>), quote_mixed!(#pool::new()))
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let name = match self.statistic {
            Statistic::Max => "maxpool",
            Statistic::Average => "avgpool",
        };
        let (input, output) = (image_info(&layer.input), image_info(&layer.output));
        let (window, start) = (self.window.info(), &layer.params_start);
        quote_mixed!(__lib::pool(#name, #input, #output, #window, #start))
    }

    fn pools_in_registers(&self) -> bool {
        let Window { kernel, stride, .. } = &self.window;
        let [height, width] = kernel.each_ref().map(Size::literal);
        let sizes = height.zip(width);
        let strides = stride[0].literal().zip(stride[1].literal());
        let fits =
            sizes == strides && sizes.is_some_and(|(height, width)| height * width <= MOST_POOLED);
        match self.statistic {
            Statistic::Max => fits,
            Statistic::Average => false,
        }
    }
}
