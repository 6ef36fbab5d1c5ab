//! PNG bytes: encoding pixels, and text chunks in and out.

use std::path::Path;

use libdeflater::{CompressionLvl, Compressor};

use crate::base::{Stamp, read_file};
use crate::music::Origin;
use crate::view::ViewError;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Signature and header chunk, which must be the first.
const HEADER: usize = 8 + 12 + 13;
/// The filter of a row that is written as it is.
const UNFILTERED: u8 = 0;
/// From 1, fast, to 12, small.
const COMPRESSION: i32 = 9;
/// Keyword of the text chunk that holds the origin.
const KEYWORD: &str = "Source";
/// Keyword of the text chunk that says what made the file.
const SOFTWARE: &str = "Software";

/// RGB pixels, row by row, as a PNG file; `width * height * 3` bytes are expected.
///
/// Rows are not filtered: pictures here are flat areas and letters, which shrink to a third of what the
/// usual filters leave.
///
/// # Errors
/// [`ViewError::Draw`] when there are more or fewer bytes.
pub fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, ViewError> {
    let row = width as usize * 3;
    if row == 0 || pixels.len() != row * height as usize {
        return Err(ViewError::Draw(format!("{} bytes are no {width} x {height} pixels", pixels.len())));
    }
    let rows: Vec<u8> = pixels.chunks_exact(row).flat_map(|row| [&[UNFILTERED], row].concat()).collect();
    let mut compressor = Compressor::new(CompressionLvl::new(COMPRESSION).unwrap_or_default());
    let mut data = vec![0; compressor.zlib_compress_bound(rows.len())];
    let length =
        compressor.zlib_compress(&rows, &mut data).map_err(|error| ViewError::Draw(error.to_string()))?;
    // Eight bits a channel, three channels, no interlacing.
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &data[..length]), chunk(b"IEND", &[])];
    Ok([SIGNATURE, &chunks.concat()].concat())
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let body = [name.as_slice(), content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &body, &checksum(&body).to_be_bytes()].concat()
}

/// A PNG file with one more text chunk, right after its header. Characters outside Latin-1, which
/// such a chunk cannot hold, become `?`.
pub fn with_text(png: Vec<u8>, keyword: &str, text: &str) -> Vec<u8> {
    let latin = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect::<Vec<u8>>();
    let chunk = chunk(b"tEXt", &[latin(keyword), vec![0], latin(text)].concat());
    let at = HEADER.min(png.len());
    [&png[..at], &chunk, &png[at..]].concat()
}

/// A PNG file with its origin written into it.
pub fn with_origin(png: Vec<u8>, origin: Option<&Origin>) -> Vec<u8> {
    match origin {
        Some(origin) => with_text(png, KEYWORD, &origin.to_string()),
        None => png,
    }
}

/// A PNG file with what makes it written into it.
pub fn with_stamp(png: Vec<u8>, stamp: Option<&Stamp>) -> Vec<u8> {
    match stamp {
        Some(stamp) => with_text(png, SOFTWARE, &stamp.to_string()),
        None => png,
    }
}

/// The text chunks of a PNG file, `(keyword, text)` in order.
///
/// # Errors
/// [`ViewError::File`] when it cannot be read, [`ViewError::Png`] when it is not a whole PNG file.
pub fn read_png_text(path: &Path) -> Result<Vec<(String, String)>, ViewError> {
    let bytes = read_file(path)?;
    text_chunks(&bytes).map_err(|reason| ViewError::Png { path: path.to_owned(), reason })
}

/// The origin that a picture of ours carries, if it carries one.
///
/// # Errors
/// As [`read_png_text`].
pub fn origin_in_png(path: &Path) -> Result<Option<Origin>, ViewError> {
    let texts = read_png_text(path)?;
    Ok(texts.iter().filter(|(keyword, _)| keyword == KEYWORD).find_map(|(_, text)| text.parse().ok()))
}

fn text_chunks(bytes: &[u8]) -> Result<Vec<(String, String)>, &'static str> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or("it does not begin as one")?;
    let mut texts = Vec::new();
    loop {
        let (length, after) = rest.split_first_chunk::<4>().ok_or("it ends early")?;
        let size = u32::from_be_bytes(*length) as usize;
        let body = after.get(..size.saturating_add(4)).ok_or("it ends early")?;
        let (sum, after) = after[body.len()..].split_first_chunk::<4>().ok_or("it ends early")?;
        if checksum(body) != u32::from_be_bytes(*sum) {
            return Err("a checksum is wrong");
        }
        match body.split_at(4) {
            (b"IEND", _) => return Ok(texts),
            (b"tEXt", text) => {
                let mut parts = text.splitn(2, |byte| *byte == 0);
                let mut next = || parts.next().unwrap_or(&[]).iter().map(|b| char::from(*b)).collect();
                texts.push((next(), next()));
            }
            _ => {}
        }
        rest = after;
    }
}

/// CRC-32 as PNG has it (ISO 3309, reflected, polynomial 0xEDB88320).
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_in_and_comes_out_and_damage_is_noticed() {
        let plain = encode(&[200; 4 * 3 * 3], (4, 3)).unwrap();
        let png = with_text(plain, "Source", "model=hybrid é ♪");
        let expected = vec![("Source".to_owned(), "model=hybrid é ?".to_owned())];
        assert_eq!(text_chunks(&png), Ok(expected));
        let mut damaged = png.clone();
        damaged[HEADER + 9] ^= 1;
        assert_eq!(text_chunks(&damaged), Err("a checksum is wrong"));
        assert_eq!(text_chunks(&png[..png.len() - 3]), Err("it ends early"));
        assert_eq!(text_chunks(b"MThd"), Err("it does not begin as one"));
    }

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn pixels_that_do_not_fit_the_size_are_refused() {
        assert!(encode(&[0; 9], (5, 2)).is_err() && encode(&[], (0, 0)).is_err());
    }

    #[test]
    fn the_header_says_the_size() {
        let png = encode(&[0; 5 * 2 * 3], (5, 2)).unwrap();
        assert_eq!(&png[16..24], [0, 0, 0, 5, 0, 0, 0, 2]);
    }
}
