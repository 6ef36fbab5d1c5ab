//! Pictures inside a terminal that can show them.

/// The two ways in which terminals take a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline {
    /// The graphics protocol of kitty, which Ghostty and Konsole know as well.
    Kitty,
    /// The file protocol of iTerm2, which WezTerm knows as well.
    Iterm,
}

/// Letters of base64 in one of kitty's escape sequences.
const CHUNK: usize = 4096;

/// No picture is wider, so that it does not fill a wide window's height.
const WIDEST: usize = 120;

impl Inline {
    /// The escape sequences that show a PNG, at most `columns` wide; the height follows.
    pub fn picture(self, png: &[u8], columns: usize) -> String {
        let columns = columns.clamp(1, WIDEST);
        let data = base64(png);
        match self {
            Self::Iterm => format!(
                "\x1b]1337;File=inline=1;size={};width={columns};preserveAspectRatio=1:{data}\x07",
                png.len()
            ),
            Self::Kitty => kitty(&data, columns),
        }
    }
}

/// Format 100 is PNG, `a=T` shows it at once, `q=2` asks for no answer, `m=1` says that more follows.
fn kitty(data: &str, columns: usize) -> String {
    let mut text = String::with_capacity(data.len() + data.len() / 64);
    let mut rest = data;
    let mut control = format!("f=100,a=T,q=2,c={columns},");
    loop {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK));
        let more = u8::from(!after.is_empty());
        text += &format!("\x1b_G{control}m={more};{chunk}\x1b\\");
        if after.is_empty() {
            return text;
        }
        control.clear();
        rest = after;
    }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for letter in 0..4 {
            let index = (bits >> (18 - 6 * letter)) as usize & 63;
            text.push(if letter <= group.len() { char::from(LETTERS[index]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let words = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(words.map(|word| base64(word.as_bytes())), expected);
    }

    #[test]
    fn kitty_gets_chunks_of_which_the_last_says_so() {
        let text = Inline::Kitty.picture(&[7; 6000], 200);
        let parts: Vec<&str> = text.split_inclusive("\x1b\\").collect();
        assert_eq!(parts.len(), 2);
        assert!(parts[0].starts_with("\x1b_Gf=100,a=T,q=2,c=120,m=1;Bwc"), "{}", &parts[0][..40]);
        assert!(parts[1].starts_with("\x1b_Gm=0;") && parts[1].len() < CHUNK, "{}", parts[1].len());
    }

    #[test]
    fn iterm_gets_one_sequence() {
        assert_eq!(
            Inline::Iterm.picture(b"foo", 80),
            "\x1b]1337;File=inline=1;size=3;width=80;preserveAspectRatio=1:Zm9v\x07"
        );
    }
}
