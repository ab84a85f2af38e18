//! The links of all pages lead somewhere, and the tables of `docs/REFERENCE.md` name every word of the language.

use std::path::{Path, PathBuf};

const REFERENCE: &str = include_str!("../../docs/REFERENCE.md");

/// All files in a directory.
pub(crate) fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in dir.read_dir().expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// A line that rustdoc hides is shown by everything else, and pasted.
#[test]
fn the_guide_hides_no_lines() {
    let guide = include_str!("../../docs/guide.md");
    let code = guide.split("```").skip(1).step_by(2);
    let mut code = code.filter(|block| block.starts_with("rust"));
    assert!(code.all(|block| !block.lines().any(|line| line.starts_with("# "))));
}

/// Users depend on `simplechain`: an example of the runtime's documentation that names the runtime does not compile for them.
#[test]
fn examples_are_those_of_a_user() {
    let mut sources = Vec::new();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simplechain-runtime/src");
    files(&dir, &mut sources);
    assert!(sources.len() > 50, "{} files", sources.len());
    for path in sources {
        let text = std::fs::read_to_string(&path).expect("a source");
        for line in text.lines().map(str::trim_start) {
            let is_example = line.starts_with("///") || line.starts_with("//!");
            let is_named = line.contains("simplechain_runtime::");
            assert!(!(is_example && is_named), "{}: {line}", path.display());
        }
    }
}

/// Whoever has only the clone can follow every link of every page: to a file, and to a heading in it.
#[test]
fn links_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let pages = |dir: &str| {
        let entries = root.join(dir).read_dir().expect("a directory");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "md"))
    };
    let mut count = 0;
    for page in pages(".").chain(pages("docs")) {
        let text = read(&page);
        for rest in text.split("](").skip(1) {
            let link = rest.split(')').next().expect("some text");
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let file = match file {
                "" => page.clone(),
                _ => page.with_file_name(file),
            };
            assert!(file.exists(), "{}: {link}", page.display());
            assert!(
                heading.is_empty() || anchors(&read(&file)).any(|anchor| anchor == heading),
                "{}: {link}",
                page.display()
            );
            count += 1;
        }
    }
    assert!(count > 60, "{count} links");
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a page")
}

/// What a page's headings are called in links.
fn anchors(page: &str) -> impl Iterator<Item = String> + '_ {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[test]
fn every_row_of_a_table_links_to_its_test() {
    // Of optimizers and activations a sentence beside the table does.
    for section in REFERENCE.split("\n## ") {
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        if section.starts_with("Optimizers") || section.starts_with("Activations") {
            assert!(section.contains("](../"), "{section}");
            continue;
        }
        for row in rows {
            assert!(row.contains("](../"), "{row}");
        }
    }
}

/// The layers are those that random chains are made of, the activations those of the table.
#[test]
fn every_word_is_explained() {
    let chains = include_str!("../random_chains/build/chain.rs");
    let layers = chains.split("const WORDS").nth(1).expect("a list");
    let layers = layers.split("];").next().expect("some text");
    let layers: Vec<&str> = layers.split('"').skip(1).step_by(2).collect();
    assert!(layers.len() > 10, "{layers:?}");
    for word in layers.iter().chain(simplechain_reference::ACTIVATIONS) {
        let name = word.split('(').next().expect("some text");
        let found = [format!("`{name}`"), format!("`{name}(")];
        assert!(
            found.iter().any(|text| REFERENCE.contains(text)),
            "{word} is not in docs/REFERENCE.md"
        );
    }
}
