//! Reading the time, on targets that have a clock.

#[cfg(all(
    feature = "std",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
pub(crate) use std::time::Instant;

/// Whether time passes: there is no clock on `wasm32-unknown-unknown`, nor without the standard library.
#[cfg(feature = "std")]
pub(crate) const EXISTS: bool = cfg!(not(all(target_family = "wasm", target_os = "unknown")));

/// A moment on a target without a clock: no time passes after it.
#[cfg(not(all(
    feature = "std",
    not(all(target_family = "wasm", target_os = "unknown"))
)))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant;

#[cfg(not(all(
    feature = "std",
    not(all(target_family = "wasm", target_os = "unknown"))
)))]
impl Instant {
    pub(crate) fn now() -> Self {
        Self
    }

    pub(crate) fn elapsed(&self) -> core::time::Duration {
        core::time::Duration::ZERO
    }
}
