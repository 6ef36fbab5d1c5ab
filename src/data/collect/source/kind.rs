//! What a file is, by its first bytes.

/// Bytes that tell what a file is.
pub const HEAD: usize = 512;

/// Kinds of files that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A MIDI file, plain or in a RIFF wrapper.
    Midi,
    /// A NumPy archive: a pianoroll or phrases.
    Npz,
    /// A NumPy array.
    Npy,
    /// A zip archive, of which some are NumPy's.
    Zip,
    /// A tar archive.
    Tar,
    /// Something packed by gzip.
    Gzip,
    /// Anything else, where texts are looked for.
    Text,
}

impl Kind {
    /// The kind of a file that begins with `head`, its first bytes or all it has.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'M', b'T', b'h', b'd', ..] => Some(Self::Midi),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'R', b'M', b'I', b'D', ..] => Some(Self::Midi),
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Self::Npy),
            // The second is an archive without members.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            _ if is_tar(head) => Some(Self::Tar),
            _ => None,
        }
    }

    /// Whether it holds files.
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Zip | Self::Tar | Self::Gzip)
    }
}

/// Whether a block is a tar header: its checksum is right, in octal at byte 148, counted with blanks in
/// its own place. Older writers leave the magic word out.
fn is_tar(head: &[u8]) -> bool {
    let Some(field) = head.get(148..156).filter(|_| head.len() >= HEAD) else { return false };
    let digits: Vec<u8> = field.iter().copied().filter(|byte| !matches!(byte, 0 | b' ')).collect();
    let stated = std::str::from_utf8(&digits).ok().and_then(|text| u64::from_str_radix(text, 8).ok());
    let byte = |(at, byte): (usize, &u8)| u64::from(if (148..156).contains(&at) { b' ' } else { *byte });
    let sum: u64 = head[..HEAD].iter().enumerate().map(byte).sum();
    stated == Some(sum) && head[0] != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognised_by_what_is_in_them() {
        assert_eq!(Kind::of(b"MThd\0\0\0\x06"), Some(Kind::Midi));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0RMIDdata"), Some(Kind::Midi));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(Kind::of(b"\x93NUMPY\x01\0"), Some(Kind::Npy));
        assert_eq!(Kind::of(b"PK\x03\x04"), Some(Kind::Zip));
        assert_eq!(Kind::of(b"\x1f\x8b\x08"), Some(Kind::Gzip));
        assert_eq!(Kind::of(b""), None);
        assert_eq!(Kind::of(&[0; HEAD]), None, "the end of a tar archive is no beginning");
    }

    #[test]
    fn a_tar_header_is_known_by_its_checksum() {
        let mut header = tar::Header::new_old();
        header.set_path("a.mid").unwrap();
        header.set_size(3);
        header.set_cksum();
        assert_eq!(Kind::of(header.as_bytes()), Some(Kind::Tar));
        let mut wrong = *header.as_bytes();
        wrong[0] = b'b';
        assert_eq!(Kind::of(&wrong), None);
        assert_eq!(Kind::of(&wrong[..300]), None);
    }
}
