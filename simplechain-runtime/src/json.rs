//! Minimal JSON: texts as they are written, and a parser, sufficient for architectures and headers of files; malformed input is
//! at worst an error.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

/// The maximum nesting depth.
const DEPTH: usize = 128;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The tree of a text; `None` if it is not JSON, or nested too deeply.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser::new(text);
        let value = parser.value(DEPTH)?;
        parser.is_at_end().then_some(value)
    }

    /// The first value with this name, if this is an object that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let member = members.iter().find(|(own, _)| own == name);
        member.map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }
}

/// Writes a text with its quotation marks.
pub(crate) fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => {
                write!(json, "\\u{:04x}", c as u32).expect("a string takes all");
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

/// Reads the values of a text one after the other.
pub(crate) struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    /// From the beginning of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Whether nothing is left but white space.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.rest.is_empty()
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Skips `token`, if it is next.
    pub(crate) fn eat(&mut self, token: &str) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    /// The longest prefix of characters accepted by `belongs`.
    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        self.skip_space();
        match self.rest.chars().next()? {
            '{' => {
                let member = |parser: &mut Self| {
                    let name = parser.text()?;
                    parser.eat(":")?;
                    Some((name, parser.value(depth)?))
                };
                self.sequence("{", "}", member).map(Json::Object)
            }
            '[' => {
                let list = self.sequence("[", "]", |parser| parser.value(depth));
                list.map(Json::List)
            }
            '"' => self.text().map(Json::Text),
            'n' => self.eat("null").map(|()| Json::Null),
            't' => self.eat("true").map(|()| Json::Bool(true)),
            'f' => self.eat("false").map(|()| Json::Bool(false)),
            '-' | '0'..='9' => {
                let digits = self.run(|c| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
                digits.parse().ok().map(Json::Number)
            }
            _ => None,
        }
    }

    /// The comma-separated items between brackets.
    pub(crate) fn sequence<T>(
        &mut self,
        open: &str,
        close: &str,
        mut element: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.eat(open)?;
        let mut elements = Vec::new();
        if self.eat(close).is_some() {
            return Some(elements);
        }
        loop {
            elements.push(element(self)?);
            if self.eat(",").is_none() {
                return self.eat(close).map(|()| elements);
            }
        }
    }

    /// A whole number below 2^64, without sign, fraction and exponent.
    #[cfg(feature = "safetensors")]
    pub(crate) fn whole(&mut self) -> Option<u64> {
        self.skip_space();
        let digits = self.run(|c| c.is_ascii_digit());
        // JSON has no leading zeros; a fraction or an exponent would follow.
        let plain = !(digits.starts_with('0') && digits.len() > 1);
        let ends = !self.rest.starts_with(['.', 'e', 'E']);
        digits.parse().ok().filter(|_| plain && ends)
    }

    /// A text in quotation marks.
    pub(crate) fn text(&mut self) -> Option<String> {
        self.eat("\"")?;
        let mut text = String::new();
        loop {
            text += self.run(|c| !matches!(c, '"' | '\\') && !c.is_control());
            let mut rest = self.rest.chars();
            match rest.next()? {
                '"' => {
                    self.rest = rest.as_str();
                    return Some(text);
                }
                '\\' => {
                    let escaped = rest.next()?;
                    self.rest = rest.as_str();
                    text.push(match escaped {
                        '"' | '\\' | '/' => escaped,
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => self.code_point()?,
                        _ => return None,
                    });
                }
                _ => return None,
            }
        }
    }

    /// The character after `\u`: four hexadecimal digits, or the two halves of a surrogate pair.
    fn code_point(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.rest = self.rest.strip_prefix("\\u")?;
        let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
    }

    fn hex(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hex.then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn a_tree_of_every_kind() {
        let text = " {\"a\": [1, -2.5e-3, []], \"b\\n\\u00e9\\ud83d\\ude00\": {}, \"c\": [true, false, null]}\n";
        let number = Json::Number;
        let want = Json::Object(vec![
            (
                "a".into(),
                Json::List(vec![number(1.0), number(-2.5e-3), Json::List(vec![])]),
            ),
            ("b\né😀".into(), Json::Object(vec![])),
            (
                "c".into(),
                Json::List(vec![Json::Bool(true), Json::Bool(false), Json::Null]),
            ),
        ]);
        assert_eq!(Json::parse(text), Some(want));
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in [
            "",
            "{",
            "[1",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a: 1}",
            "1 2",
            "\"a",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\u+123\"",
            "--1",
            "-",
            "1e",
            "tru",
            "nul",
            "'a'",
            "\"a\nb\"",
            "é",
        ] {
            assert_eq!(Json::parse(text), None, "{text}");
        }
        assert_eq!(Json::parse(&"[".repeat(1_000_000)), None);
        assert_eq!(Json::parse(&"{\"a\":".repeat(1_000_000)), None);
        // Overflow is infinite, as in other readers.
        assert_eq!(Json::parse("1e999999"), Some(Json::Number(f64::INFINITY)));
    }
}
