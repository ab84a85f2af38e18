//! Which tensor of a file is which of a chain.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::assign::{Failure, assign, natural};
use super::layout::Placed;
use super::mapping::Mapping;
use super::tensor::Foreign;
use crate::error::Error;
use crate::storage::header::shown;

/// The index of the file's tensor for each of the chain's.
///
/// # Errors
/// [`Error::Tensors`] with both lists if some are missing or left over, or if there is more than one possibility.
pub(super) fn matching(
    ours: &[Placed],
    theirs: &[Foreign],
    mapping: &Mapping,
) -> Result<Vec<usize>, Error> {
    let mut matching = Matching {
        ours,
        theirs,
        mapping,
        found: vec![None; ours.len()],
        used: theirs
            .iter()
            .map(|tensor| is_ignored(&tensor.name, mapping))
            .collect(),
    };
    matching.pairs()?;
    matching.rest()?;
    Ok(matching.found.into_iter().flatten().collect())
}

/// Whether a tensor of a file belongs to no layer of the chain.
pub(super) fn is_ignored(name: &str, mapping: &Mapping) -> bool {
    let parts = mapping.framework.components(name);
    let role = parts.last().copied().unwrap_or_default();
    let is = |ignored: &String| starts_with(&parts, &mapping.framework.components(ignored));
    mapping.framework.is_bookkeeping(role) || mapping.ignored.iter().any(is)
}

fn starts_with(parts: &[&str], prefix: &[&str]) -> bool {
    parts.len() >= prefix.len() && parts[..prefix.len()] == *prefix
}

/// Tensors of one layer or module: indices in their lists.
type Group = Vec<usize>;

struct Matching<'a> {
    ours: &'a [Placed],
    theirs: &'a [Foreign],
    mapping: &'a Mapping,
    found: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl<'a> Matching<'a> {
    fn error(&self, why: &str) -> Error {
        Error::Tensors(format!("{why}\n{}", self.table()))
    }

    /// Both lists, side by side: those that belong together, then the others.
    fn table(&self) -> String {
        /// More rows say no more.
        const MOST: usize = 200;
        let framework = self.mapping.framework;
        let text = |index: usize| {
            let Foreign { name, shape } = &self.theirs[index];
            format!("{} {shape:?}", shown(name).trim_matches('`'))
        };
        let mut others: Vec<usize> = (0..self.theirs.len())
            .filter(|index| !self.used[*index] && !self.found.contains(&Some(*index)))
            .collect();
        let parts = |index: usize| framework.components(&self.theirs[index].name);
        others.sort_by(|a, b| natural(&parts(*a), &parts(*b)));
        let mut others = others.into_iter();
        let mut rows = vec![[
            "the chain".to_owned(),
            format!("as {} has it", framework.name()),
            "the file".to_owned(),
        ]];
        for (placed, found) in self.ours.iter().zip(&self.found) {
            let theirs = found.or_else(|| others.next());
            let names = framework.roles(placed.tensor.layer.name, placed.tensor.role());
            let name = names.first().copied().unwrap_or("?");
            let shape = placed.shapes.first().map(Vec::as_slice).unwrap_or_default();
            rows.push([
                format!("{} {:?}", placed.tensor.name, placed.tensor.shape),
                format!("{name} {shape:?}"),
                theirs.map(text).unwrap_or_default(),
            ]);
        }
        rows.extend(others.map(|index| [String::new(), String::new(), text(index)]));
        let left_out = rows.len().saturating_sub(MOST);
        rows.truncate(MOST);
        let width = |column: usize| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let (first, second) = (width(0), width(1));
        let mut table: Vec<String> = (rows.iter())
            .map(|[ours, expected, theirs]| {
                format!("  {ours:first$} | {expected:second$} | {theirs}")
                    .trim_end()
                    .to_owned()
            })
            .collect();
        if left_out > 0 {
            table.push(format!("  and {left_out} more"));
        }
        table.join("\n")
    }

    /// Whether a tensor of the file can be one of the chain by its role and shape; a `role` of `None` fits all.
    fn fits(&self, ours: usize, theirs: usize, any_role: bool) -> bool {
        let (placed, foreign) = (&self.ours[ours], &self.theirs[theirs]);
        let parts = self.mapping.framework.components(&foreign.name);
        let role = parts.last().copied().unwrap_or_default();
        let layer = placed.tensor.layer.name;
        let has_role = self
            .mapping
            .framework
            .roles(layer, placed.tensor.role())
            .contains(&role);
        (any_role || has_role) && placed.shapes.contains(&foreign.shape)
    }

    /// The only tensor of each role in a group of the file, if it has those of the group of the chain and no others.
    fn pair_group(&self, ours: &[usize], theirs: &[usize]) -> Option<Vec<usize>> {
        if ours.len() != theirs.len() {
            return None;
        }
        let find = |ours: &usize| {
            let mut fitting = theirs
                .iter()
                .copied()
                .filter(|theirs| self.fits(*ours, *theirs, false));
            let first = fitting.next()?;
            fitting.next().is_none().then_some(first)
        };
        ours.iter().map(find).collect()
    }

    fn take(&mut self, ours: usize, theirs: usize) {
        self.found[ours] = Some(theirs);
        self.used[theirs] = true;
    }

    /// What the caller has paired.
    fn pairs(&mut self) -> Result<(), Error> {
        let framework = self.mapping.framework;
        for (our_name, their_name) in &self.mapping.pairs {
            let wanted = framework.components(their_name);
            let tensor =
                (0..self.ours.len()).find(|index| self.ours[*index].tensor.name == *our_name);
            if let Some(ours) = tensor {
                let is = |index: &usize| framework.components(&self.theirs[*index].name) == wanted;
                let candidates: Vec<usize> = (0..self.theirs.len()).filter(is).collect();
                match candidates[..] {
                    [theirs]
                        if !self.used[theirs]
                            && self.found[ours].is_none()
                            && self.fits(ours, theirs, true) =>
                    {
                        self.take(ours, theirs);
                    }
                    [_] => {
                        return Err(self.error(&format!(
                            "tensor `{our_name}` cannot be {}: it is paired already, or has another shape", shown(their_name)
                        )));
                    }
                    _ => {
                        return Err(
                            self.error(&format!("the file has no tensor {}", shown(their_name)))
                        );
                    }
                }
                continue;
            }
            let ours: Group = (0..self.ours.len())
                .filter(|index| {
                    self.ours[*index].layer() == our_name && self.found[*index].is_none()
                })
                .collect();
            if ours.is_empty() {
                return Err(self.error(&format!(
                    "the chain has no layer or tensor {}",
                    shown(our_name)
                )));
            }
            let theirs: Group = (0..self.theirs.len())
                .filter(|index| {
                    let parts = framework.components(&self.theirs[*index].name);
                    !self.used[*index] && parts[..parts.len() - 1] == wanted[..]
                })
                .collect();
            let Some(pairs) = self.pair_group(&ours, &theirs) else {
                return Err(self.error(&format!(
                    "the tensors of layer `{our_name}` are not those of {}: their names or shapes differ",
                    shown(their_name)
                )));
            };
            for (ours, theirs) in ours.into_iter().zip(pairs) {
                self.take(ours, theirs);
            }
        }
        Ok(())
    }

    /// All others, layer by layer.
    fn rest(&mut self) -> Result<(), Error> {
        let framework = self.mapping.framework;
        let mut layers: Vec<Group> = Vec::new();
        for index in (0..self.ours.len()).filter(|index| self.found[*index].is_none()) {
            match layers.last_mut() {
                Some(group) if self.ours[group[0]].layer() == self.ours[index].layer() => {
                    group.push(index)
                }
                _ => layers.push(vec![index]),
            }
        }
        let mut named: Vec<(Vec<&'a str>, usize)> = Vec::new();
        for index in (0..self.theirs.len()).filter(|index| !self.used[*index]) {
            let mut parts = framework.components(&self.theirs[index].name);
            parts.pop();
            named.push((parts, index));
        }
        named.sort();
        let (mut paths, mut modules): (Vec<Vec<&str>>, Vec<Group>) = Default::default();
        for (path, index) in named {
            if paths.last() == Some(&path) {
                modules.last_mut().expect("one for each path").push(index);
            } else {
                paths.push(path);
                modules.push(vec![index]);
            }
        }
        let fits = |layer: usize, module: usize| {
            self.pair_group(&layers[layer], &modules[module]).is_some()
        };
        let assigned = match assign(layers.len(), &paths, fits) {
            Ok(assigned) => assigned,
            Err(failure) => return Err(self.failure(failure, &layers, &paths)),
        };
        for (layer, module) in layers.iter().zip(assigned) {
            let pairs = self.pair_group(layer, &modules[module]).expect("it fits");
            for (ours, theirs) in layer.iter().zip(pairs) {
                self.take(*ours, theirs);
            }
        }
        Ok(())
    }

    fn failure(&self, failure: Failure, layers: &[Group], paths: &[Vec<&str>]) -> Error {
        let separator = self.mapping.framework.separator().to_string();
        match failure {
            Failure::None => {
                let (ours, theirs) = (layers.len(), paths.len());
                let why = match ours == theirs {
                    true => "in the order of the numbers in their names, the shapes or names are not those of the chain".to_owned(),
                    false => format!("the file has {theirs} modules with parameters where the chain has {ours} layers"),
                };
                self.error(&format!(
                    "the tensors of the file are not those of the chain: {why}; name what belongs together (`pair`), or leave out \
                     what belongs to no layer (`ignore`)"
                ))
            }
            Failure::Ambiguous(layer, modules) => {
                let [first, second] = modules.map(|module| shown(&paths[module].join(&separator)));
                let layer = self.ours[layers[layer][0]].layer();
                self.error(&format!(
                    "layer `{layer}` may be {first} or {second}: shapes do not say which, and names without numbers have no order; \
                     write `.pair(\"{layer}\", ..)`"
                ))
            }
            Failure::TooMany => self.error(
                "there are too many ways in which the tensors of the file could be those of the chain; name what belongs together (`pair`)",
            ),
        }
    }
}
