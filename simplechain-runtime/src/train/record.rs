//! The results of a training as CSV and JSON.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::string::ToString;
use std::io::{self, Write};

use super::epoch::{Epoch, History};

impl History {
    /// Writes a table with the columns `epoch`, `loss`, `validation` and `seconds`, and a line for each epoch. Without
    /// validation the column is empty. Numbers have all their digits; those that are not finite are `NaN`, `inf`, `-inf`.
    ///
    /// ```
    /// # use simplechain::train::History;
    /// # let history = History::default();
    /// let mut table = Vec::new(); // or a file
    /// history.write_csv(&mut table)?;
    /// assert_eq!(table, b"epoch,loss,validation,seconds\n");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write_csv(&self, mut to: impl Write) -> io::Result<()> {
        writeln!(to, "epoch,loss,validation,seconds")?;
        for epoch in &self.epochs {
            let Epoch { index, loss, .. } = epoch;
            let validation = epoch.validation.map(|loss| format!("{loss:?}"));
            let validation = validation.unwrap_or_default();
            let seconds = epoch.duration.as_secs_f64();
            writeln!(to, "{index},{loss:?},{validation},{seconds:?}")?;
        }
        to.flush()
    }

    /// Writes an object with `best`, the index of the best epoch or `null`, and the array `epochs` of objects with `epoch`, `loss`,
    /// `validation` and `seconds`. What is missing, or not finite, is `null`.
    ///
    /// ```
    /// # use simplechain::train::History;
    /// # let history = History::default();
    /// let mut text = Vec::new(); // or a file
    /// history.write_json(&mut text)?;
    /// assert_eq!(text, b"{\"best\": null, \"epochs\": []}\n");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write_json(&self, mut to: impl Write) -> io::Result<()> {
        let best = self.best.map(|best| best.to_string());
        let best = best.as_deref().unwrap_or("null");
        write!(to, "{{\"best\": {best}, \"epochs\": [")?;
        for (position, epoch) in self.epochs.iter().enumerate() {
            write!(
                to,
                "{}\n  {{\"epoch\": {}, \"loss\": {}, \"validation\": {}, \"seconds\": {}}}",
                if position == 0 { "" } else { "," },
                epoch.index,
                number(Some(epoch.loss)),
                number(epoch.validation),
                number(Some(epoch.duration.as_secs_f64())),
            )?;
        }
        let end = if self.epochs.is_empty() { "" } else { "\n" };
        writeln!(to, "{end}]}}")?;
        to.flush()
    }
}

/// A number of JSON, which has none that is not finite.
fn number(number: Option<f64>) -> String {
    let finite = number.filter(|number| number.is_finite());
    finite.map_or_else(|| "null".to_owned(), |number| format!("{number:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    fn history() -> History {
        let epoch = |index, loss, validation| Epoch {
            index,
            loss,
            validation,
            duration: Duration::from_millis(1500),
        };
        History {
            epochs: vec![
                epoch(0, 0.1, Some(1e-300)),
                epoch(1, f64::NAN, None),
                epoch(2, 1e300, Some(f64::INFINITY)),
            ],
            best: Some(0),
        }
    }

    #[test]
    fn a_table_has_a_line_for_each_epoch() {
        let mut text = Vec::new();
        history().write_csv(&mut text).unwrap();
        let want = "epoch,loss,validation,seconds\n0,0.1,1e-300,1.5\n1,NaN,,1.5\n2,1e300,inf,1.5\n";
        assert_eq!(String::from_utf8(text).unwrap(), want);
    }

    #[test]
    fn json_has_no_number_that_is_not_finite() {
        let mut text = Vec::new();
        history().write_json(&mut text).unwrap();
        let want = r#"{"best": 0, "epochs": [
  {"epoch": 0, "loss": 0.1, "validation": 1e-300, "seconds": 1.5},
  {"epoch": 1, "loss": null, "validation": null, "seconds": 1.5},
  {"epoch": 2, "loss": 1e300, "validation": null, "seconds": 1.5}
]}
"#;
        assert_eq!(String::from_utf8(text).unwrap(), want);
    }
}
