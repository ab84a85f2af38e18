//! Displays a value of a user-defined type by `Debug`, if it has that.
//!
//! Generated code calls `(&Value(..)).show(f)` with both traits in scope. Method lookup takes the first receiver type that fits:
//! `&Value<T>`, of [`ByDebug`], and only if `T` is not `Debug` the reference to it, of [`ByNothing`].

use core::fmt::{self, Debug};

pub struct Value<T>(pub T);

pub trait ByDebug {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Debug> ByDebug for Value<T> {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub trait ByNothing {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T> ByNothing for &Value<T> {
    fn show(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
