//! The tables of `docs/REFERENCE.md` link to files that are there, and name every word of the language.

use std::path::Path;

const REFERENCE: &str = include_str!("../docs/REFERENCE.md");

/// A line that rustdoc hides is shown by everything else, and pasted.
#[test]
fn the_guide_hides_no_lines() {
    let guide = include_str!("../docs/guide.md");
    let mut code = guide.split("```").skip(1).step_by(2);
    assert!(code.all(|block| !block.lines().any(|line| line.starts_with("# "))));
}

#[test]
fn links_lead_to_files() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let links: Vec<&str> = REFERENCE
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().expect("some text"))
        .collect();
    assert!(links.len() > 40, "{} links", links.len());
    for link in links {
        assert!(docs.join(link).is_file(), "{link}");
    }
}

#[test]
fn every_row_of_a_table_links_to_its_test() {
    // Of optimizers the sentence above the table does.
    let rows = REFERENCE.split("## Optimizers").next().expect("tables");
    for row in rows.lines().filter(|line| line.starts_with("| `")) {
        assert!(row.contains("](../"), "{row}");
    }
}
