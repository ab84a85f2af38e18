//! Architectures as JSON: any text is that of the chain, or an error that says where it differs.

use simplechain::prelude::*;

use crate::chains::{Others, Plain, Windows};
use crate::files::{check_message, within_memory};

/// The tree of a text takes many times its length.
const FIXED: usize = 64 << 10;
const TIMES: usize = 100;

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    chain(Plain, &text);
    chain(Others, &text);
    chain(Windows, &text);
}

fn chain<C: Chain>(chain: C, text: &str) {
    let checked = within_memory(FIXED, TIMES, text.as_bytes(), || {
        chain.check_architecture(text)
    });
    match checked {
        // The fingerprint is part of the text, in some spelling.
        Ok(()) => assert!(text.contains("fingerprint")),
        Err(error) => check_message(&error),
    }
}
