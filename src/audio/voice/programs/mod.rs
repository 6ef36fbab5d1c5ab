//! The 128 General MIDI programs as settings of the voices.

mod electronic;
mod struck;
mod winds;

use super::Voice;

/// The voice of a program, counted from 0.
pub(super) fn voice(number: u8) -> Voice {
    match number {
        0..=15 => struck::keyboard(number),
        16..=23 => winds::organ(number),
        24..=31 => struck::guitar(number),
        32..=37 => struck::bass(number),
        38 | 39 => electronic::synth_bass(number),
        45 | 46 => struck::orchestral_plucked(number),
        47 => struck::timpani(),
        40..=44 | 48..=55 => winds::strings_and_voices(number),
        56..=63 => winds::brass(number),
        64..=71 => winds::reed(number),
        72..=79 => winds::pipe(number),
        80..=87 => electronic::lead(number),
        88..=103 => electronic::pad(number),
        104..=108 => struck::ethnic_plucked(number),
        109..=111 => winds::ethnic(number),
        112..=119 => struck::percussive(number),
        _ => electronic::effect(number),
    }
}
