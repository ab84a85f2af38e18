//! The kinetics of an oral dose: the known part, and the unknown clearance.

use std::array::from_fn;

use simplechain::ode::{DifferentiableField, Field};
use simplechain::prelude::*;

/// Concentration in mg/L and weight in kg: means and standard deviations.
const MEAN: [f64; 2] = [3.0, 75.0];
const STD: [f64; 2] = [2.0, 15.0];

simple_chain! {
    /// The clearance in L/h at a concentration and a weight: nonnegative, otherwise unknown.
    pub(crate) struct Net: 2 => normalize(MEAN, STD) => dense(tanh, 6) => dense(softplus, 1) => scale(5.0)
}

pub(crate) type NetParams = <Net as Network>::Params<f64>;
/// The individual parameters of a subject: the rate of absorption in 1/h, the volume in L per 70 kg, and a factor of the clearance.
pub(crate) type Numbers = [f64; 3];
pub(crate) const PARAM_COUNT: usize = Net::PARAM_COUNT + 3;
/// The network's parameters, then the individual ones.
pub(crate) type Params = [f64; PARAM_COUNT];

pub(crate) fn split(params: &Params) -> (&NetParams, &Numbers) {
    let (net, numbers) = params.split_first_chunk().expect("as many");
    (net, numbers.first_chunk().expect("as many"))
}

pub(crate) fn split_mut(params: &mut Params) -> (&mut NetParams, &mut Numbers) {
    let (net, numbers) = params.split_first_chunk_mut().expect("as many");
    (net, numbers.first_chunk_mut().expect("as many"))
}

/// One compartment: `dc/dt = (ka dose exp(-ka t) - factor clearance(c, weight) c) / volume`. The dose remaining in
/// the gut needs no equation, because its solution is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Oral {
    /// mg
    pub(crate) dose: f64,
    /// kg
    pub(crate) weight: f64,
}

impl Oral {
    /// The input rate in mg/L/h, and the factor of clearance times concentration in the output rate.
    fn terms(&self, t: f64, numbers: &Numbers) -> (f64, f64) {
        let [absorption, volume, factor] = *numbers;
        let volume = volume * self.weight / 70.0;
        let input = absorption * self.dose * (-absorption * t).exp() / volume;
        (input, factor / volume)
    }
}

/// The kinetics with a network for the clearance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Learned(pub(crate) Oral);

impl Field<f64> for Learned {
    type State = [f64; 1];
    type Params = Params;

    fn rate(&self, t: f64, &[c]: &[f64; 1], params: &Params, rate: &mut [f64; 1]) {
        let (net, numbers) = split(params);
        let (input, factor) = self.0.terms(t, numbers);
        let [clearance] = Net.forward(&[c, self.0.weight], net);
        *rate = [input - factor * clearance * c];
    }
}

impl DifferentiableField<f64> for Learned {
    fn vjp_add(
        &self,
        t: f64,
        &[c]: &[f64; 1],
        params: &Params,
        &[bar]: &[f64; 1],
        [c_bar]: &mut [f64; 1],
        params_bar: &mut Params,
    ) {
        let (net, numbers) = split(params);
        let (net_bar, numbers_bar) = split_mut(params_bar);
        let (input, factor) = self.0.terms(t, numbers);
        let (x, mut x_bar) = ([c, self.0.weight], [0.0; 2]);
        let [clearance] = Net.vjp_add(&x, net, &[-bar * factor * c], &mut x_bar, net_bar);
        let output = factor * clearance * c;
        *c_bar += x_bar[0] - bar * factor * clearance;
        let [absorption, volume, factor] = numbers;
        numbers_bar[0] += bar * input * (1.0 / absorption - t);
        numbers_bar[1] -= bar * (input - output) / volume;
        numbers_bar[2] -= bar * output / factor;
    }

    fn jvp(
        &self,
        t: f64,
        &[c]: &[f64; 1],
        params: &Params,
        &[c_dot]: &[f64; 1],
        params_dot: &Params,
        rate: &mut [f64; 1],
        rate_dot: &mut [f64; 1],
    ) {
        let ((net, numbers), (net_dot, numbers_dot)) = (split(params), split(params_dot));
        let (input, factor) = self.0.terms(t, numbers);
        let (x, x_dot) = ([c, self.0.weight], [c_dot, 0.0]);
        let ([clearance], [clearance_dot]) = Net.jvp(&x, net, &x_dot, net_dot);
        let output = factor * clearance * c;
        let [absorption, volume, factor_dot]: Numbers = from_fn(|k| numbers_dot[k] / numbers[k]);
        let input_dot = input * ((1.0 - numbers[0] * t) * absorption - volume);
        let output_dot =
            output * (factor_dot - volume) + factor * (clearance_dot * c + clearance * c_dot);
        *rate = [input - output];
        *rate_dot = [input_dot - output_dot];
    }
}

/// The kinetics with the true clearance.
pub(crate) struct Truth(pub(crate) Oral);

impl Field<f64> for Truth {
    type State = [f64; 1];
    type Params = Numbers;

    fn rate(&self, t: f64, &[c]: &[f64; 1], numbers: &Numbers, rate: &mut [f64; 1]) {
        let (input, factor) = self.0.terms(t, numbers);
        *rate = [input - factor * true_clearance(c, self.0.weight) * c];
    }
}

/// The true clearance, to be found: a saturable enzyme (Michaelis and Menten, 1913), of which a heavier body has more.
pub(crate) fn true_clearance(c: f64, weight: f64) -> f64 {
    25.0 * (weight / 70.0).powf(0.75) / (3.0 + c)
}
