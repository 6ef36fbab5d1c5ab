//! What General MIDI percussion keys are called, in short.

/// Keys 35 to 81 (General MIDI 1 percussion key map), shortened.
const NAMES: [&str; 47] = [
    "kick 2",
    "kick",
    "rim shot",
    "snare",
    "clap",
    "snare 2",
    "floor tom 2",
    "closed hat",
    "floor tom",
    "pedal hat",
    "low tom",
    "open hat",
    "mid tom 2",
    "mid tom",
    "crash",
    "high tom",
    "ride",
    "china",
    "ride bell",
    "tambourine",
    "splash",
    "cowbell",
    "crash 2",
    "vibraslap",
    "ride 2",
    "high bongo",
    "low bongo",
    "mute conga",
    "open conga",
    "low conga",
    "high timbale",
    "low timbale",
    "high agogo",
    "low agogo",
    "cabasa",
    "maracas",
    "whistle",
    "long whistle",
    "guiro",
    "long guiro",
    "claves",
    "high block",
    "low block",
    "mute cuica",
    "open cuica",
    "mute triangle",
    "triangle",
];

/// The short name of a percussion key, if it has one.
pub fn drum_key(pitch: u8) -> Option<&'static str> {
    NAMES.get(usize::from(pitch.checked_sub(35)?)).copied()
}

#[cfg(test)]
mod tests {
    use super::drum_key;

    #[test]
    fn the_common_keys_are_where_general_midi_has_them() {
        let named = [36, 38, 42, 46, 49, 51, 56, 81].map(|key| drum_key(key).unwrap());
        let expected = ["kick", "snare", "closed hat", "open hat", "crash", "ride", "cowbell", "triangle"];
        assert_eq!(named, expected);
        assert_eq!((drum_key(34), drum_key(82)), (None, None));
    }
}
