//! The architecture of a chain: what counts for it, and what a text of another chain is told.

use simplechain::activation::Activation;
use simplechain::chain::{Chain, Constant, ConstantValue, Network};
use simplechain::simd::{Number, Simd};
use simplechain::simple_chain;

/// `y = a z`
#[derive(Clone, Copy, Debug)]
struct Gain(f64);

impl Activation for Gain {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        simd.mul(simd.splat(T::from_f64(self.0)), z)
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        (self.value(simd, z), simd.splat(T::from_f64(self.0)))
    }
}

/// The same chains with constants of the same names.
macro_rules! chains {
    ($name:ident: $mean:expr, $slope:expr, $count:expr) => {
        mod $name {
            use super::{Gain, simple_chain};

            const MEAN: [f64; 2] = $mean;
            const SLOPE: f64 = $slope;
            const COUNT: usize = $count;

            simple_chain! {
                pub(super) struct Mean: 2 => normalize(MEAN, 1.0) => dense(leaky_relu(0.1), 4) => dense(id, 2);
                pub(super) struct Slope: 2 => residual(dense(leaky_relu(SLOPE), 2)) => dense(id, 2);
                pub(super) struct Falling: 2 => dense(leaky_relu(-SLOPE), 2);
                pub(super) struct Period: 2 => fourier(3, period = SLOPE) => dense(id, 2);
                pub(super) struct Degree: 2 => chebyshev(COUNT) => dense(id, 2);
                pub(super) struct Scaled: 2 => scale(SLOPE, MEAN) => dense(id, 2);
                pub(super) struct Groups: (1, 4, 12) => conv(id, (1, 1), 12, groups = COUNT) => flatten => dense(id, 2);
                pub(super) struct Own: 2 => dense(Gain(SLOPE), 2);
            }
        }
    };
}

chains!(one: [1.0, 2.0], 0.1, 2);
chains!(other: [1.0, 7.0], 0.3, 3);
chains!(again: [1.0, 2.0], 1e-1, 1 + 1);

/// The fingerprints, and what is said of a text of `D` to `C`.
fn told<C: Chain, D: Chain>(chain: C, other: D) -> String {
    match chain.check_architecture(&other.architecture()) {
        Ok(()) => "the same".to_owned(),
        Err(error) => {
            let text = error.to_string();
            let (_, difference) = text.split_once(": ").expect("a reason");
            difference.to_owned()
        }
    }
}

#[test]
fn constants_count_by_value() {
    macro_rules! check {
        ($($chain:ident: $difference:literal,)*) => {
            $(
                assert_ne!(one::$chain::FINGERPRINT, other::$chain::FINGERPRINT);
                assert_eq!(one::$chain::FINGERPRINT, again::$chain::FINGERPRINT);
                assert_eq!(told(one::$chain, again::$chain), "the same");
                assert_eq!(told(one::$chain, other::$chain), $difference);
            )*
        };
    }
    check! {
        Mean: "layer 0 `normalize` has the mean [1, 2], the saved chain has [1, 7]",
        Slope: "layer 0 `residual`, its layer 0 `dense` has the activation leaky_relu(0.1), the saved chain has leaky_relu(0.3)",
        Falling: "layer 0 `dense` has the activation leaky_relu(-0.1), the saved chain has leaky_relu(-0.3)",
        Period: "layer 0 `fourier` has the period 0.1, the saved chain has 0.3",
        Degree: "layer 0 `chebyshev` has the degree 2, the saved chain has 3",
        Scaled: "layer 0 `scale` has the factor 0.1, the saved chain has 0.3",
        Groups: "layer 0 `conv` has the groups 2, the saved chain has 3",
    }
    // What a value of one's own holds is known only when the program runs, by its `Debug`.
    assert_eq!(told(one::Own, again::Own), "the same");
    assert_eq!(
        told(one::Own, other::Own),
        "layer 0 `dense` has the value Gain(0.1), the saved chain has Gain(0.3)"
    );
    assert_eq!(
        one::Slope::LAYERS[0].inner[0][0].constants,
        [Constant {
            name: "slope",
            value: ConstantValue::Numbers(&[0.1])
        }]
    );
    let json: serde_json::Value = serde_json::from_str(&one::Mean.architecture()).expect("JSON");
    assert_eq!(json["layers"][0]["mean"], serde_json::json!([1.0, 2.0]));
    assert_eq!(json["layers"][0]["std"], 1.0);
    assert_eq!(json["layers"][1]["activation"], "leaky_relu");
    assert_eq!(json["layers"][1]["slope"], 0.1);
    let json: serde_json::Value = serde_json::from_str(&one::Groups.architecture()).expect("JSON");
    assert_eq!(json["layers"][0]["groups"], 2);
}

simple_chain! {
    struct Plain: (6, 6, 1) => conv(relu, (3, 3), 2) => flatten => dense(tanh, 4) => residual(dense(tanh, 4)) => dense(id, 2);
    struct Dropped: (6, 6, 1) => conv(relu, (3, 3), 2) => dropout(0.2) => flatten => dropout(0.5) => dense(tanh, 4)
        => residual(dropout(0.1) => dense(tanh, 4)) => dense(id, 2);
    struct Frozen: (6, 6, 1) => frozen(conv(relu, (3, 3), 2) => flatten => dense(tanh, 4)) => residual(frozen(dense(tanh, 4)))
        => dense(id, 2);
    struct Stem: (6, 6, 1) => conv(relu, (3, 3), 2);
    struct Declared: (6, 6, 1) => chain(Stem) => flatten => dense(tanh, 4) => residual(dense(tanh, 4)) => dense(id, 2);
    struct Shorter: (6, 6, 1) => conv(relu, (3, 3), 2) => dropout(0.1) => flatten => dense(tanh, 4) => dense(id, 2);
    struct Biased: (6, 6, 1) => conv(relu, (3, 3), 2, bias = false) => flatten => dense(tanh, 4) => residual(dense(tanh, 4))
        => dense(id, 2);
    struct First: 4 => dense(tanh, 4);
    struct Second: 4 => dense(tanh, 4) => dense(tanh, 4);
    struct Around: 4 => residual(dense(tanh, 4));
    struct Longer: 4 => residual(dense(tanh, 4) => dense(tanh, 4));
}

#[test]
fn what_acts_in_training_alone_does_not_count() {
    macro_rules! same {
        ($($chain:ident)*) => {
            $(
                assert_eq!($chain::FINGERPRINT, Plain::FINGERPRINT);
                assert_eq!(told($chain, Plain), "the same");
                assert_eq!(told(Plain, $chain), "the same");
            )*
        };
    }
    same!(Dropped Frozen Declared);
    let json: serde_json::Value = serde_json::from_str(&Dropped.architecture()).expect("JSON");
    assert_eq!(json["layers"][1]["rate"], 0.2);
}

#[test]
fn the_first_layer_that_differs_is_named() {
    for (told, want) in [
        (
            told(Plain, Shorter),
            "layer 3 `residual`: the saved chain has `dense` there",
        ),
        (
            told(Plain, Biased),
            "layer 0 `conv` has the number of biases 2, the saved chain has 0",
        ),
        (
            told(First, Second),
            "the saved chain has one more, layer 1 `dense`",
        ),
        (
            told(Second, First),
            "layer 1 `dense`: the saved chain has no such layer",
        ),
        (
            told(Around, Longer),
            "the saved chain has one more, layer 0 `residual`, its layer 1 `dense`",
        ),
        (
            told(First, Around),
            "layer 0 `dense`: the saved chain has `residual` there",
        ),
    ] {
        assert_eq!(told, want);
    }
    // What is in the middle of many numbers.
    let many = "layer 0 `normalize` has the mean 3.5 at index 4, the saved chain has 4.5";
    assert_eq!(told(Many, ManyOthers), many);
}

const MANY: [f64; 6] = [1.0, 1.0, 1.0, 1.0, 3.5, 1.0];
const OTHERS: [f64; 6] = [1.0, 1.0, 1.0, 1.0, 4.5, 1.0];

simple_chain! {
    struct Many: 6 => normalize(MANY, 1.0) => dense(id, 1);
    struct ManyOthers: 6 => normalize(OTHERS, 1.0) => dense(id, 1)
}

/// A text from outside is an error at worst.
#[test]
fn hostile_texts_are_errors() {
    let json = Plain.architecture();
    for end in 0..json.trim_end().len() {
        assert!(Plain.check_architecture(&json[..end]).is_err(), "{end}");
    }
    let with = |layers: &str| {
        let text = format!("{{\"fingerprint\": \"0123456789abcdef\", \"layers\": {layers}}}");
        Plain.check_architecture(&text).unwrap_err().to_string()
    };
    for layers in [
        "3",
        "[]",
        "[3, null, []]",
        "[{\"name\": 3}]",
        "[{\"name\": \"conv\", \"chains\": 3, \"weights\": [1e999, -1e999], \"bias\": [[]]}]",
        "[{\"name\": \"chain\", \"chains\": [[{\"name\": \"frozen\", \"chains\": [[]]}]]}]",
    ] {
        let _ = with(layers);
    }
    let long = format!("[{{\"name\": \"{}\"}}]", "x".repeat(1_000_000));
    assert!(with(&long).len() < 300);
    let _ = with(&"[".repeat(1_000_000));
    let nested = "[{\"name\": \"frozen\", \"chains\": [";
    let _ = with(&nested.repeat(100_000));
}

simple_chain! {
    struct ChannelsFirst: (3, 28, 28) => conv(relu, (3, 3), 2) => flatten => dense(id, 2);
    struct ChannelsLast: (28, 28, 3) => conv(relu, (3, 3), 2) => flatten => dense(id, 2);
    struct Sequence: (28, 64) => conv(relu, 3, 2) => flatten => dense(id, 2)
}

#[test]
fn channels_that_may_be_written_first_are_noted() {
    let note = "note: the input is 3 high and 28 wide, of 28 channels";
    assert!(ChannelsFirst.to_string().contains(note));
    assert!(!ChannelsLast.to_string().contains("note"));
    assert!(!Sequence.to_string().contains("note"));
}
