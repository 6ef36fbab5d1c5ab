//! The names of the General MIDI programs (General MIDI System Level 1, MIDI Manufacturers Association 1991).

use super::{MusicError, Program};
use crate::base::suggestion;

/// The names, by program from 0.
const NAMES: [&str; 128] = [
    "Acoustic Grand Piano",
    "Bright Acoustic Piano",
    "Electric Grand Piano",
    "Honky-tonk Piano",
    "Electric Piano 1",
    "Electric Piano 2",
    "Harpsichord",
    "Clavinet",
    "Celesta",
    "Glockenspiel",
    "Music Box",
    "Vibraphone",
    "Marimba",
    "Xylophone",
    "Tubular Bells",
    "Dulcimer",
    "Drawbar Organ",
    "Percussive Organ",
    "Rock Organ",
    "Church Organ",
    "Reed Organ",
    "Accordion",
    "Harmonica",
    "Tango Accordion",
    "Nylon Guitar",
    "Steel Guitar",
    "Jazz Guitar",
    "Clean Electric Guitar",
    "Muted Electric Guitar",
    "Overdriven Guitar",
    "Distortion Guitar",
    "Guitar Harmonics",
    "Acoustic Bass",
    "Fingered Electric Bass",
    "Picked Electric Bass",
    "Fretless Bass",
    "Slap Bass 1",
    "Slap Bass 2",
    "Synth Bass 1",
    "Synth Bass 2",
    "Violin",
    "Viola",
    "Cello",
    "Contrabass",
    "Tremolo Strings",
    "Pizzicato Strings",
    "Orchestral Harp",
    "Timpani",
    "String Ensemble 1",
    "String Ensemble 2",
    "Synth Strings 1",
    "Synth Strings 2",
    "Choir Aahs",
    "Voice Oohs",
    "Synth Voice",
    "Orchestra Hit",
    "Trumpet",
    "Trombone",
    "Tuba",
    "Muted Trumpet",
    "French Horn",
    "Brass Section",
    "Synth Brass 1",
    "Synth Brass 2",
    "Soprano Sax",
    "Alto Sax",
    "Tenor Sax",
    "Baritone Sax",
    "Oboe",
    "English Horn",
    "Bassoon",
    "Clarinet",
    "Piccolo",
    "Flute",
    "Recorder",
    "Pan Flute",
    "Blown Bottle",
    "Shakuhachi",
    "Whistle",
    "Ocarina",
    "Square Lead",
    "Sawtooth Lead",
    "Calliope Lead",
    "Chiff Lead",
    "Charang Lead",
    "Voice Lead",
    "Fifths Lead",
    "Bass and Lead",
    "New Age Pad",
    "Warm Pad",
    "Polysynth Pad",
    "Choir Pad",
    "Bowed Pad",
    "Metallic Pad",
    "Halo Pad",
    "Sweep Pad",
    "Rain",
    "Soundtrack",
    "Crystal",
    "Atmosphere",
    "Brightness",
    "Goblins",
    "Echoes",
    "Sci-fi",
    "Sitar",
    "Banjo",
    "Shamisen",
    "Koto",
    "Kalimba",
    "Bagpipe",
    "Fiddle",
    "Shanai",
    "Tinkle Bell",
    "Agogo",
    "Steel Drums",
    "Woodblock",
    "Taiko Drum",
    "Melodic Tom",
    "Synth Drum",
    "Reverse Cymbal",
    "Guitar Fret Noise",
    "Breath Noise",
    "Seashore",
    "Bird Tweet",
    "Telephone Ring",
    "Helicopter",
    "Applause",
    "Gunshot",
];

impl Program {
    /// All programs, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..128).filter_map(|number| Self::new(number).ok())
    }

    /// The instrument's General MIDI name.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.number())]
    }

    /// The program of that General MIDI name, in any case.
    ///
    /// # Errors
    /// [`MusicError::Instrument`] with the nearest name.
    pub fn from_name(name: &str) -> Result<Self, MusicError> {
        let found = Self::all().find(|program| program.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let hint = suggestion(name, NAMES);
            MusicError::Instrument { name: name.to_owned(), hint }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_has_a_name_of_its_own() {
        for program in Program::all() {
            assert_eq!(Program::from_name(program.name()), Ok(program));
        }
        let named = |number| Program::new(number).unwrap().name();
        assert_eq!(
            [named(0), named(24), named(40), named(80), named(127)],
            ["Acoustic Grand Piano", "Nylon Guitar", "Violin", "Square Lead", "Gunshot"]
        );
        assert_eq!(
            (named(32), named(56), named(104), named(112)),
            ("Acoustic Bass", "Trumpet", "Sitar", "Tinkle Bell")
        );
    }

    #[test]
    fn an_unknown_name_is_met_with_the_nearest() {
        let message = Program::from_name("church orgna").unwrap_err().to_string();
        assert!(message.contains("did you mean `Church Organ`?"), "{message}");
    }
}
