//! The numbers of PyTorch in `tests/fixtures/pytorch_images.txt`, which `pytorch_images.py` beside it writes.

use simplechain::chain::{Array, Chain, Network};
use simplechain::loss::{BinaryCrossEntropy, LogitCrossEntropy};
use simplechain::simd::Real;
use simplechain::simple_chain;
use support::{Fixture, cast, everywhere, flat, near, size};

use crate::LeNet;

simple_chain! {
    struct Plain: (5, 6, 3) => conv(tanh, (3, 3), 2);
    struct Strided: (9, 8, 1) => conv(id, (5, 5), 6, stride = 2, padding = 2);
    struct Uneven: (7, 7, 2) => conv(sigmoid, (2, 3), 5, stride = (2, 1), padding = (1, 0));
    struct Large: (8, 8, 2) => conv(id, (7, 7), 1, padding = 3);
    struct Point: (3, 3, 5) => conv(tanh, (1, 1), 17);
    struct Same: (6, 5, 2) => conv(tanh, (2, 2), 3, padding = same);
    struct Unbiased: (5, 5, 6) => conv(silu, (3, 3), 16, bias = false);
    struct MaxPool: (7, 5, 3) => maxpool(2, 2);
    struct Overlapping: (9, 8, 2) => maxpool(3, 3, stride = 2);
    struct AvgPool: (5, 6, 2) => avgpool(2, 2);
    struct Sliding: (5, 5, 2) => avgpool(3, 2, stride = 1);
    struct Logits: 5 => dense(id, 5, bias = false)
}

fn pytorch() -> Fixture {
    Fixture::of(include_str!("../fixtures/pytorch_images.txt"))
}

/// The generator of the script.
struct Numbers(u32);

impl Numbers {
    fn take(&mut self, count: usize, scale: f64) -> Vec<f64> {
        let next = |()| {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(self.0 >> 8) / f64::from(1 << 23) - 1.0) * scale
        };
        std::iter::repeat_n((), count).map(next).collect()
    }
}

/// By the largest of the numbers.
#[track_caller]
fn assert_close<T: Real>(what: &str, got: &[T], want: &[f64], tolerance: f64) {
    near(what, got, want, tolerance, size(want));
}

/// One layer, for one sample and for a batch of that sample.
fn layer<C: Chain>(chain: C, name: &str, seed: u32) {
    const COPIES: usize = 17;
    let fixture = pytorch();
    let mut numbers = Numbers(seed);
    let x = numbers.take(C::INPUT_LEN, 1.0);
    let mut params = numbers.take(C::LAYERS[0].weight_count, 0.5);
    params.extend(numbers.take(C::LAYERS[0].bias_count, 0.25));
    let y_bar = numbers.take(C::OUTPUT_LEN, 1.0);
    let (x, y_bar) = (chain.inputs(&x).unwrap(), chain.outputs(&y_bar).unwrap());
    let params = chain.params(&params).unwrap();
    let want = |what: &str| fixture.get(&format!("{name}.{what}")).to_vec();
    everywhere(|_, _| {
        let mut x_bar = C::Input::splat(f64::NAN);
        let mut params_bar = C::Params::boxed(f64::NAN);
        let y = chain.vjp(&x[0], params, &y_bar[0], &mut x_bar, &mut params_bar);
        assert_close(name, y.as_slice(), &want("y"), 1e-14);
        assert_close(name, x_bar.as_slice(), &want("x_bar"), 1e-14);
        let (xs, y_bars) = ([x[0]; COPIES], [y_bar[0]; COPIES]);
        let mut x_bars = [C::Input::splat(f64::NAN); COPIES];
        let mut sum = C::Params::boxed(f64::NAN);
        chain
            .vjp_batch(&xs, params, &y_bars, &mut x_bars, &mut sum)
            .unwrap();
        for x_bar in x_bars {
            assert_close(name, x_bar.as_slice(), &want("x_bar"), 1e-14);
        }
        if C::PARAM_COUNT > 0 {
            assert_close(name, params_bar.as_slice(), &want("params_bar"), 1e-14);
            let want: Vec<f64> = want("params_bar")
                .iter()
                .map(|x| COPIES as f64 * x)
                .collect();
            assert_close(name, sum.as_slice(), &want, 1e-14);
        }
    });
}

#[test]
fn layers() {
    layer(Plain, "plain", 1);
    layer(Strided, "strided", 2);
    layer(Uneven, "uneven", 3);
    layer(Large, "large", 4);
    layer(Point, "point", 5);
    layer(Same, "same", 6);
    layer(Unbiased, "unbiased", 7);
    layer(MaxPool, "maxpool", 8);
    layer(Overlapping, "overlapping", 9);
    layer(AvgPool, "avgpool", 10);
    layer(Sliding, "sliding", 11);
}

/// Outputs, loss and gradients of the whole of LeNet-5.
fn lenet<T: Real>(tolerance: f64) {
    const SAMPLES: usize = 5;
    let fixture = pytorch();
    let mut numbers = Numbers(12);
    let xs = cast::<T>(&numbers.take(SAMPLES * 784, 1.0));
    let mut params = Vec::new();
    let layers = || LeNet::LAYERS.iter().filter(|layer| layer.weight_count > 0);
    for (layer, exponent) in layers().zip([-2, -3, -4, -3, -3]) {
        params.extend(numbers.take(layer.weight_count, 2f64.powi(exponent)));
        params.extend(numbers.take(layer.bias_count, 0.25));
    }
    let params = cast::<T>(&params);
    let params = LeNet.params(&params).unwrap();
    let xs = LeNet.inputs(&xs).unwrap();
    let labels = [3_u8, 1, 4, 1, 5];
    let loss = LogitCrossEntropy::new();
    let close = |what: &str, got: &[T]| assert_close(what, got, fixture.get(what), tolerance);
    let every = |numbers: &[T], step| numbers.iter().copied().step_by(step).collect::<Vec<_>>();
    everywhere(|_, _| {
        let mut ys = vec![[T::ZERO; 10]; SAMPLES];
        LeNet.forward_batch(xs, params, &mut ys).unwrap();
        close("lenet.logits", &flat(&ys));
        let ys: Vec<[T; 10]> = xs.iter().map(|x| LeNet.forward(x, params)).collect();
        close("lenet.logits", &flat(&ys));

        let mut grads = LeNet.init::<T>(&mut simplechain::init::rng(0));
        let value = LeNet
            .value_and_grad_batch(&loss, xs, &labels, params, &mut grads)
            .unwrap();
        close("lenet.loss", &[value]);
        close("lenet.grads", &every(&grads[..], 37));
        for (index, layer) in layers().enumerate() {
            let grads = &grads[layer.weights().start..layer.bias().end];
            let sum: f64 = grads.iter().map(|g| g.to_f64()).sum();
            let squares: f64 = grads.iter().map(|g| g.to_f64() * g.to_f64()).sum();
            // The last layer's gradients add up to 0.
            let want = fixture.get(match index {
                0 => "lenet.sums_0",
                1 => "lenet.sums_1",
                2 => "lenet.sums_2",
                3 => "lenet.sums_3",
                _ => "lenet.sums_4",
            });
            assert_close(
                "the sums of a layer",
                &[sum, squares],
                want,
                20.0 * tolerance,
            );
        }

        // The gradient by the images, from the cotangents of the mean.
        let y_bars: Vec<[T; 10]> = ys
            .iter()
            .zip(labels)
            .map(|(y, label)| {
                let sum: f64 = y.iter().map(|y| y.to_f64().exp()).sum();
                let mut y_bar = y.map(|y| y.to_f64().exp() / sum);
                y_bar[usize::from(label)] -= 1.0;
                y_bar.map(|bar| T::from_f64(bar / SAMPLES as f64))
            })
            .collect();
        let mut x_bars = vec![[T::ZERO; 784]; SAMPLES];
        LeNet
            .vjp_input_batch(xs, params, &y_bars, &mut x_bars)
            .unwrap();
        close("lenet.x_bar", &every(&flat(&x_bars), 29));
        for ((x, y_bar), x_bar) in xs.iter().zip(&y_bars).zip(&mut x_bars) {
            LeNet.vjp_input(x, params, y_bar, x_bar);
        }
        close("lenet.x_bar", &every(&flat(&x_bars), 29));
    });
}

#[test]
fn lenet_f64() {
    lenet::<f64>(1e-13);
}

#[test]
fn lenet_f32() {
    lenet::<f32>(2e-5);
}

#[test]
fn losses() {
    let fixture = pytorch();
    let mut numbers = Numbers(13);
    let ys = numbers.take(35, 8.0);
    let targets: Vec<f64> = numbers.take(35, 1.0).iter().map(|x| x.abs()).collect();
    let (ys, targets) = (
        Logits.inputs(&ys).unwrap(),
        Logits.outputs(&targets).unwrap(),
    );
    let labels = [0_usize, 4, 2, 2, 1, 3, 0];
    let weights = [0.5, 1.0, 2.0, 0.25, 1.5];
    let mut params = [0.0; 25];
    for o in 0..5 {
        params[6 * o] = 1.0;
    }
    // By the identity matrix, the gradient by output `o` of a sample is that by the weight from input 0, over that input.
    let grad = |value_and_grad: &dyn Fn(&[f64; 5], &mut [f64; 25])| -> Vec<f64> {
        ys.iter()
            .flat_map(|y| {
                let mut grads = [0.0; 25];
                value_and_grad(y, &mut grads);
                [0, 1, 2, 3, 4].map(|o| grads[o] / y[0] / 7.0)
            })
            .collect()
    };
    let new = LogitCrossEntropy::new;
    for (name, loss) in [
        ("plain", new()),
        ("smooth", new().label_smoothing(0.125)),
        (
            "weighted",
            new().label_smoothing(0.125).class_weights(weights),
        ),
    ] {
        let mean = Logits.loss_batch(&loss, ys, &labels, &params).unwrap();
        let want = |what: &str| fixture.get(&format!("cross_entropy.{name}.{what}"));
        assert_close(name, &[mean], want("loss"), 1e-14);
        let label = |y: &[f64; 5]| labels[ys.iter().position(|other| other == y).unwrap()];
        let grads = grad(&|y, grads| {
            Logits.value_and_grad(&loss, y, &label(y), &params, grads);
        });
        assert_close(name, &grads, want("grad"), 1e-14);
    }
    let mean = Logits
        .loss_batch(&BinaryCrossEntropy, ys, targets, &params)
        .unwrap();
    assert_close("binary", &[mean], fixture.get("binary.loss"), 1e-14);
    let grads = grad(&|y, grads| {
        let sample = ys.iter().position(|other| other == y).unwrap();
        Logits.value_and_grad(&BinaryCrossEntropy, y, &targets[sample], &params, grads);
    });
    assert_close("binary", &grads, fixture.get("binary.grad"), 1e-14);
}
