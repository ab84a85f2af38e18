//! Metrics against scikit-learn, and where it is undefined what they are.

use simplechain::Error;
use simplechain::metrics::{
    Average, ConfusionMatrix, accuracy, argmax, mean_absolute_error, r2, rmse, softmax, top_k,
    top_k_accuracy,
};
use support::Fixture;

fn near(what: &str, got: f64, want: f64, tolerance: f64) {
    let off = (got - want).abs();
    assert!(
        off <= tolerance || got.is_nan() && want.is_nan(),
        "{what}: {got} instead of {want}"
    );
}

fn fixture() -> Fixture {
    Fixture::of(include_str!("../fixtures/sklearn_metrics.txt"))
}

fn arrays<const N: usize>(numbers: &[f64]) -> Vec<[f64; N]> {
    numbers.as_chunks().0.to_vec()
}

#[test]
fn errors_of_numbers_are_those_of_scikit_learn() {
    let fixture = fixture();
    let ys = arrays::<3>(fixture.get("predictions"));
    let targets = arrays::<3>(fixture.get("targets"));
    let one = |name: &str| fixture.get(name)[0];
    near("r2", r2(&ys, &targets).unwrap(), one("r2"), 1e-13);
    let mae = mean_absolute_error(&ys, &targets).unwrap();
    near(
        "mean absolute error",
        mae,
        one("mean_absolute_error"),
        1e-13,
    );
    near("rmse", rmse(&ys, &targets).unwrap(), one("rmse"), 1e-13);
    for output in 0..3 {
        let column = |of: &[[f64; 3]]| of.iter().map(|y| [y[output]]).collect::<Vec<_>>();
        let got = r2(&column(&ys), &column(&targets)).unwrap();
        near("r2", got, fixture.get("r2_of_outputs")[output], 1e-13);
    }
    // In `f32`, too, the sums are made in `f64`.
    let single = |of: &[[f64; 3]]| of.iter().map(|y| y.map(|y| y as f32)).collect::<Vec<_>>();
    near(
        "r2",
        r2(&single(&ys), &single(&targets)).unwrap(),
        one("r2"),
        1e-6,
    );
}

#[test]
fn constant_targets_have_no_variance() {
    let fixture = fixture();
    let want = fixture.get("r2_of_constants");
    let constant = [[0.1]; 5];
    assert_eq!(r2(&constant, &constant).unwrap(), want[0]);
    let mut other = constant;
    other[4] = [0.101];
    assert_eq!(r2(&other, &constant).unwrap(), want[1]);
    other[4] = [f64::NAN];
    assert!(r2(&other, &constant).unwrap().is_nan());
    assert!(r2(&[[1.0]], &[[1.0]]).unwrap().is_nan());
    // The mean of the targets has 0, and worse is negative.
    let targets = [[1.0], [2.0], [3.0]];
    assert_eq!(r2(&[[2.0]; 3], &targets).unwrap(), 0.0);
    assert_eq!(r2(&[[3.0], [2.0], [1.0]], &targets).unwrap(), -3.0);
}

#[test]
fn classes_are_judged_as_by_scikit_learn() {
    let fixture = fixture();
    let logits = arrays::<6>(fixture.get("logits"));
    let labels: Vec<u8> = fixture.get("labels").iter().map(|x| *x as u8).collect();
    let matrix = ConfusionMatrix::of(&logits, &labels).unwrap();
    assert_eq!((matrix.actual(4), matrix.predicted(3)), (0, 0));
    let averages = [
        (Average::Macro, "macro"),
        (Average::Weighted, "weighted"),
        (Average::Micro, "micro"),
    ];
    type Metric = (
        &'static str,
        fn(&ConfusionMatrix, usize) -> f64,
        fn(&ConfusionMatrix, Average) -> f64,
    );
    let metrics: [Metric; 3] = [
        (
            "precision",
            ConfusionMatrix::precision,
            ConfusionMatrix::mean_precision,
        ),
        (
            "recall",
            ConfusionMatrix::recall,
            ConfusionMatrix::mean_recall,
        ),
        ("f1", ConfusionMatrix::f1, ConfusionMatrix::mean_f1),
    ];
    for (name, of_class, mean) in metrics {
        let want = fixture.get(&format!("{name}_of_classes"));
        for (class, want) in want.iter().enumerate() {
            near(name, of_class(&matrix, class), *want, 1e-14);
        }
        for (average, of) in averages {
            let want = fixture.get(&format!("{name}_{of}"))[0];
            near(&format!("{of} {name}"), mean(&matrix, average), want, 1e-14);
        }
    }
    for k in [1, 2, 3, 6] {
        let want = fixture.get(&format!("top_{k}"))[0];
        assert_eq!(top_k_accuracy(&logits, &labels, k).unwrap(), want, "{k}");
    }
    assert_eq!(accuracy(&logits, &labels).unwrap(), fixture.get("top_1")[0]);
    let want = arrays::<6>(fixture.get("softmax"));
    for (logits, want) in logits.iter().zip(&want) {
        for (got, want) in softmax(logits).iter().zip(want) {
            near("softmax", *got, *want, 1e-15);
        }
    }
}

#[test]
fn extreme_logits() {
    assert_eq!(softmax(&[0.0_f32; 4]), [0.25; 4]);
    assert_eq!(softmax(&[f32::MAX, f32::MIN]), [1.0, 0.0]);
    assert_eq!(softmax(&[f64::NEG_INFINITY, 3.0]), [0.0, 1.0]);
    assert!(softmax(&[f64::NAN, 3.0]).iter().all(|p| p.is_nan()));
    assert!(softmax(&[f64::INFINITY, 3.0])[0].is_nan());
    assert_eq!(softmax(&[7.0_f64]), [1.0]);
}

#[test]
fn the_largest_come_first() {
    let y = [2.0, f64::NAN, 5.0, 2.0, f64::INFINITY, f64::NAN, -1.0];
    assert_eq!(top_k(&y, 7), [4, 2, 0, 3, 6, 1, 5]);
    assert_eq!(top_k(&y, 1), [argmax(&y)]);
    assert!(top_k(&y, 0).is_empty());
    assert!(top_k::<f64>(&[], 3).is_empty());
}

#[test]
fn mistakes_are_errors() {
    let ys = [[1.0], [2.0]];
    for metric in [r2::<f64, [f64; 1]>, mean_absolute_error, rmse] {
        assert_eq!(metric(&[], &[]), Err(Error::EmptyBatch));
        let error = metric(&ys, &ys[..1]).unwrap_err();
        assert_eq!(error.to_string(), "expected 2 targets, found 1");
    }
    let outputs = [[0.1, 0.9]];
    assert_eq!(
        top_k_accuracy::<f64, [f64; 2], u8>(&[], &[], 1),
        Err(Error::EmptyBatch)
    );
    assert!(top_k_accuracy(&outputs, &[1_u8, 0], 1).is_err());
    assert!(top_k_accuracy(&outputs, &[2_u8], 1).is_err());
    for k in [0, 3] {
        let error = top_k_accuracy(&outputs, &[1_u8], k).unwrap_err();
        let want = format!("k is {k}, but must be from 1 to the number of classes");
        assert_eq!(error.to_string(), want);
    }
}
