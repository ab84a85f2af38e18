//! The macro: whatever the tokens are, it answers soon with tokens that parse, and does not panic.

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use proc_macro2::{Delimiter, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use simplechain_fuzz_macros::simple_chain;

use crate::invocations;

/// What an invocation may take, in a build with optimisation and nothing else running: with sanitizers or without optimisation it is
/// more.
const LIMIT: Duration = Duration::from_millis(if cfg!(fuzzing) || cfg!(debug_assertions) {
    500
} else {
    50
});

/// An invocation that takes less is not timed again.
const UNWATCHED: Duration = LIMIT.checked_div(100).expect("not by zero");

/// What has been seen so far.
static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Seen {
    slowest: Duration,
    no_tokens: usize,
    accepted: usize,
    refused: usize,
    /// Hashes of the invocations, where it is the replay that counts.
    distinct: HashSet<u64>,
    distinct_accepted: usize,
}

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    let mut seen = SEEN.lock().expect("no panic goes on");
    let Some(tokens) = invocations::invocation(data) else {
        seen.no_tokens += 1;
        return;
    };
    let start = Instant::now();
    let output = simple_chain(wrapped(&tokens));
    let mut time = start.elapsed();
    if time > seen.slowest.max(UNWATCHED) {
        // That may have been another process: the least of several.
        for _ in 0..5 {
            time = time.min(timed(&tokens));
            if time <= seen.slowest {
                break;
            }
        }
        if time > seen.slowest {
            seen.slowest = time;
            eprintln!("slowest: {time:.2?} for {} bytes", data.len());
        }
        assert!(time <= LIMIT, "{time:?} for {tokens}");
    }
    let accepted = parsed(output).unwrap_or_else(|error| {
        let output = simple_chain(wrapped(&tokens));
        panic!("neither items nor a block ({error}): {output}\nof {tokens}");
    });
    assert!(
        accepted || !invocations::is_right(data),
        "refused: {tokens}"
    );
    *(if accepted {
        &mut seen.accepted
    } else {
        &mut seen.refused
    }) += 1;
    if !cfg!(fuzzing) && seen.distinct.insert(hash(&tokens)) {
        seen.distinct_accepted += usize::from(accepted);
    }
}

/// What the inputs were, so that it shows if they are all alike.
pub fn summary() -> String {
    let seen = SEEN.lock().expect("no panic goes on");
    format!(
        "{} accepted, {} refused, {} no tokens; {} distinct, {} of them accepted; none took more than {:.2?}",
        seen.accepted,
        seen.refused,
        seen.no_tokens,
        seen.distinct.len(),
        seen.distinct_accepted,
        seen.slowest.max(UNWATCHED)
    )
}

/// As the macro of `simplechain` passes tokens on.
fn wrapped(tokens: &TokenStream) -> TokenStream {
    let library = Ident::new("simplechain", Span::call_site());
    let start = [library.into(), Punct::new(';', Spacing::Alone).into()];
    start.into_iter().chain(tokens.clone()).collect()
}

/// Of another expansion.
fn timed(tokens: &TokenStream) -> Duration {
    let invocation = wrapped(tokens);
    let (start, start_cpu) = (Instant::now(), cpu_time());
    drop(simple_chain(invocation));
    // Both are at least what it takes: the one counts others too, the other moves in steps.
    let cpu = cpu_time().saturating_sub(start_cpu);
    start.elapsed().min(cpu)
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

/// Whether an expansion has no error in it.
fn parsed(output: TokenStream) -> syn::Result<bool> {
    let accepted = !has_error(output.clone());
    if is_block(output.clone()) {
        syn::parse2::<syn::Block>(output)?;
    } else {
        syn::parse2::<syn::File>(output)?;
    }
    Ok(accepted)
}

fn is_block(output: TokenStream) -> bool {
    let mut tokens = output.into_iter();
    let first = tokens.next();
    let is_group =
        |token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    first.is_some_and(is_group) && tokens.next().is_none()
}

fn has_error(output: TokenStream) -> bool {
    output.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_error(group.stream()),
        TokenTree::Ident(word) => word == "compile_error",
        _ => false,
    })
}

/// Of the text of tokens.
fn hash(tokens: &TokenStream) -> u64 {
    struct Text(DefaultHasher);
    impl Write for Text {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut text = Text(DefaultHasher::new());
    write!(text, "{tokens}").expect("a hash takes everything");
    text.0.finish()
}
