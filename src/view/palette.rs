//! One colour per track, the same in the terminal and on paper.

use crate::music::{Family, Track};

/// A colour for both media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue on white paper.
    pub rgb: (u8, u8, u8),
    /// Number in the 256-colour palette of terminals, legible on dark and on light ground.
    pub ansi: u8,
}

impl Colour {
    /// The colour on paper, as web pages write it.
    pub fn hex(self) -> String {
        let (red, green, blue) = self.rgb;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

const fn colour(rgb: (u8, u8, u8), ansi: u8) -> Colour {
    Colour { rgb, ansi }
}

/// The families' colours: MuseGAN's red, orange, green, blue and light blue, darkened on paper so
/// that they can be read on white.
const FAMILIES: [Colour; 5] = [
    colour((214, 40, 40), 203),
    colour((230, 126, 0), 208),
    colour((34, 150, 60), 77),
    colour((40, 70, 200), 69),
    colour((20, 150, 220), 117),
];

/// For tracks of no family and for the second and later tracks of one.
const OTHERS: [Colour; 7] = [
    colour((142, 68, 173), 134),
    colour((0, 140, 130), 37),
    colour((190, 30, 110), 169),
    colour((120, 90, 50), 137),
    colour((110, 120, 20), 143),
    colour((90, 100, 115), 246),
    colour((170, 90, 60), 173),
];

/// The colour of each track, in order: the first track of a family has the family's colour, the
/// others go round seven more.
pub fn track_colours(tracks: &[Track]) -> Vec<Colour> {
    let mut taken = [false; 5];
    let mut others = OTHERS.iter().cycle().copied();
    let mut pick = |track: &Track| {
        let family = Family::from_name(&track.name).ok().or_else(|| track.family());
        match family.map(Family::index).filter(|index| !taken[*index]) {
            Some(index) => {
                taken[index] = true;
                FAMILIES[index]
            }
            None => others.next().unwrap_or(OTHERS[0]),
        }
    };
    tracks.iter().map(&mut pick).collect()
}

/// The colour of a family.
pub fn family_colour(family: Family) -> Colour {
    FAMILIES[family.index()]
}

/// A colour mixed with white: `strength` 1.0 is the colour, 0.0 is white.
pub(crate) fn tint((r, g, b): (u8, u8, u8), strength: f64) -> (u8, u8, u8) {
    let mix = |channel: u8| (255.0 - (255.0 - f64::from(channel)) * strength.clamp(0.0, 1.0)).round() as u8;
    (mix(r), mix(g), mix(b))
}

/// A colour mixed with black: `strength` 1.0 is the colour, 0.0 is black.
pub(crate) fn shade((r, g, b): (u8, u8, u8), strength: f64) -> (u8, u8, u8) {
    let mix = |channel: u8| (f64::from(channel) * strength.clamp(0.0, 1.0)).round() as u8;
    (mix(r), mix(g), mix(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Pianoroll, Program};

    #[test]
    fn families_keep_their_colours_and_a_second_guitar_gets_its_own() {
        let track = |family| Track::of_family(family, Pianoroll::silent(1));
        let colours = track_colours(&Family::ALL.map(track));
        assert_eq!(colours, FAMILIES);
        let mut second = track(Family::Guitar);
        second.name = "rhythm".into();
        let mut effects = second.clone();
        effects.program = Program::new(127).unwrap();
        let colours = track_colours(&[track(Family::Guitar), second, effects]);
        assert_eq!(colours, [FAMILIES[2], OTHERS[0], OTHERS[1]]);
    }

    #[test]
    fn tints_run_from_white_to_the_colour() {
        assert_eq!(tint((10, 20, 30), 0.0), (255, 255, 255));
        assert_eq!(tint((10, 20, 30), 1.0), (10, 20, 30));
        assert_eq!(shade((10, 20, 30), 0.5), (5, 10, 15));
    }
}
