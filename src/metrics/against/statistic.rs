//! What two sets of phrases are compared by.

use crate::base::suggestion;
use crate::metrics::MetricsError;

/// A number that tells how two sets differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Statistic {
    /// Difference of the means of a feature, in standard deviations of the real phrases.
    Shift,
    /// Overlap area of the distances within and between the sets.
    Overlap,
    /// Kullback-Leibler divergence of the same distances, in nats.
    Divergence,
    /// Share of made phrases that lie among real ones.
    Precision,
    /// Share of real phrases that lie among made ones.
    Recall,
    /// How densely real phrases lie around made ones.
    Density,
    /// Share of real phrases with a made one near.
    Coverage,
    /// Fréchet distance of the features.
    Frechet,
    /// The same for sets without end.
    FrechetExtrapolated,
    /// How well a classifier tells made from real, as area under the curve.
    Classifier,
    /// Share of made phrases that lie suspiciously near to training data.
    Copies,
}

impl Statistic {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 11] = [
        Self::Shift,
        Self::Overlap,
        Self::Divergence,
        Self::Precision,
        Self::Recall,
        Self::Density,
        Self::Coverage,
        Self::Frechet,
        Self::FrechetExtrapolated,
        Self::Classifier,
        Self::Copies,
    ];

    /// Its name in tables and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Overlap => "overlap",
            Self::Divergence => "divergence",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::Density => "density",
            Self::Coverage => "coverage",
            Self::Frechet => "frechet.features",
            Self::FrechetExtrapolated => "frechet.features.inf",
            Self::Classifier => "classifier",
            Self::Copies => "copies",
        }
    }

    /// What it is, and what is good, in a sentence each.
    pub fn about(self) -> &'static str {
        match self {
            Self::Shift => {
                "How far the made mean lies from the real one, in standard deviations of real phrases. 0 is \
                 good; 0.2 is small, 0.8 is large (Cohen 1988)."
            }
            Self::Overlap => {
                "Overlap of the distances among made phrases with those from made to real ones, 0 to 1. 1 is \
                 good."
            }
            Self::Divergence => "Kullback-Leibler divergence of the same distances, in nats. 0 is good.",
            Self::Precision => {
                "Share of made phrases that lie among real ones. As high as the floor is good."
            }
            Self::Recall => "Share of real phrases that lie among made ones. As high as the floor is good.",
            Self::Density => {
                "How many real phrases lie around a made one, beside what is usual. Near the floor is good; \
                 far above it, the music keeps to the commonest patterns."
            }
            Self::Coverage => {
                "Share of real phrases with a made one near by. As high as the floor is good; low means that \
                 kinds of music are missing."
            }
            Self::Frechet => {
                "Distance of the two clouds of features, taken as normal distributions. As low as the floor \
                 is good."
            }
            Self::FrechetExtrapolated => "The same distance, drawn out to sets without end. Near 0 is good.",
            Self::Classifier => {
                "How well a classifier that has learnt from other songs tells made from real (area under the \
                 curve). 0.5 is perfect: it can only guess; at 1 it is never wrong."
            }
            Self::Copies => {
                "Share of made phrases as near to a training phrase as only one real phrase in a hundred is. \
                 About 0.01 is good; much more means copying."
            }
        }
    }

    /// Whether it is of a single feature rather than of all together.
    pub fn is_of_one_feature(self) -> bool {
        matches!(self, Self::Shift | Self::Overlap | Self::Divergence)
    }

    /// The statistic called `name`.
    ///
    /// # Errors
    /// [`MetricsError::Statistic`] with the names there are.
    pub fn from_name(name: &str) -> Result<Self, MetricsError> {
        Self::ALL.into_iter().find(|statistic| statistic.name() == name).ok_or_else(|| {
            let known = || Self::ALL.into_iter().map(Self::name);
            let hint = suggestion(name, known());
            MetricsError::Statistic {
                name: name.to_owned(),
                known: known().collect::<Vec<_>>().join(", "),
                hint,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statistic_is_found_by_its_name_and_near_names_are_suggested() {
        for statistic in Statistic::ALL {
            assert_eq!(Statistic::from_name(statistic.name()), Ok(statistic));
        }
        let error = Statistic::from_name("coverag").unwrap_err().to_string();
        assert!(error.ends_with("did you mean `coverage`?"), "{error}");
    }
}
