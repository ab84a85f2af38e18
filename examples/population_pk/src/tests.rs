use simplechain::ode::{Solver, Tsit5};
use simplechain::prelude::*;

use super::kinetics::Truth;
use super::population::{Population, SHARED_COUNT, STEPS};
use super::report::{correlation, error, individuals, off, predict};
use super::study::{POINTS, subjects};

#[test]
fn the_gradient_is_the_slope_with_the_numbers_fitted_again() {
    let study = subjects(5, &mut rng(0)).unwrap();
    let population = Population::guess(1);
    let mut individuals = individuals(&study, POINTS, &population).unwrap();
    let mut at = |step: f64, param: usize| {
        let mut moved = population.clone();
        moved.0[param] += step;
        let mut grads = [0.0; SHARED_COUNT];
        let value = moved.objective(&mut individuals, Some(1), &mut grads);
        (value.unwrap(), grads[param])
    };
    for param in 0..SHARED_COUNT {
        let ((above, _), (below, _), (_, slope)) =
            (at(1e-4, param), at(-1e-4, param), at(0.0, param));
        let difference = (above - below) / 2e-4;
        assert!(
            (difference - slope).abs() < 1e-5 * (1.0 + slope.abs()),
            "{param}: {difference} {slope}"
        );
    }
}

#[test]
fn more_steps_of_the_solver_change_little() {
    for subject in subjects(200, &mut rng(0)).unwrap() {
        let truth = Truth(subject.oral);
        let mut solver = Solver::new(truth, Tsit5, &subject.times, STEPS).unwrap();
        let us = &solver.solve(&[0.0], &subject.numbers.map(f64::exp))[1..];
        for ([c], log) in us.iter().zip(&subject.truth) {
            assert!((c.ln() - log).abs() < 1e-3, "{c} {log}");
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let study = subjects(6, &mut rng(0)).unwrap();
    let population = Population::guess(1);
    let [one, two] = [1, 2].map(|threads| {
        let mut individuals = individuals(&study, POINTS, &population).unwrap();
        let mut grads = [0.0; SHARED_COUNT];
        let value = population.objective(&mut individuals, Some(threads), &mut grads);
        (value.unwrap(), grads)
    });
    assert_eq!(one, two);
}

#[test]
fn elimination_and_subjects_are_recovered() {
    let study = subjects(60, &mut rng(0)).unwrap();
    let mut population = Population::guess(1);
    let mut individuals = individuals(&study, POINTS, &population).unwrap();
    population
        .fit(&mut individuals, None, 60, |_, _, _| {})
        .unwrap();
    let off = off(&study, &population);
    assert!(off < 0.15, "{off}");
    for k in 0..3 {
        let correlation = correlation(&study, &individuals, k);
        assert!(correlation > 0.8, "{k}: {correlation}");
    }
    let new = subjects(20, &mut rng(2)).unwrap();
    let predictions = predict(&new, &population, None).unwrap();
    let individual = error(&predictions, |p| p.individual);
    let median = error(&predictions, |p| p.median);
    assert!(individual < 0.7 * median, "{individual} {median}");
}
