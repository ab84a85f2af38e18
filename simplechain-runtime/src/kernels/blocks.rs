//! Register blocks: splitting sums into blocks of a constant size.

/// The smaller of two.
pub(crate) const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// The larger of two.
pub(crate) const fn max(a: usize, b: usize) -> usize {
    if a < b { b } else { a }
}

/// Splits `n` sums into blocks whose sizes differ by at most one: the number of blocks of the larger size, that size, and the
/// number of blocks of the size below.
pub(crate) const fn blocks(n: usize, most: usize) -> (usize, usize, usize) {
    let count = n.div_ceil(most);
    let size = n.div_ceil(count);
    (n - (size - 1) * count, size, size * count - n)
}

/// The size, at most `most`, of equal blocks that cover `n` sums; they may overlap. Besides its sums, a block costs about as much as
/// half of the most sums would.
pub(crate) const fn block(n: usize, most: usize) -> usize {
    let mut best = min(n, most);
    let mut size = best;
    while size > 1 {
        size -= 1;
        if n.div_ceil(size) * (2 * size + most) < n.div_ceil(best) * (2 * best + most) {
            best = size;
        }
    }
    best
}

/// Calls `$f::<.., N>` for the constant `$n` of at most 16; the other arms never reach the code generator.
macro_rules! with_size {
    ($n:expr, $f:ident::<$($arg:ty),*>($($value:expr),* $(,)?)) => {
        match const { $n } {
            0 => {}
            1 => $f::<$($arg,)* 1>($($value),*),
            2 => $f::<$($arg,)* 2>($($value),*),
            3 => $f::<$($arg,)* 3>($($value),*),
            4 => $f::<$($arg,)* 4>($($value),*),
            5 => $f::<$($arg,)* 5>($($value),*),
            6 => $f::<$($arg,)* 6>($($value),*),
            7 => $f::<$($arg,)* 7>($($value),*),
            8 => $f::<$($arg,)* 8>($($value),*),
            9 => $f::<$($arg,)* 9>($($value),*),
            10 => $f::<$($arg,)* 10>($($value),*),
            11 => $f::<$($arg,)* 11>($($value),*),
            12 => $f::<$($arg,)* 12>($($value),*),
            13 => $f::<$($arg,)* 13>($($value),*),
            14 => $f::<$($arg,)* 14>($($value),*),
            15 => $f::<$($arg,)* 15>($($value),*),
            16 => $f::<$($arg,)* 16>($($value),*),
            _ => unreachable!(),
        }
    };
}
pub(crate) use with_size;

/// Calls `$f::<.., SIZE>(..)` for every block of `blocks($n, $most)`, which is constant; `$first` is the index of the block's first
/// sum. No code is generated for a size that does not occur. With a fourth argument it is one call for so many blocks of equal size, or for
/// those that are left; their number is `$count`.
macro_rules! for_blocks {
    ($n:expr, $most:expr, |$first:ident| {
        $f:ident::<$($arg:ty),*>($($value:expr),* $(,)?)
    }) => {{
        let (large, size, small) = const { blocks($n, $most) };
        for b in 0..large {
            let $first = b * size;
            with_size!(blocks($n, $most).1, $f::<$($arg),*>($($value),*));
        }
        for b in 0..small {
            let $first = large * size + b * (size - 1);
            with_size!(
                match blocks($n, $most) {
                    (_, _, 0) => 0,
                    (_, size, _) => size - 1,
                },
                $f::<$($arg),*>($($value),*)
            );
        }
    }};
    ($n:expr, $most:expr, $at_a_time:expr, |$first:ident, $count:ident| {
        $f:ident::<$($arg:ty),*>($($value:expr),* $(,)?)
    }) => {{
        let (large, size, small) = const { blocks($n, $most) };
        for b in (0..large).step_by($at_a_time) {
            let ($first, $count) = (b * size, min($at_a_time, large - b));
            with_size!(blocks($n, $most).1, $f::<$($arg),*>($($value),*));
        }
        for b in (0..small).step_by($at_a_time) {
            let $first = large * size + b * (size - 1);
            let $count = min($at_a_time, small - b);
            with_size!(
                match blocks($n, $most) {
                    (_, _, 0) => 0,
                    (_, size, _) => size - 1,
                },
                $f::<$($arg),*>($($value),*)
            );
        }
    }};
}
pub(crate) use for_blocks;

/// Unrolls the body for every `i` below `n`, which is at most 16: in a loop that is not unrolled, an array that it indexes
/// would be stored to memory.
macro_rules! unrolled {
    ($i:ident < $n:expr, $body:block) => {
        $crate::kernels::blocks::unrolled!(@ $i, $n, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $i:ident, $n:expr, $body:block, $($k:literal)*) => {$(
        if const { $k < $n } {
            let $i: usize = $k;
            $body
        }
    )*};
}
pub(crate) use unrolled;
