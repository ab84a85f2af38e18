//! The geometry of windows over an image: the sizes that convolution and pooling share.

use core::marker::PhantomData;

/// The sizes of an image, of a window that moves over it, and of what comes out.
///
/// The window of output pixel `(oy, ox)` has its first row at `oy * SH - TOP` and its first column at
/// `ox * SW - LEFT` of the image; what lies outside the image is padding and counts as 0.
pub trait Geometry: Copy + Send + Sync + 'static {
    /// Rows of the image.
    const H: usize;
    /// Columns of the image.
    const W: usize;
    /// Channels of the image.
    const C: usize;
    /// Rows of the window.
    const KH: usize;
    /// Columns of the window.
    const KW: usize;
    /// Rows from one window to the next.
    const SH: usize;
    /// Columns from one window to the next.
    const SW: usize;
    /// Rows of padding above the image.
    const TOP: usize;
    /// Columns of padding to the left of the image.
    const LEFT: usize;
    /// Rows of windows.
    const OH: usize;
    /// Columns of windows.
    const OW: usize;

    /// Whether some window extends over the edge of the image.
    const PADDED: bool = Self::TOP > 0
        || Self::LEFT > 0
        || (Self::OH - 1) * Self::SH + Self::KH > Self::H
        || (Self::OW - 1) * Self::SW + Self::KW > Self::W;
    /// Elements in the image.
    const INPUT_LEN: usize = Self::H * Self::W * Self::C;
}

/// The image: rows, columns and channels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Image<const H: usize, const W: usize, const C: usize>;

/// The size of the window: rows and columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size<const KH: usize, const KW: usize>;

/// The stride: rows and columns from one window to the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Step<const SH: usize, const SW: usize>;

/// Rows of padding above and columns to the left of the image; those below and to the right, if they differ.
#[derive(Clone, Copy, Debug, Default)]
pub struct Padding<
    const TOP: usize,
    const LEFT: usize,
    const BOTTOM: usize = TOP,
    const RIGHT: usize = LEFT,
>;

/// The [`Geometry`] of an [`Image`] `I` and a window of [`Size`] `K`, [`Step`] `S` and [`Padding`] `P`: there are as many windows as
/// fit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window<I, K, S = Step<1, 1>, P = Padding<0, 0>>(PhantomData<(I, K, S, P)>);

impl<
    const H: usize,
    const W: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const TOP: usize,
    const LEFT: usize,
    const BOTTOM: usize,
    const RIGHT: usize,
> Geometry
    for Window<Image<H, W, C>, Size<KH, KW>, Step<SH, SW>, Padding<TOP, LEFT, BOTTOM, RIGHT>>
{
    const H: usize = H;
    const W: usize = W;
    const C: usize = C;
    const KH: usize = KH;
    const KW: usize = KW;
    const SH: usize = SH;
    const SW: usize = SW;
    const TOP: usize = TOP;
    const LEFT: usize = LEFT;
    const OH: usize = windows(TOP + H + BOTTOM, KH, SH);
    const OW: usize = windows(LEFT + W + RIGHT, KW, SW);
}

/// How many windows fit along a side of this length, padding included. A remainder at the end is in none.
pub const fn windows(side: usize, size: usize, step: usize) -> usize {
    match side.checked_sub(size) {
        // The macro reports a step of 0.
        Some(rest) if step > 0 => rest / step + 1,
        Some(rest) => rest + 1,
        None => 0,
    }
}

/// The windows of `G` that the pool windows `P` over its output see: `P` may leave out a last row or column.
#[derive(Clone, Copy, Debug)]
pub struct Pooled<G, P>(G, P);

impl<G: Geometry, P: Geometry> Geometry for Pooled<G, P> {
    const H: usize = G::H;
    const W: usize = G::W;
    const C: usize = G::C;
    const KH: usize = G::KH;
    const KW: usize = G::KW;
    const SH: usize = G::SH;
    const SW: usize = G::SW;
    const TOP: usize = G::TOP;
    const LEFT: usize = G::LEFT;
    const OH: usize = P::OH * P::KH;
    const OW: usize = P::OW * P::KW;
}

/// The windows of the image that the pool windows `P` over the output of `G` see: a convolution and its pool as one.
#[derive(Clone, Copy, Debug)]
pub struct PoolWindows<G, P>(G, P);

impl<G: Geometry, P: Geometry> Geometry for PoolWindows<G, P> {
    const H: usize = G::H;
    const W: usize = G::W;
    const C: usize = G::C;
    const KH: usize = G::KH + (P::KH - 1) * G::SH;
    const KW: usize = G::KW + (P::KW - 1) * G::SW;
    const SH: usize = P::SH * G::SH;
    const SW: usize = P::SW * G::SW;
    const TOP: usize = G::TOP;
    const LEFT: usize = G::LEFT;
    const OH: usize = P::OH;
    const OW: usize = P::OW;
}

/// A window of `G` by itself, its rows one after the other.
#[derive(Clone, Copy, Debug)]
pub struct OneWindow<G>(G);

impl<G: Geometry> Geometry for OneWindow<G> {
    const H: usize = G::KH;
    const W: usize = G::KW;
    const C: usize = 1;
    const KH: usize = G::KH;
    const KW: usize = G::KW;
    const SH: usize = G::SH;
    const SW: usize = G::SW;
    const TOP: usize = 0;
    const LEFT: usize = 0;
    const OH: usize = 1;
    const OW: usize = 1;
}
