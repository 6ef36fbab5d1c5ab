//! Widgets that show something: words, music, tables, pictures, lines of script, files to take home.

use rhai::plugin::*;
use rhai::{FnPtr, Map};

use super::widget::show_value;
use super::{Widget, WorkHandle, make, widgets_of};
use crate::page::Kind;
use crate::script::options::{Fallible, Options, refuse};

/// What visitors see.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in super::super) mod showing {
    /// Words: paragraphs, headings (`# …`), `**bold**` and code between backquotes, as in Markdown.
    ///
    /// ```rhai
    /// let told = ui::label("**Four bars**, drawn from seed 27.");
    /// told.value = "Another.";
    /// ```
    #[rhai_fn(name = "label", return_raw)]
    pub fn label(context: NativeCallContext, words: &str) -> Fallible<Widget> {
        make(&context, "", Kind::Label { text: words.to_owned() }, Options::new("ui::label", Map::new()))
    }

    /// A piece as a pianoroll that can be listened to.
    ///
    /// ```rhai
    /// let shown = ui::roll(music::line("bass", "C2 G2").to_song());
    /// shown.value = music::line("bass", "C2 E2 G2 C3").to_song();
    /// ```
    #[rhai_fn(name = "roll", return_raw)]
    pub fn roll(context: NativeCallContext, song: Dynamic) -> Fallible<Widget> {
        roll_with(context, song, Map::new())
    }

    /// The same with options: `label`, `small` (one of many: the shape alone), `play` (true), `height` (points
    /// on the screen), `hint`. A roll that has `on_click` can be picked.
    ///
    /// ```rhai
    /// let picked = ();
    /// let song = music::line("bass", "C2 G2").to_song();
    /// let one = ui::roll(song, #{ label: "1", small: true, height: 80 });
    /// one.on_click(|| { picked = one.value; one.selected = true; });
    /// one.click();
    /// assert_eq(picked, song);
    /// ```
    #[rhai_fn(name = "roll", return_raw)]
    pub fn roll_with(context: NativeCallContext, song: Dynamic, options: Map) -> Fallible<Widget> {
        const USUAL: usize = 320;
        const SMALL: usize = 96;
        let mut options = Options::new("ui::roll", options);
        let small = options.flag("small")?.unwrap_or(false);
        let play = options.flag("play")?.unwrap_or(true);
        let height = options.count("height", 24..=2000)?.unwrap_or(if small { SMALL } else { USUAL });
        let label = options.text("label")?.unwrap_or_default();
        let height = u32::try_from(height).unwrap_or(u32::MAX);
        let kind = Kind::Roll { music: None, small, play, height, selected: false };
        let widget = make(&context, &label, kind, options)?;
        widgets_of(&context).show_music(widget.id, song)?;
        Ok(widget)
    }

    /// A piece to listen to, without a drawing.
    ///
    /// ```rhai
    /// ui::player(music::line("bass", "C2 G2").to_song());
    /// ```
    #[rhai_fn(name = "player", return_raw)]
    pub fn player(context: NativeCallContext, song: Dynamic) -> Fallible<Widget> {
        player_with(context, song, Map::new())
    }

    /// The same with options: `label`, `hint`.
    ///
    /// ```rhai
    /// ui::player(music::line("bass", "C2 G2").to_song(), #{ label: "The bass alone" });
    /// ```
    #[rhai_fn(name = "player", return_raw)]
    pub fn player_with(context: NativeCallContext, song: Dynamic, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::player", options);
        let label = options.text("label")?.unwrap_or_default();
        let widget = make(&context, &label, Kind::Player { music: None }, options)?;
        widgets_of(&context).show_music(widget.id, song)?;
        Ok(widget)
    }

    /// A table.
    ///
    /// ```rhai
    /// let rows = table();
    /// rows.add(#{ track: "bass", notes: 12 });
    /// ui::table(rows);
    /// ```
    #[rhai_fn(name = "table", return_raw)]
    pub fn table(context: NativeCallContext, table: Dynamic) -> Fallible<Widget> {
        let kind = Kind::Table { columns: Vec::new(), rows: Vec::new() };
        let widget = make(&context, "", kind, Options::new("ui::table", Map::new()))?;
        show_value(&context, widget, table)?;
        Ok(widget)
    }

    /// A chart, a sheet or a piece as a picture.
    ///
    /// ```rhai
    /// ui::picture(music::line("bass", "C2 G2").to_song());
    /// assert_error(|| ui::picture(7), "picture");
    /// ```
    #[rhai_fn(name = "picture", return_raw)]
    pub fn picture(context: NativeCallContext, picture: Dynamic) -> Fallible<Widget> {
        picture_with(context, picture, Map::new())
    }

    /// The same with options: `alt` (what it shows, in words, for those who do not see it), `hint`.
    ///
    /// ```rhai
    /// ui::picture(music::line("bass", "C2 G2").to_song(), #{ alt: "two notes" });
    /// ```
    #[rhai_fn(name = "picture", return_raw)]
    pub fn picture_with(context: NativeCallContext, picture: Dynamic, options: Map) -> Fallible<Widget> {
        let mut options = Options::new("ui::picture", options);
        let alt = options.text("alt")?.unwrap_or_else(|| crate::script::summary(&picture));
        let kind = Kind::Picture { image: String::new(), alt };
        let widget = make(&context, "", kind, options)?;
        show_value(&context, widget, picture)?;
        Ok(widget)
    }

    /// The lines of a work, with buttons that take the last one back or do it again, the whole script to copy,
    /// and the link that opens the page as it is now.
    ///
    /// ```rhai
    /// let work = ui::work("let song = music::line(\"bass\", \"C2 G2\").to_song();");
    /// ui::code(work);
    /// work.run("song = song.transpose(5);");
    /// ```
    #[rhai_fn(name = "code", return_raw)]
    pub fn code(context: NativeCallContext, work: WorkHandle) -> Fallible<Widget> {
        let (lines, script, link) = Default::default();
        let kind = Kind::Code { lines, can_undo: false, can_redo: false, script, link };
        let widget = make(&context, "", kind, Options::new("ui::code", Map::new()))?;
        widgets_of(&context).show_work(widget.id, work.0)?;
        Ok(widget)
    }

    /// A file to take home: `make` is called when the visitor wants it and gives music (its format follows the
    /// name's ending: mid, wav, png, svg, npz), a latent (safetensors) or text.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// ui::download("MIDI", "piece.mid", || song);
    /// ui::download("Text", "piece.txt", || "C2 G2");
    /// ```
    #[rhai_fn(name = "download", return_raw)]
    pub fn download(context: NativeCallContext, label: &str, name: &str, make: FnPtr) -> Fallible<Widget> {
        let safe = crate::script::widgets::safe_name(name);
        if safe != name {
            return Err(refuse(format!(
                "`{name}` is no name for a file to take home: write letters, digits, `-`, `_` and `.`, such as `{safe}`"
            )));
        }
        let options = Options::new("ui::download", Map::new());
        let widget = super::make(&context, label, Kind::Download { name: safe }, options)?;
        widgets_of(&context).keep(widget.id, make.into());
        Ok(widget)
    }
}
