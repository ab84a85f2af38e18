//! The two programs, as they are run: on the table of the example, on tables with mistakes, on lines of all kinds.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const TABLE: &str = include_str!("../data/houses.csv");

/// A directory that is removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn train(arguments: &[&str], directory: &Directory) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tabular_csv"));
    command.args(["--threads", "1"]).args(arguments);
    command.current_dir(&directory.0).output().unwrap()
}

fn server(network: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_serve"))
        .arg(network)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn serve(network: &Path, input: &[u8]) -> Output {
    let mut child = server(network);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// R2, MAE and RMSE of a model in the output of the training.
fn scores(output: &str, model: &str) -> [f64; 3] {
    let line = output.lines().find(|line| line.starts_with(model));
    let mut numbers = line.unwrap().split_whitespace().skip(1);
    std::array::from_fn(|_| numbers.next().unwrap().parse().unwrap())
}

#[test]
fn the_network_beats_the_line_and_is_served() {
    let directory = Directory::new("houses");
    let mut arguments = vec!["--save", "net.safetensors", "--plot", "plot.png"];
    arguments.extend(["--history", "losses.csv"]);
    let output = train(&arguments, &directory);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    let rows = "2100 rows to train, 450 to validate, 450 to test\n";
    assert!(out.starts_with(rows), "{out}");
    let (line, net) = (scores(out, "linear"), scores(out, "network"));
    assert!(line[0] > 0.7 && net[0] > 0.93, "{out}");
    assert!(net[1] < 0.6 * line[1] && net[2] < 0.7 * line[2], "{out}");
    // The standard error of a test is no terminal.
    let progress = text(&output.stderr);
    let is_plain = progress.starts_with("epoch 1/500, loss ") && !progress.contains('\x1b');
    assert!(is_plain, "{progress}");
    let plot = fs::read(directory.file("plot.png")).unwrap();
    assert!(plot.starts_with(b"\x89PNG"));
    let losses = fs::read_to_string(directory.file("losses.csv")).unwrap();
    assert!(losses.lines().count() > 20, "{losses}");

    // The same seed gives the same numbers.
    let again = train(&["--save", "again.safetensors"], &directory);
    let numbers = |out| str::split(out, "\nsaved").next().unwrap().to_owned();
    assert_eq!(numbers(out), numbers(text(&again.stdout)));
    let read = |name| fs::read(directory.file(name)).unwrap();
    let same = read("net.safetensors") == read("again.safetensors");
    assert!(same, "the saved files differ");

    // The table itself goes through the server, column `energy_kwh` and all.
    let served = serve(&directory.file("net.safetensors"), TABLE.as_bytes());
    let errors = text(&served.stderr);
    assert!(served.status.success() && errors.is_empty(), "{errors}");
    let predictions = text(&served.stdout).lines();
    let predictions: Vec<f64> = predictions.map(|line| line.parse().unwrap()).collect();
    let targets = TABLE.lines().skip(1);
    let targets = targets.map(|line| line.rsplit(',').next().unwrap().parse().unwrap());
    let targets: Vec<f64> = targets.collect();
    assert_eq!(predictions.len(), targets.len());
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    let squares =
        |off: &dyn Fn(usize) -> f64| -> f64 { (0..targets.len()).map(|i| off(i).powi(2)).sum() };
    let unexplained = squares(&|i| predictions[i] - targets[i]) / squares(&|i| targets[i] - mean);
    assert!(unexplained < 0.07, "{unexplained}");
}

/// A network of a short training, for the tests of the server.
fn quick(directory: &Directory) -> PathBuf {
    let arguments = ["--epochs", "2", "--save", "quick.safetensors"];
    let output = train(&arguments, directory);
    assert!(output.status.success(), "{}", text(&output.stderr));
    directory.file("quick.safetensors")
}

#[test]
fn the_server_goes_on_after_a_bad_line() {
    let directory = Directory::new("lines");
    let network = quick(&directory);
    let mut input = b"heating,floors,area_m2,year_built,mean_temperature_c,occupants\r\n".to_vec();
    input.extend(b"gas,2,100,,9.0,\r\n"); // 2: missing values are no mistake
    input.extend(b"solar,2,100,1990,9,2\n"); // 3
    input.extend(b"\"gas\n"); // 4: a quote that is not closed ends with its line
    input.extend(b"\n"); // 5
    input.extend(b"gas,2,1x0,1990,9,2\n"); // 6
    input.extend(b"gas,2,inf,1990,9,2\n"); // 7
    input.extend(b"gas,2,100\n"); // 8
    input.extend(b"\xff\xfe,1\n"); // 9
    input.extend([b'7'; 200_000]); // 10
    input.extend(b"\n\"gas\",2, 100 ,NA,9.0,NaN"); // 11: as line 2, and without an end
    let output = serve(&network, &input);
    assert!(output.status.success());
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 10, "{lines:?}");
    assert!(lines[0].parse::<f64>().unwrap().is_finite());
    assert!(lines[1..9].iter().all(|line| line.is_empty()), "{lines:?}");
    assert_eq!(lines[9], lines[0]);
    let errors: Vec<_> = text(&output.stderr).lines().collect();
    let expected = [
        "line 3: column `heating`: \"solar\" is none of the categories district, gas, heat_pump, oil",
        "line 4: ",
        "line 5: the line is empty",
        "line 6: column `area_m2`: \"1x0\" is not a finite number",
        "line 7: column `area_m2`: \"inf\" is not a finite number",
        "line 8: column `year_built`: the record has only 3 fields",
        "line 9: the line is not UTF-8",
        "line 10: the line is longer than 65536 bytes",
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:?}");
    for (error, expected) in errors.iter().zip(expected) {
        assert!(error.starts_with(expected), "{error}");
    }
}

/// A prediction comes before the next line is asked for.
#[test]
fn the_server_answers_line_by_line() {
    let directory = Directory::new("dialogue");
    let mut child = server(&quick(&directory));
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = TABLE.lines();
    writeln!(stdin, "{}", lines.next().unwrap()).unwrap();
    for line in lines.take(5) {
        writeln!(stdin, "{line}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.parse::<f64>().unwrap().is_finite(), "{answer}");
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_leaves_is_no_mistake() {
    let directory = Directory::new("pipe");
    let mut child = server(&quick(&directory));
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    _ = stdin.write_all(TABLE.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let errors = text(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
}

#[test]
fn what_the_server_cannot_use_is_said() {
    let directory = Directory::new("unusable");
    let network = quick(&directory);
    let fails = |network: &Path, input: &str, expected: &str| {
        let output = serve(network, input.as_bytes());
        let error = text(&output.stderr);
        let is_told = error.contains(expected) && !error.contains("panicked");
        assert!(!output.status.success() && is_told, "{error}");
    };
    let missing = "line 1, column `floors`: the header has no such column, but area_m2, year_built";
    fails(&network, "area_m2,year_built\n", missing);
    let twice = TABLE.lines().next().unwrap().to_owned() + ",floors\n";
    fails(&network, &twice, "two columns of this name");
    fails(&directory.file("none.safetensors"), "", "none.safetensors");
    let bytes = fs::read(&network).unwrap();
    let half = directory.file("half.safetensors");
    fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    fails(&half, "", "half.safetensors");
    assert!(serve(&network, b"").status.success(), "nothing to predict");
}

#[test]
fn mistakes_of_a_table_are_said_with_line_and_column() {
    let directory = Directory::new("tables");
    let fails = |table: &str, expected: &str| {
        fs::write(directory.file("table.csv"), table).unwrap();
        let output = train(&["--data", "table.csv"], &directory);
        let error = text(&output.stderr);
        let is_told = error.contains(expected) && !error.contains("panicked");
        assert!(!output.status.success() && is_told, "{error}");
        assert!(!directory.file("houses.safetensors").exists(), "saved");
    };
    let lines: Vec<&str> = TABLE.lines().collect();
    let with = |line: usize, text: &str| {
        let mut lines = lines[..40].to_vec();
        lines[line - 1] = text;
        lines.join("\n")
    };
    for (line, row, expected) in [
        (
            7,
            "abc,1990,2,9,2,gas,9000",
            "table.csv: line 7, column `area_m2`: \"abc\" is not a finite number",
        ),
        (
            8,
            "100,1990,2,9,2,gas,",
            "line 8, column `energy_kwh`: the target is missing",
        ),
        (
            9,
            "100,1990,2,9,2,,9000",
            "line 9, column `heating`: the category is missing",
        ),
        (
            39,
            "100,1990,2,9,2,wood,9000",
            "line 39, column `heating`: \"wood\" is one category more than the 4",
        ),
        (11, "100,1990,2,9,2,gas", "line: 11"),
        (
            1,
            "a,b,c,d,e,heating,f",
            "line 1, column `energy_kwh`: the header has no such column",
        ),
        (1, "a,b,c,d,e,energy_kwh,heating", "one category more than"),
    ] {
        fails(&with(line, row), expected);
    }
    fails(&lines[..8].join("\n"), "there are 7 rows");
    fails("", "the header has no such column");
    fails(
        "heating,energy_kwh,x\n",
        "there are 1 columns of numbers (x), but the chain takes 5",
    );
    let output = train(&["--target", "heating"], &directory);
    let error = text(&output.stderr);
    assert!(error.contains("cannot be both"), "{error}");
    let output = train(&["--data", "missing.csv"], &directory);
    let error = text(&output.stderr);
    assert!(error.starts_with("error: missing.csv: "), "{error}");
}
