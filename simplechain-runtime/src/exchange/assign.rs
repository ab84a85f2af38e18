//! Which module of a file is which layer of a chain.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use std::collections::HashMap;

/// A part of a name, as it is compared: what precedes the number at its end, and the number.
fn stem(part: &str) -> (&str, Option<u64>) {
    let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
    match part[stem.len()..].parse() {
        Ok(number) => (stem.strip_suffix('_').unwrap_or(stem), Some(number)),
        Err(_) => (part, None),
    }
}

/// The order of two modules as far as their names say it: by numbers, `conv2` before `conv10`, `dense` before `dense_1`. Names such as
/// `encoder` and `decoder` do not say it.
fn order(a: &[&str], b: &[&str]) -> Option<Ordering> {
    let (a, b) = a.iter().zip(b).find(|(a, b)| a != b)?;
    let ((a_stem, a_number), (b_stem, b_number)) = (stem(a), stem(b));
    match a_number.cmp(&b_number) {
        Ordering::Equal => None,
        by_number => (a_stem == b_stem).then_some(by_number),
    }
}

/// A natural order of all names, for lists.
pub(super) fn natural(a: &[&str], b: &[&str]) -> Ordering {
    let parts = |name: &[&str]| -> Vec<(String, Option<u64>)> {
        let stems = name.iter().map(|part| stem(part));
        stems
            .map(|(stem, number)| (stem.to_owned(), number))
            .collect()
    };
    parts(a).cmp(&parts(b))
}

/// Why there is not exactly one assignment.
pub(super) enum Failure {
    /// None fits.
    None,
    /// For this layer there are these two modules at least.
    Ambiguous(usize, [usize; 2]),
    /// There are too many possibilities to look at.
    TooMany,
}

/// States that are looked at.
const MAX_STATES: usize = 20_000;

/// Assigns to every layer a module for which `fits(layer, module)`, in the order that their names say: the only such assignment.
pub(super) fn assign(
    layers: usize,
    modules: &[Vec<&str>],
    fits: impl Fn(usize, usize) -> bool,
) -> Result<Vec<usize>, Failure> {
    if layers != modules.len() {
        return Err(Failure::None);
    }
    let before: Vec<Vec<usize>> = (modules.iter())
        .map(|module| {
            let earlier = |other: &usize| order(&modules[*other], module) == Some(Ordering::Less);
            (0..modules.len()).filter(earlier).collect()
        })
        .collect();
    let fits: Vec<Vec<usize>> = (0..layers)
        .map(|layer| {
            (0..modules.len())
                .filter(|module| fits(layer, *module))
                .collect()
        })
        .collect();
    let mut search = Search {
        before,
        fits,
        counts: HashMap::new(),
    };
    let mut used = vec![false; modules.len()];
    let mut assigned = Vec::new();
    match search.count(0, &mut used).ok_or(Failure::TooMany)? {
        0 => return Err(Failure::None),
        1 => {}
        _ => {
            // The first layer that has a choice.
            for layer in 0..layers {
                let next = search.next(layer, &mut used).ok_or(Failure::TooMany)?;
                match next[..] {
                    [only] => used[only] = true,
                    [first, second, ..] => return Err(Failure::Ambiguous(layer, [first, second])),
                    [] => break,
                }
            }
            return Err(Failure::TooMany);
        }
    }
    for layer in 0..layers {
        let next = search.next(layer, &mut used).ok_or(Failure::TooMany)?;
        let Some(module) = next.first().copied() else {
            return Err(Failure::None);
        };
        used[module] = true;
        assigned.push(module);
    }
    Ok(assigned)
}

struct Search {
    /// The modules before each module.
    before: Vec<Vec<usize>>,
    /// The modules that fit each layer.
    fits: Vec<Vec<usize>>,
    /// How many assignments there are of the layers that remain, by the modules that are used; 2 stands for more.
    counts: HashMap<Vec<bool>, usize>,
}

impl Search {
    fn count(&mut self, layer: usize, used: &mut Vec<bool>) -> Option<usize> {
        if layer == self.fits.len() {
            return Some(1);
        }
        if let Some(count) = self.counts.get(used) {
            return Some(*count);
        }
        if self.counts.len() >= MAX_STATES {
            return None;
        }
        let mut count = 0;
        for module in self.candidates(layer, used) {
            used[module] = true;
            let rest = self.count(layer + 1, used);
            used[module] = false;
            count += rest?;
            if count >= 2 {
                break;
            }
        }
        let count = count.min(2);
        self.counts.insert(used.clone(), count);
        Some(count)
    }

    /// The modules that may be this layer, given those before.
    fn candidates(&self, layer: usize, used: &[bool]) -> Vec<usize> {
        let fits = self.fits[layer].iter().copied();
        fits.filter(|module| {
            !used[*module] && self.before[*module].iter().all(|before| used[*before])
        })
        .collect()
    }

    /// Those of them with which the remaining layers can be assigned.
    fn next(&mut self, layer: usize, used: &mut Vec<bool>) -> Option<Vec<usize>> {
        let mut next = Vec::new();
        for module in self.candidates(layer, used) {
            used[module] = true;
            let rest = self.count(layer + 1, used);
            used[module] = false;
            if rest? > 0 {
                next.push(module);
            }
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::ToOwned;
    use std::format;
    use std::string::String;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    fn assigned(names: &[&str], fits: impl Fn(usize, usize) -> bool) -> Result<Vec<usize>, String> {
        let modules: Vec<Vec<&str>> = names.iter().map(|name| name.split('.').collect()).collect();
        assign(modules.len(), &modules, fits).map_err(|failure| match failure {
            Failure::None => "none".to_owned(),
            Failure::Ambiguous(layer, [a, b]) => format!("{layer}: {} or {}", names[a], names[b]),
            Failure::TooMany => "too many".to_owned(),
        })
    }

    #[test]
    fn numbers_decide() {
        let names = ["Dense_10", "Dense_2", "Dense_0"];
        assert_eq!(assigned(&names, |_, _| true), Ok(vec![2, 1, 0]));
        let names = ["dense_1", "dense", "dense_2"];
        assert_eq!(assigned(&names, |_, _| true), Ok(vec![1, 0, 2]));
        let names = ["block.10.fc1", "block.9.fc2", "block.9.fc1"];
        assert_eq!(assigned(&names, |_, _| true), Ok(vec![2, 1, 0]));
    }

    #[test]
    fn shapes_decide_where_names_do_not() {
        let names = ["fc1", "conv1", "conv2", "fc2"];
        let is_conv = |module: usize| module == 1 || module == 2;
        assert_eq!(
            assigned(&names, |layer, module| (layer < 2) == is_conv(module)),
            Ok(vec![1, 2, 0, 3])
        );
    }

    #[test]
    #[cfg_attr(
        miri,
        ignore = "tries assignments until there are too many, which takes minutes"
    )]
    fn nothing_is_guessed() {
        let names = ["0", "decoder", "encoder"];
        let fits = |layer: usize, module: usize| (layer == 0) == (module == 0);
        assert_eq!(
            assigned(&names, fits),
            Err("1: decoder or encoder".to_owned())
        );
        assert_eq!(
            assigned(&["1", "0"], |layer, module| layer == module),
            Err("none".to_owned())
        );
        // More modules than can be tried, none of which can be the last layer.
        let names: Vec<String> = (b'a'..=b'z').map(|c| char::from(c).to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(
            assigned(&names, |layer, _| layer < 25),
            Err("too many".to_owned())
        );
    }
}
