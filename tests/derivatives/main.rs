//! Derivatives beyond the gradient.

mod kinks;
mod products;
mod values;
