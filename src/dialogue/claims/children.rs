//! The children of a phrase are closer to it than strangers.

use super::super::claim::{Compared, Kind, Trial};
use super::super::evidence::Sample;
use super::super::finding::Rule;
use super::super::setting::Setting;
use super::super::{DialogueError, Distance, pictures};
use crate::base::Seed;

/// How far a child's latent is turned from its parent's, in right angles.
const TURNED: f64 = 0.25;
/// The least that matters.
const CLOSER: f64 = 0.05;

/// Children lie closer to their parent than strangers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Children;

impl Kind for Children {
    fn sentence(&self) -> String {
        "children are closer to parents than strangers".to_owned()
    }

    fn statement(&self) -> String {
        "the children of a phrase are closer to it than strangers".to_owned()
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        Distance::MEASURES.to_vec()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let what = format!("distance of a phrase to a stranger less that to its child, by {measure}");
        vec![(what, Rule::Above(CLOSER))]
    }

    fn why(&self) -> &'static str {
        "Picking one of several variations and asking for its children (Compton and Mateas 2015, after Dawkins's \
         biomorphs) is of use only when children take after their parent. A child's latent is the parent's, turned \
         by a quarter of a right angle; a stranger's is drawn anew."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let distance = super::distance(measure)?;
        let parents = setting.latents(seed, "parent", setting.count);
        let children = parents.iter().enumerate();
        let children =
            children.map(|(index, parent)| parent.vary(TURNED, &[], seed.child("child", index as u64)));
        let children = setting.sketch(&children.collect::<Result<Vec<_>, _>>()?)?;
        let strangers = setting.sketch(&setting.latents(seed, "stranger", setting.count))?;
        let parents = setting.sketch(&parents)?;
        let far = |others: &[super::super::distance::Sketch]| -> Vec<f64> {
            let pairs = parents.iter().zip(others);
            pairs.map(|(parent, other)| distance.between(parent, other).unwrap_or(f64::NAN)).collect()
        };
        let (children, strangers) = (far(&children), far(&strangers));
        let closer = Sample::each(strangers.iter().zip(&children).map(|(stranger, child)| stranger - child));
        let chart = pictures::boxes(
            "How far a phrase lies from its child and from a stranger",
            &format!("distance ({measure})"),
            &[("child", &children), ("stranger", &strangers)],
        );
        Ok(Trial { compared: vec![Compared::One(closer)], chart, remarks: Vec::new() })
    }
}
