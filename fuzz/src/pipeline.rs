//! The macro: whatever the tokens are, it answers soon with tokens that parse, and does not panic.
//!
//! An input is the text of an invocation; or after a byte 0 a soup of words, one a byte; or after a byte 1 changes of a chain.

use std::fs;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use simplechain_fuzz_macros::simple_chain;

use crate::bytes::Bytes;

/// What an invocation may take, in a build with optimisation and nothing else running: with sanitizers or without optimisation it is
/// more.
const LIMIT: Duration = Duration::from_millis(if cfg!(fuzzing) || cfg!(debug_assertions) {
    500
} else {
    50
});

/// The longest time so far, in nanoseconds.
static SLOWEST: AtomicU64 = AtomicU64::new(0);

/// Between them they have every construct of the language, right and wrong.
const CHAINS: &[&str] = &[
    "#[doc = \"x\"] pub(crate) struct Net: 4 => dense(tanh, 32, bias = false) => dense(id, N) => 4; B: 2 => dense(sin, 1);",
    "(28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(2, 2) => flatten => dense(leaky_relu(0.01), 84) => dropout(0.1)",
    "(H, 28, 2) => conv(relu, (K, 3), C, stride = S, padding = same, groups = G, bias = false) => maxpool(W, 2) => flatten",
    "(16, 4) => conv(relu, 3, 6, padding = 1, groups = 2) => batch_norm => residual(conv(tanh, 3, 6, padding = 1)) => avgpool(2, stride = 1) => global_maxpool",
    "crate::N => dense(my::Act::<A, 3>::new(-0.5), 2 * M) -> dens(Snake { a: 1.0 }, 4usize), tanh => => 0x10",
    "Net: 4 => normalize(MEAN, 2.0) => residual(dense(Cube, 4) => dropout(RATE)) => concat(chain(Encoder), layer(own::Double<5>)) => frozen(layer_norm)",
    "pub struct A: 3 => fourier(2, period = 3.0) => chebyshev(4) => scale(0.5, D) => activation(sin) => rms_norm => standardize => unstandardize",
    "struct type<T> { 4u8 => dense[\"tanh\", 99999999999999999999] } | - :: <> => ? $ 'a' 'b 1e999 leaky_relu(1e999)",
];

/// The words of a soup.
const WORDS: &[&str] = &[
    "=>",
    "=>",
    "=>",
    ",",
    ",",
    ";",
    ":",
    "::",
    "=",
    "<",
    ">",
    "->",
    "-",
    ".",
    "#",
    "$",
    "|",
    "&",
    "?",
    "!",
    "*",
    "+",
    "~",
    "@",
    "0",
    "1",
    "2",
    "3",
    "4",
    "6",
    "28",
    "0.5",
    "1e999",
    "99999999999999999999",
    "4u8",
    "0x10",
    "1_0",
    "-1",
    "'a'",
    "'b",
    "\"x\"",
    "b\"x\"",
    "r#type",
    "pub",
    "struct",
    "crate",
    "self",
    "Self",
    "super",
    "fn",
    "where",
    "dyn",
    "_",
    "as",
    "in",
    "const",
    "unsafe",
    "true",
    "false",
    "N",
    "Net",
    "Act",
    "T",
    "my::Act",
    "same",
    "stride",
    "padding",
    "groups",
    "bias",
    "period",
    "dense",
    "conv",
    "maxpool",
    "avgpool",
    "global_maxpool",
    "global_avgpool",
    "flatten",
    "residual",
    "concat",
    "frozen",
    "chain",
    "layer",
    "activation",
    "dropout",
    "layer_norm",
    "rms_norm",
    "batch_norm",
    "normalize",
    "scale",
    "standardize",
    "unstandardize",
    "fourier",
    "chebyshev",
    "id",
    "tanh",
    "relu",
    "sigmoid",
    "softplus",
    "gelu",
    "gelu_tanh",
    "silu",
    "elu",
    "leaky_relu",
    "hard_tanh",
    "mish",
    "softsign",
    "sin",
    "linear",
    "Dense",
    "é",
];

/// What a byte beyond the words does: groups are opened and closed.
const DELIMITERS: [Delimiter; 4] = [
    Delimiter::Parenthesis,
    Delimiter::Parenthesis,
    Delimiter::Bracket,
    Delimiter::None,
];

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    let tokens = match data.split_first() {
        Some((0, words)) => soup(words),
        Some((1, changes)) => changed(Bytes(changes)),
        _ => match str::from_utf8(data).map(str::parse::<TokenStream>) {
            Ok(Ok(tokens)) => tokens,
            _ => return,
        },
    };
    let invocation = wrapped(&tokens);
    let (output, mut time) = timed(invocation.clone());
    let slowest = Duration::from_nanos(SLOWEST.load(Ordering::Relaxed));
    if time > slowest {
        // The clocks are coarse.
        let again = (0..5).map(|_| timed(invocation.clone()).1);
        time = again.fold(time, Duration::min);
    }
    if time > slowest {
        SLOWEST.fetch_max(time.as_nanos() as u64, Ordering::Relaxed);
        eprintln!("slowest: {time:.2?} for {} bytes", data.len());
    }
    assert!(time <= LIMIT, "{time:?} for {tokens}");
    let items = syn::parse2::<syn::File>(output.clone());
    if let Err(error) = items
        && syn::parse2::<syn::Block>(output.clone()).is_err()
    {
        panic!("neither items ({error}) nor a block: {output}\nof {tokens}");
    }
}

fn timed(invocation: TokenStream) -> (TokenStream, Duration) {
    let (start, start_cpu) = (Instant::now(), cpu_time());
    let output = simple_chain(invocation);
    // Both are at least what it takes: the one counts others too, the other moves in steps.
    let cpu = cpu_time().saturating_sub(start_cpu);
    (output, start.elapsed().min(cpu))
}

/// What this thread has computed, as Linux counts it; elsewhere the time since the first call, in which others compute too.
fn cpu_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let nanos = || {
        let line = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        line.split(' ').next()?.parse().ok()
    };
    nanos().map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// As the macro of `simplechain` passes tokens on.
fn wrapped(tokens: &TokenStream) -> TokenStream {
    let library = Ident::new("simplechain", Span::call_site());
    let start = [library.into(), Punct::new(';', Spacing::Alone).into()];
    start.into_iter().chain(tokens.clone()).collect()
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("words are made of tokens")
}

/// A word for each byte; what is open at the end is closed.
fn soup(words: &[u8]) -> TokenStream {
    let mut open = vec![(Delimiter::None, TokenStream::new())];
    for byte in words {
        let byte = usize::from(*byte);
        if let Some(word) = WORDS.get(byte) {
            open.last_mut()
                .expect("the outermost")
                .1
                .extend(tokens(word));
        } else if let Some(delimiter) = DELIMITERS.get((byte - WORDS.len()) % 8) {
            open.push((*delimiter, TokenStream::new()));
        } else if open.len() > 1 {
            close(&mut open);
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().expect("the outermost").1
}

fn close(open: &mut Vec<(Delimiter, TokenStream)>) {
    let (delimiter, inside) = open.pop().expect("a group");
    let group = Group::new(delimiter, inside);
    open.last_mut()
        .expect("one around it")
        .1
        .extend([TokenTree::from(group)]);
}

/// One of the chains with changes.
fn changed(mut bytes: Bytes<'_>) -> TokenStream {
    let chain = tokens(CHAINS[bytes.below(CHAINS.len())]);
    mutate(&mut bytes, chain)
}

/// Takes away, repeats, swaps or replaces tokens, here and inside of groups.
fn mutate(bytes: &mut Bytes<'_>, tokens: TokenStream) -> TokenStream {
    let mut mutated: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let what = bytes.below(64);
        let token = match token {
            TokenTree::Group(group) if what < 32 => {
                let inside = mutate(bytes, group.stream());
                let delimiter = match what {
                    1..=4 => DELIMITERS[what - 1],
                    _ => group.delimiter(),
                };
                Group::new(delimiter, inside).into()
            }
            token => token,
        };
        match what {
            32 => {}
            33 => mutated.extend([token.clone(), token]),
            34..=36 => {
                mutated.extend(word(bytes));
                mutated.push(token);
            }
            37..=40 => mutated.extend(word(bytes)),
            41 => mutated.insert(bytes.below(mutated.len()), token),
            42 => {
                let around = mem_group(bytes, &mut mutated);
                mutated.extend([around, token]);
            }
            _ => mutated.push(token),
        }
    }
    mutated.into_iter().collect()
}

fn word(bytes: &mut Bytes<'_>) -> TokenStream {
    tokens(WORDS[bytes.below(WORDS.len())])
}

/// What came so far, in a group.
fn mem_group(bytes: &mut Bytes<'_>, tokens: &mut Vec<TokenTree>) -> TokenTree {
    let from = bytes.below(tokens.len());
    let inside = tokens.split_off(from);
    Group::new(DELIMITERS[bytes.below(4)], inside.into_iter().collect()).into()
}
