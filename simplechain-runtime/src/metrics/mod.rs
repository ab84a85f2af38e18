//! Metrics: how good predictions are, in numbers that do not depend on the loss.
//!
//! | task | metrics |
//! |---|---|
//! | numbers | [`r2`], [`mean_absolute_error`], [`rmse`] |
//! | classes | [`accuracy`], [`top_k_accuracy`], [`ConfusionMatrix`] with precision, recall and F1 |
//! | one sample | [`argmax`], [`top_k`], [`softmax`] |
//!
//! All are computed in `f64`. A prediction that is NaN makes a metric of numbers NaN; a NaN among the outputs of a classifier is no
//! maximum.

mod classification;
mod regression;

pub use classification::{
    Average, ConfusionMatrix, accuracy, argmax, softmax, top_k, top_k_accuracy,
};
pub use regression::{mean_absolute_error, r2, rmse};
