//! MNIST: the bundled subset, or the files of a directory.

use std::error::Error;
use std::fs;
use std::path::Path;

use simplechain::data::Bytes;

use crate::idx::{self, IdxError, Image};

/// Images of digits with their labels.
pub(crate) struct Digits {
    pub(crate) images: Vec<Image>,
    pub(crate) labels: Vec<u8>,
}

/// Training and test data.
pub(crate) struct Mnist {
    pub(crate) train: Digits,
    pub(crate) test: Digits,
}

impl Digits {
    /// Reads the contents of two files, which messages call `names`.
    pub(crate) fn read(names: [&str; 2], files: [&[u8]; 2]) -> Result<Self, Box<dyn Error>> {
        let of = |name: &str, error: IdxError| format!("{name} {error}");
        let images = idx::images(files[0]).map_err(|error| of(names[0], error))?;
        let labels = idx::labels(files[1]).map_err(|error| of(names[1], error))?;
        if images.is_empty() {
            return Err(format!("{} has no image", names[0]).into());
        }
        if images.len() != labels.len() {
            let (images, labels) = (images.len(), labels.len());
            let [of_images, of_labels] = names;
            return Err(format!(
                "{of_images} has {images} images, but {of_labels} has {labels} labels"
            )
            .into());
        }
        Ok(Self { images, labels })
    }

    /// The images as values from 0 to 1.
    pub(crate) fn inputs(&self) -> Bytes<'_, { idx::SIDE * idx::SIDE }> {
        Bytes::new(&self.images)
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }
}

impl Mnist {
    /// The first 4000 and 1000 images.
    pub(crate) fn subset() -> Result<Self, Box<dyn Error>> {
        let train: [&[u8]; 2] = [
            include_bytes!("mnist/train-images-idx3-ubyte.gz"),
            include_bytes!("mnist/train-labels-idx1-ubyte.gz"),
        ];
        let test: [&[u8]; 2] = [
            include_bytes!("mnist/t10k-images-idx3-ubyte.gz"),
            include_bytes!("mnist/t10k-labels-idx1-ubyte.gz"),
        ];
        Ok(Self {
            train: Digits::read(["the subset to train with"; 2], train)?,
            test: Digits::read(["the subset to test with"; 2], test)?,
        })
    }

    /// Reads the four files of a directory, named with or without `.gz`.
    pub(crate) fn of_directory(directory: &Path) -> Result<Self, Box<dyn Error>> {
        let digits = |part: &str| {
            let images = file(directory, &format!("{part}-images"), "idx3-ubyte")?;
            let labels = file(directory, &format!("{part}-labels"), "idx1-ubyte")?;
            Digits::read([&images.0, &labels.0], [&images.1, &labels.1])
        };
        Ok(Self {
            train: digits("train")?,
            test: digits("t10k")?,
        })
    }
}

/// The path and the contents of a file with this name.
fn file(directory: &Path, stem: &str, kind: &str) -> Result<(String, Vec<u8>), Box<dyn Error>> {
    let names = ["-", "."].map(|sign| format!("{stem}{sign}{kind}"));
    for name in &names {
        for name in [name.clone(), format!("{name}.gz")] {
            let path = directory.join(name);
            if path.exists() {
                let shown = path.display().to_string();
                let bytes = fs::read(&path).map_err(|error| format!("{shown}: {error}"))?;
                return Ok((shown, bytes));
            }
        }
    }
    let [name, _] = names;
    let directory = directory.display();
    Err(format!("{directory} has no file {name} or {name}.gz").into())
}
