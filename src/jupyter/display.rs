//! Values, sounds and progress as what a notebook shows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jupyter_protocol::{Media, MediaType};
use serde_json::json;

use crate::audio::Audio;
use crate::script::Rich;

/// Seconds of sound that are put into a page: servers of notebooks let about three megabytes pass at once.
pub(super) const LONGEST_SOUND: f64 = 45.0;

/// A value in all its forms; the front end takes the richest that it can show.
pub(super) fn media(rich: &Rich) -> Media {
    let mut forms = vec![MediaType::Plain(rich.text.clone())];
    forms.extend(rich.picture.as_ref().map(|png| MediaType::Png(STANDARD.encode(png))));
    forms.extend(rich.table.as_ref().map(|table| MediaType::Html(table.html())));
    Media::new(forms)
}

/// What is said of the forms: the words that stand for the picture where it cannot be seen.
pub(super) fn metadata(rich: &Rich) -> serde_json::Map<String, serde_json::Value> {
    let words = rich.text.lines().next().unwrap_or_default();
    let alt = rich.picture.as_ref().map(|_| ("image/png".to_owned(), json!({ "alt": words })));
    alt.into_iter().collect()
}

/// A player for a sound.
///
/// # Errors
/// That it is too long.
pub(super) fn player(sound: &Audio) -> Result<Media, String> {
    let seconds = sound.seconds();
    if seconds > LONGEST_SOUND {
        return Err(format!(
            "{seconds:.0} seconds of sound are too many for a notebook, which holds {LONGEST_SOUND:.0}"
        ));
    }
    let data = STANDARD.encode(sound.compact_wav().map_err(|error| error.to_string())?);
    Ok(Media::new(vec![
        MediaType::Plain(format!("sound of {seconds:.1} s")),
        MediaType::Html(format!("<audio controls src=\"data:audio/wav;base64,{data}\"></audio>")),
    ]))
}

/// How far work is: `done` of `total`, and a remark.
pub(super) fn progress(done: u64, total: u64, note: &str) -> Media {
    let text = format!("{done} of {total}  {note}");
    let text = text.trim_end();
    Media::new(vec![
        MediaType::Plain(text.to_owned()),
        MediaType::Html(format!(
            "<progress value=\"{done}\" max=\"{total}\" style=\"width:16em\"></progress> <code>{}</code>",
            text.replace('&', "&amp;").replace('<', "&lt;")
        )),
    ])
}

/// What became of work whose progress was shown.
pub(super) fn finished(text: &str) -> Media {
    Media::new(vec![MediaType::Plain(text.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Table;

    fn types(media: &Media) -> Vec<&str> {
        media.content.iter().map(MediaType::mime_type).collect()
    }

    #[test]
    fn a_value_is_sent_in_every_form_that_it_has() {
        let mut table = Table::new();
        table.add([("seed", 1_i64)]);
        let plain = Rich { text: "1".into(), ..Rich::default() };
        assert_eq!(types(&media(&plain)), ["text/plain"]);
        let drawn = Rich { picture: Some(Vec::new()), text: "Track bass\n⠂".into(), ..Rich::default() };
        assert_eq!(metadata(&drawn)["image/png"], json!({ "alt": "Track bass" }));
        assert!(metadata(&plain).is_empty());
        assert_eq!(
            types(&media(&Rich { picture: Some(vec![1, 2]), ..plain.clone() })),
            ["text/plain", "image/png"]
        );
        assert_eq!(types(&media(&Rich { table: Some(table), ..plain })), ["text/plain", "text/html"]);
    }

    #[test]
    fn a_sound_becomes_a_player_unless_it_is_too_long() {
        let sound = player(&Audio::silent(44_100, 4_410)).unwrap();
        let expected = "<audio controls src=\"data:audio/wav;base64,UklGR";
        assert!(matches!(&sound.content[1], MediaType::Html(html) if html.starts_with(expected)));
        let refused = player(&Audio::silent(100, 10_000)).unwrap_err();
        assert_eq!(refused, "100 seconds of sound are too many for a notebook, which holds 45");
    }

    #[test]
    fn progress_is_text_and_a_bar() {
        let shown = progress(3, 12, "loss < 1");
        assert_eq!(shown.content[0], MediaType::Plain("3 of 12  loss < 1".into()));
        assert!(matches!(&shown.content[1], MediaType::Html(html) if html.contains("loss &lt; 1")));
    }
}
