//! The modules of a crate import each other downward only: where there is a circle, none of its files can be read, changed or
//! tested without all of them.
//!
//! A module is a file here, because that is what is read in one piece; and once more all that is in one folder, because a folder
//! is what the map in `docs/DESIGN.md` shows. A path counts where it is written, and leads to the file in which its item is
//! declared: what a parent re-exports of its children is not its own, so neither this nor its `mod` lines are imports. Links in the
//! documentation do not count, and tests inside of a file import what they want.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree, Visibility};

/// Folders that are one module, and why.
const WHOLE: &[(&str, &str)] = &[(
    "simd",
    "numbers, vectors, tiers and functions are traits that speak of each other",
)];

/// Imports that close a circle and stay: from, to (`layers/` is every file in the folder), and why.
type Exception = (&'static str, &'static str, &'static str);

const IN_RUNTIME: &[Exception] = &[(
    "optim",
    "optim/",
    "methods of the trait wrap an optimizer in another, as those of `Iterator` do",
)];

const IN_MACROS: &[Exception] = &[
    (
        "layers",
        "layers/",
        "the table of layers names each of them",
    ),
    (
        "layers/nested",
        "parse",
        "a layer may have chains in it, so the grammar is recursive",
    ),
];

/// A path in a crate: `["optim", "lbfgs"]`.
type Names = Vec<String>;

/// A module that is a file.
#[derive(Default)]
struct Module {
    /// The items that it declares.
    items: BTreeSet<String>,
    /// What it has under a name: the paths of its `use` declarations.
    names: BTreeMap<String, Names>,
    /// All paths that are written in it and lead into its crate.
    paths: BTreeSet<Names>,
}

type Crate = BTreeMap<Names, Module>;

fn read(dir: &Path, at: &[String], found: &mut Crate) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let within = || at.iter().cloned().chain([stem.clone()]).collect::<Names>();
        if path.is_dir() {
            // Texts to compare with, not modules.
            if stem != "golden" {
                read(&path, &within(), found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let at = match &*stem {
                "lib" | "mod" => at.to_vec(),
                _ => within(),
            };
            let text = fs::read_to_string(&path).expect("a source");
            let mut module = Module::default();
            module.read(&at, &syn::parse_file(&text).expect("Rust").items);
            found.insert(at, module);
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is = |name: &str| {
            let what = attribute.parse_args::<syn::Ident>();
            what.is_ok_and(|what| what == name)
        };
        attribute.path().is_ident("cfg") && is("test")
    })
}

impl Module {
    fn read(&mut self, at: &[String], items: &[Item]) {
        for item in items {
            if let Item::Mod(item) = item
                && item.content.is_none()
            {
                let name = item.ident.to_string();
                self.names.insert(name.clone(), [at, &[name]].concat());
            }
        }
        for item in items {
            match item {
                Item::Use(item) if !is_test(&item.attrs) => {
                    let is_public = !matches!(item.vis, Visibility::Inherited);
                    self.import(at, &mut Names::new(), &item.tree, is_public);
                }
                Item::Mod(item) if !is_test(&item.attrs) => {
                    if let Some((_, items)) = &item.content {
                        self.read(&[at, &[item.ident.to_string()]].concat(), items);
                    }
                }
                other => self.items.extend(declares(other)),
            }
        }
        for item in items {
            if !matches!(item, Item::Use(_) | Item::Mod(_)) {
                self.scan(at, item.to_token_stream());
            }
        }
    }

    /// A `use`: of a name, and with what it is called here.
    fn import(&mut self, at: &[String], path: &mut Names, tree: &UseTree, is_public: bool) {
        let (name, alias) = match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.import(at, path, &tree.tree, is_public);
                path.pop();
                return;
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(at, path, tree, is_public);
                }
                return;
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(name) => (&name.ident, &name.rename),
            UseTree::Glob(_) => {
                let all = [path, &["*".to_owned()][..]].concat();
                let all = self.absolute(at, &all);
                // Likewise.
                self.paths
                    .extend(all.filter(|all| !(is_public && all.starts_with(at))));
                return;
            }
        };
        let mut full = path.clone();
        if name != "self" {
            full.push(name.to_string());
        }
        let alias = match alias == "self" {
            true => full.last().unwrap().clone(),
            false => alias.to_string(),
        };
        let Some(full) = self.absolute(at, &full) else {
            return;
        };
        // What is re-exported from a child is the child's.
        if !(is_public && full.starts_with(at)) {
            self.paths.insert(full.clone());
        }
        self.names.insert(alias, full);
    }

    /// A path from the root of the crate, if it is one of this crate.
    fn absolute(&self, at: &[String], path: &[String]) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let mut from = match &**first {
            "crate" => Names::new(),
            "self" => at.to_vec(),
            "super" => at[..at.len() - 1].to_vec(),
            name => self.names.get(name)?.clone(),
        };
        for name in rest {
            if name == "super" {
                from.pop();
            } else {
                from.push(name.clone());
            }
        }
        Some(from)
    }

    /// All paths among tokens that begin with `crate`, `super`, or a name from a `use`.
    fn scan(&mut self, at: &[String], tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                // An attribute: documentation is one.
                TokenTree::Punct(punct) if punct.as_char() == '#' => i += 1,
                TokenTree::Group(group) => self.scan(at, group.stream()),
                TokenTree::Ident(first) => {
                    let mut path = vec![first.to_string()];
                    while let [
                        TokenTree::Punct(colon),
                        TokenTree::Punct(second),
                        TokenTree::Ident(name),
                        ..,
                    ] = &tokens[i + 1..]
                        && colon.as_char() == ':'
                        && colon.spacing() == Spacing::Joint
                        && second.as_char() == ':'
                    {
                        path.push(name.to_string());
                        i += 3;
                    }
                    // `pub(super)` and `pub(crate)` are no paths.
                    if path.len() > 1 {
                        self.paths.extend(self.absolute(at, &path));
                    }
                }
                _ => {}
            }
            i += 1;
        }
    }
}

/// The name that an item declares.
fn declares(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// The file in which what a path leads to is declared; a module by itself is nothing but a name for what it holds.
fn declared_in(modules: &Crate, path: &[String]) -> Option<Names> {
    let mut path = path.to_vec();
    // As many re-exports as anyone could have behind each other.
    for _ in 0..16 {
        let len = (0..=path.len())
            .rev()
            .find(|len| modules.contains_key(&path[..*len]))?;
        let (module, rest) = path.split_at(len);
        let found = &modules[module];
        match rest {
            [] => return None,
            [name, ..] if !found.items.contains(name) && found.names.contains_key(name) => {
                let rest = rest[1..].iter().cloned();
                path = found.names[name].iter().cloned().chain(rest).collect();
            }
            _ => return Some(module.to_vec()),
        }
    }
    panic!("{path:?} leads in a circle");
}

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Which module imports which, each under the name that it is given.
fn graph(modules: &Crate, name: fn(&[String]) -> String) -> Graph {
    let mut graph = Graph::new();
    for (at, module) in modules {
        let from = name(at);
        let imports = graph.entry(from.clone()).or_default();
        for path in &module.paths {
            let to = declared_in(modules, path).map(|to| name(&to));
            imports.extend(to.filter(|to| *to != from));
        }
    }
    graph
}

/// Modules each of which imports the next one, and the last the first.
fn circle(graph: &Graph) -> Option<Vec<&str>> {
    fn visit<'a>(
        graph: &'a Graph,
        at: &'a str,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(first) = way.iter().position(|module| *module == at) {
            return Some(way[first..].to_vec());
        }
        if !done.insert(at) {
            return None;
        }
        way.push(at);
        let found = graph[at].iter().find_map(|to| visit(graph, to, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    let mut modules = graph.keys();
    modules.find_map(|module| visit(graph, module, &mut Vec::new(), &mut done))
}

fn file(at: &[String]) -> String {
    match at.first() {
        None => "lib".to_owned(),
        Some(first) if WHOLE.iter().any(|(folder, _)| folder == first) => first.clone(),
        Some(_) => at.join("/"),
    }
}

fn folder(at: &[String]) -> String {
    file(&at[..at.len().min(1)])
}

fn modules(krate: &str) -> Crate {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(krate);
    let mut modules = Crate::new();
    read(&root.join("src"), &[], &mut modules);
    modules
}

/// Fails with a circle, if there is one.
fn check(mut graph: Graph, exceptions: &[Exception]) {
    let imports: usize = graph.values().map(BTreeSet::len).sum();
    assert!(imports > 50, "only {imports} imports");
    for (from, to, _) in exceptions {
        let imports = graph.get_mut(*from).expect("a module");
        let all = imports.len();
        imports.retain(|import| import != to && !(to.ends_with('/') && import.starts_with(to)));
        assert!(imports.len() < all, "{from} no longer imports {to}");
    }
    if std::env::var_os("SHOW_IMPORTS").is_some() {
        for (from, to) in &graph {
            println!("{from}: {}", Vec::from_iter(to.clone()).join(" "));
        }
    }
    if let Some(circle) = circle(&graph) {
        panic!("these import each other in a circle: {circle:?}");
    }
}

#[test]
fn no_circle_of_files_in_the_runtime() {
    check(graph(&modules("simplechain-runtime"), file), IN_RUNTIME);
}

#[test]
fn no_circle_of_folders_in_the_runtime() {
    check(graph(&modules("simplechain-runtime"), folder), &[]);
}

/// Of its folders, `parse` and `layers` are one grammar, cut by layers.
#[test]
fn no_circle_of_files_in_the_macros() {
    check(graph(&modules("simplechain-macros"), file), IN_MACROS);
}

/// A clock that is set back changes nothing: the time of day is read nowhere, and `Instant` does not go back.
#[test]
fn the_time_of_day_is_not_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    for dir in ["src", "simplechain-runtime/src", "simplechain-macros/src"] {
        crate::docs::files(&root.join(dir), &mut sources);
    }
    assert!(sources.len() > 100, "{} files", sources.len());
    for path in sources {
        let text = fs::read_to_string(&path).expect("a source");
        for word in ["SystemTime", "UNIX_EPOCH"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn a_circle_is_found() {
    let graph = |imports: &[(&str, &[&str])]| -> Graph {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let imports = imports.iter();
        imports
            .map(|(from, to)| (from.to_string(), names(to)))
            .collect()
    };
    let tree = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
    assert_eq!(circle(&tree), None);
    let round = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]);
    assert_eq!(circle(&round), Some(vec!["b", "c"]));
}
