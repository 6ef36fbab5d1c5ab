//! Where a piece came from as one line of text, for the files that carry it.

use std::fmt;
use std::str::FromStr;

use super::{MusicError, Origin};

/// What the line begins with.
const MARK: &str = "ricercar:";

impl fmt::Display for Origin {
    /// `ricercar: model=hybrid seed=7 latent=0123456789abcdef`; a part that is not known is left out.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(MARK)?;
        if !self.model.is_empty() {
            write!(f, " model={}", self.model)?;
        }
        if let Some(seed) = self.seed {
            write!(f, " seed={seed}")?;
        }
        if !self.latent.is_empty() {
            write!(f, " latent={}", self.latent)?;
        }
        Ok(())
    }
}

impl FromStr for Origin {
    type Err = MusicError;

    /// An origin from the line that [`Origin`] is written as; words of unknown keys belong to the
    /// value before them, so that names may have spaces.
    fn from_str(line: &str) -> Result<Self, MusicError> {
        let unknown = || MusicError::Origin(line.to_owned());
        let rest = line.trim().strip_prefix(MARK).ok_or_else(unknown)?;
        let mut fields: Vec<(&str, String)> = Vec::new();
        for word in rest.split_whitespace() {
            match word.split_once('=') {
                Some((key @ ("model" | "seed" | "latent"), value)) => fields.push((key, value.to_owned())),
                _ => fields.last_mut().ok_or_else(unknown)?.1.extend([" ", word]),
            }
        }
        let mut origin = Self::default();
        for (key, value) in fields {
            match key {
                "model" => origin.model = value,
                "seed" => origin.seed = Some(value.parse().map_err(|_| unknown())?),
                _ => origin.latent = value,
            }
        }
        Ok(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_back_from_its_line() {
        let whole = Origin {
            model: "my hybrid 1f2e".into(),
            seed: Some(u64::MAX),
            latent: "0123456789abcdef".into(),
        };
        assert_eq!(
            whole.to_string(),
            "ricercar: model=my hybrid 1f2e seed=18446744073709551615 latent=0123456789abcdef"
        );
        for origin in [whole, Origin::default(), Origin { seed: Some(0), ..Origin::default() }] {
            assert_eq!(origin.to_string().parse::<Origin>().unwrap(), origin);
        }
        assert!("made by hand".parse::<Origin>().is_err());
        assert!("ricercar: seed=many".parse::<Origin>().is_err());
    }
}
