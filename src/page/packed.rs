//! Text made small enough for the address of a page.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::PageError;

/// `text`, deflated, in letters that need no escape in an address.
pub fn pack(text: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).expect("writing to memory does not fail");
    URL_SAFE_NO_PAD.encode(encoder.finish().expect("writing to memory does not fail"))
}

/// What [`pack`] packed, of at most `most` bytes.
///
/// # Errors
/// That it is not packed text, or is too long, however little of it there is.
pub fn unpack(packed: &str, most: usize) -> Result<String, PageError> {
    let bytes = URL_SAFE_NO_PAD.decode(packed.trim());
    let bytes =
        bytes.map_err(|_| PageError::Link("it holds other signs than letters, digits, `-` and `_`"))?;
    let mut text = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = DeflateDecoder::new(bytes.as_slice()).take(limit).read_to_end(&mut text);
    read.map_err(|_| PageError::Link("it is cut off or changed"))?;
    if text.len() > most {
        return Err(PageError::Link("it holds more than a page can have made"));
    }
    String::from_utf8(text).map_err(|_| PageError::Link("it is cut off or changed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for text in ["", "z = z.redraw([\"z_it.drums\"]);", &"ä".repeat(10_000)] {
            assert_eq!(unpack(&pack(text), 100_000).as_deref(), Ok(text));
        }
        assert!(pack(&"a".repeat(10_000)).len() < 100);
    }

    #[test]
    fn what_is_damaged_or_too_long_is_refused() {
        let packed = pack("let g = model::load(\"hybrid\"); and more, so that something can be cut off");
        for wrong in ["&&&", &packed[..packed.len() - 8], "AAAA"] {
            assert!(matches!(unpack(wrong, 1000), Err(PageError::Link(_))), "{wrong}");
        }
        assert!(unpack(&pack(&"0".repeat(5000)), 4999).is_err());
    }
}
