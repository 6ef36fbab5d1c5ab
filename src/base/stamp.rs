//! What made a file, as one line of text for the files that carry it.

use std::fmt;
use std::str::FromStr;

/// What the line begins with.
const HEAD: &str = "ricercar-made:";

/// What made a file: the program and, where there were such, the script and the run. No time of day is
/// among it, so that the same work makes the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Name and version of the program.
    pub program: String,
    /// First 16 hex digits of the SHA-256 of the script's text.
    pub script: Option<String>,
    /// The run's name.
    pub run: Option<String>,
    /// First 8 hex digits of the SHA-256 of the run's config.
    pub config: Option<String>,
}

impl Stamp {
    /// What is made by this program, of which nothing more is known.
    pub fn of_program() -> Self {
        Self { program: program(), ..Self::default() }
    }

    /// The same, made in the run `name` unless it says another.
    #[must_use]
    pub fn in_run(self, name: &str) -> Self {
        Self { run: self.run.or_else(|| Some(name.to_owned())), ..self }
    }
}

/// Name and version of this program.
pub fn program() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), crate::VERSION)
}

impl fmt::Display for Stamp {
    /// `ricercar-made: program=ricercar 0.1.0 script=0123456789abcdef run=demo config=01234567`; what is
    /// not known is left out.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{HEAD} program={}", self.program)?;
        for (key, value) in [("script", &self.script), ("run", &self.run), ("config", &self.config)] {
            if let Some(value) = value {
                write!(f, " {key}={value}")?;
            }
        }
        Ok(())
    }
}

/// The text is not the line of a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a line such as `{HEAD} program=ricercar 0.1.0`")]
pub struct NoStamp;

impl FromStr for Stamp {
    type Err = NoStamp;

    /// A stamp from its line; words of unknown keys belong to the value before them.
    fn from_str(line: &str) -> Result<Self, NoStamp> {
        let rest = line.trim().strip_prefix(HEAD).ok_or(NoStamp)?;
        let mut fields: Vec<(&str, String)> = Vec::new();
        for word in rest.split_whitespace() {
            match word.split_once('=') {
                Some((key @ ("program" | "script" | "run" | "config"), value)) => {
                    fields.push((key, value.to_owned()));
                }
                _ => fields.last_mut().ok_or(NoStamp)?.1.extend([" ", word]),
            }
        }
        let value =
            |key: &str| fields.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        let program = value("program").ok_or(NoStamp)?;
        Ok(Self { program, script: value("script"), run: value("run"), config: value("config") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_back_from_its_line() {
        let bare = Stamp { program: "ricercar 0.1.0 (0123abcd)".into(), ..Stamp::default() };
        let whole = Stamp {
            script: Some("0123456789abcdef".into()),
            run: Some("demo-1".into()),
            config: Some("01234567".into()),
            ..bare.clone()
        };
        for stamp in [bare, whole] {
            assert_eq!(stamp.to_string().parse(), Ok(stamp));
        }
        for other in ["", "ricercar: model=hybrid", "ricercar-made:", "ricercar-made: by hand", "made by me"]
        {
            assert_eq!(other.parse::<Stamp>(), Err(NoStamp), "{other}");
        }
    }
}
