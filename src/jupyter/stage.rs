//! What scripts show while they run: text as it is printed, progress, sound.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jupyter_protocol::{
    DisplayData, ExecuteResult, ExecutionCount, JupyterMessage, JupyterMessageContent as Content, Media,
    StreamContent, Transient, UpdateDisplayData,
};

use super::display;
use super::sockets::Outbox;
use crate::audio::{self, Audio, RenderOptions};
use crate::base::{Cancel, Progress};
use crate::music::Multitrack;
use crate::script::session::seconds;
use crate::script::{Heard, Output, Player, Rich};

/// Printed text is sent no more often than this: servers of notebooks drop what comes in too many messages.
pub(super) const PERIOD: Duration = Duration::from_millis(50);
/// Bytes of text that are sent in one [`PERIOD`]; a script that prints more waits.
const BLOCK: usize = 32 << 10;
/// Work that is done sooner shows no progress.
const PATIENCE: Duration = Duration::from_millis(400);
/// Between two states of a progress bar.
const STRIDE: Duration = Duration::from_millis(200);

/// Sends what the running entry shows to whoever looks at its notebook.
pub(super) struct Stage {
    outbox: Outbox,
    cancel: Cancel,
    scene: Mutex<Scene>,
}

/// The running entry.
#[derive(Default)]
struct Scene {
    /// The request that runs it; between entries the last one, as runs may end late.
    parent: Option<JupyterMessage>,
    is_silent: bool,
    text: String,
    sent: Option<Instant>,
    bar: Option<Bar>,
}

/// A progress bar: one for each entry, in which later work takes the place of earlier work.
struct Bar {
    id: String,
    began: Instant,
    /// When it was last sent, if ever.
    sent: Option<Instant>,
    /// `done` and `total` of work that has not come to its end.
    going: Option<(u64, u64)>,
}

impl Stage {
    /// A stage with the curtain down.
    pub(super) fn new(outbox: Outbox, cancel: Cancel) -> Self {
        Self { outbox, cancel, scene: Mutex::default() }
    }

    /// An entry begins.
    pub(super) fn begin(&self, parent: &JupyterMessage, is_silent: bool) {
        *self.scene() = Scene { parent: Some(parent.clone()), is_silent, ..Scene::default() };
    }

    /// The entry is over.
    pub(super) fn end(&self) {
        let mut scene = self.scene();
        if let Some(bar) = scene.bar.take()
            && let Some((done, total)) = bar.going
            && bar.sent.is_some()
        {
            let told = format!("stopped at {done} of {total} ({})", seconds(bar.began.elapsed()));
            scene.send(&self.outbox, bar.update(display::finished(&told)));
        }
        scene.flush(&self.outbox);
    }

    /// Sends the text that waits to be sent.
    pub(super) fn flush(&self) {
        self.scene().flush(&self.outbox);
    }

    /// Writes a line.
    pub(super) fn line(&self, text: &str) {
        let mut scene = self.scene();
        scene.text.push_str(text);
        scene.text.push('\n');
        let since = scene.sent.map(|sent| sent.elapsed());
        if since.is_none_or(|since| since >= PERIOD) {
            scene.flush(&self.outbox);
        } else if scene.text.len() > BLOCK {
            scene.flush(&self.outbox);
            drop(scene);
            std::thread::sleep(PERIOD);
        }
    }

    /// Shows the value of entry `number`.
    pub(super) fn result(&self, number: usize, rich: &Rich) {
        let transient = Some(Transient::default());
        let count = ExecutionCount::new(number);
        let metadata = display::metadata(rich);
        let result = ExecuteResult { transient, metadata, ..ExecuteResult::new(count, display::media(rich)) };
        self.publish(result);
        self.hear(rich);
    }

    /// Puts a player below music that is not too long.
    fn hear(&self, rich: &Rich) {
        let options = RenderOptions::default();
        let is_short = |music: &&Multitrack| music.seconds() + options.tail <= display::LONGEST_SOUND;
        // Music without a sound, for whatever reason, is seen all the same.
        if let Some(music) = rich.music.as_ref().filter(is_short)
            && let Ok(sound) = audio::render(music, &options, &self.cancel)
        {
            let _ = self.sound(&sound);
        }
    }

    /// Shows a player for some sound.
    ///
    /// # Errors
    /// That there is too much of it.
    fn sound(&self, sound: &Audio) -> Result<(), String> {
        self.publish(shown(display::player(sound)?, None));
        Ok(())
    }

    /// Sends something that belongs to the running entry, after the text before it.
    pub(super) fn publish(&self, content: impl Into<Content>) {
        let mut scene = self.scene();
        scene.flush(&self.outbox);
        scene.send(&self.outbox, content.into());
    }

    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn flush(&mut self, outbox: &Outbox) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.send(outbox, StreamContent::stdout(&text).into());
            self.sent = Some(Instant::now());
        }
    }

    fn send(&self, outbox: &Outbox, content: Content) {
        if let (Some(parent), false) = (&self.parent, self.is_silent) {
            outbox.publish(content, parent);
        }
    }
}

impl Bar {
    /// For the entry that `parent` asked to run.
    fn of(parent: Option<&JupyterMessage>, now: Instant) -> Self {
        let id = parent.map_or_else(String::new, |parent| format!("progress-{}", parent.header.msg_id));
        Self { id, began: now, sent: None, going: None }
    }

    /// Notes how far the work is; gives what is to be sent, if it is time.
    fn report(&mut self, done: u64, total: u64, note: &str, now: Instant) -> Option<Content> {
        if self.going.is_none() {
            // Other work than before.
            self.began = now;
        }
        if done >= total {
            self.going = None;
            let shown = self.sent.is_some();
            let text = format!("{total} of {total} ({})", seconds(now - self.began));
            return shown.then(|| self.update(display::finished(&text)));
        }
        self.going = Some((done, total));
        let is_due = match self.sent {
            None => now - self.began >= PATIENCE,
            Some(sent) => now - sent >= STRIDE,
        };
        if !is_due {
            return None;
        }
        let media = display::progress(done, total, note);
        let is_first = self.sent.replace(now).is_none();
        Some(if is_first { shown(media, Some(self.id.clone())).into() } else { self.update(media) })
    }

    fn update(&self, media: Media) -> Content {
        UpdateDisplayData::new(media, &self.id).into()
    }
}

fn shown(media: Media, display_id: Option<String>) -> DisplayData {
    DisplayData { transient: Some(Transient { display_id }), ..DisplayData::new(media) }
}

impl Progress for Stage {
    fn report(&self, done: u64, total: u64, note: &str) {
        // Work that is stopped says that there is no more to come; where it was is told at the end.
        if done >= total && self.cancel.is_raised() {
            return;
        }
        let mut scene = self.scene();
        let now = Instant::now();
        let mut bar = scene.bar.take().unwrap_or_else(|| Bar::of(scene.parent.as_ref(), now));
        if let Some(content) = bar.report(done, total, note, now) {
            scene.flush(&self.outbox);
            scene.send(&self.outbox, content);
        }
        scene.bar = Some(bar);
    }
}

impl Output for Stage {
    fn print(&self, text: &str) {
        self.line(text);
    }

    fn note(&self, text: &str) {
        // Not as `stderr`, which notebooks show as if something had gone wrong.
        self.line(text);
    }

    fn show(&self, value: &dyn Fn() -> Rich) -> bool {
        let rich = value();
        let metadata = display::metadata(&rich);
        self.publish(DisplayData { metadata, ..shown(display::media(&rich), None) });
        self.hear(&rich);
        true
    }
}

impl Player for Stage {
    fn play(&self, wav: &Path, _: &Cancel) -> Heard {
        let sound = audio::read_wav(wav).map_err(|error| error.to_string());
        match sound.and_then(|sound| self.sound(&sound)) {
            Ok(()) => Heard::Played,
            Err(why) => Heard::Failed(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use jupyter_protocol::{ExecuteRequest, MediaType};

    use super::*;

    fn entry() -> JupyterMessage {
        JupyterMessage::new(ExecuteRequest::new("1".into()), None)
    }

    #[test]
    fn text_goes_out_at_once_and_then_in_larger_pieces() {
        let (outbox, sent) = Outbox::for_test();
        let (stage, parent) = (Stage::new(outbox, Cancel::new()), entry());
        stage.begin(&parent, false);
        for line in ["one", "two", "three"] {
            stage.print(line);
        }
        stage.end();
        let texts: Vec<String> = std::iter::from_fn(sent)
            .map(|(_, message)| match message.content {
                Content::StreamContent(stream) => stream.text,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!((texts[0].as_str(), texts.concat().as_str()), ("one\n", "one\ntwo\nthree\n"));
    }

    #[test]
    fn a_silent_entry_shows_nothing() {
        let (outbox, mut sent) = Outbox::for_test();
        let stage = Stage::new(outbox, Cancel::new());
        stage.begin(&entry(), true);
        stage.print("one");
        stage.result(1, &Rich::default());
        stage.end();
        assert!(sent().is_none());
    }

    #[test]
    fn progress_shows_when_work_is_long_and_ends_as_one_line() {
        let parent = entry();
        let start = Instant::now();
        let at = |tenths: u64| start + Duration::from_millis(100 * tenths);
        let mut bar = Bar::of(Some(&parent), start);
        assert!(bar.report(1, 9, "", at(1)).is_none() && bar.report(2, 9, "", at(2)).is_none());
        assert!(matches!(bar.report(5, 9, "", at(6)), Some(Content::DisplayData(_))));
        assert!(bar.report(6, 9, "", at(7)).is_none());
        assert!(matches!(bar.report(7, 9, "", at(8)), Some(Content::UpdateDisplayData(_))));
        match bar.report(9, 9, "", at(11)) {
            Some(Content::UpdateDisplayData(update)) => {
                assert_eq!(update.data.content, [MediaType::Plain("9 of 9 (1.00 s)".into())]);
                assert!(update.transient.display_id.is_some_and(|id| id.contains(&parent.header.msg_id)));
            }
            other => panic!("{other:?}"),
        }
        // Further work of the entry uses the same place, which is there already.
        assert!(matches!(bar.report(1, 9, "", at(20)), Some(Content::UpdateDisplayData(_))));
    }
}
