//! The sound of pages' music: rendered once for all who ask, a few pieces at a time, and kept for a while.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::{OnceCell, Semaphore};

use crate::audio::{self, RenderOptions};
use crate::base::Cancel;
use crate::music::Multitrack;

/// Pieces that are rendered at the same time.
const AT_ONCE: usize = 2;
/// Bytes of sound that are kept.
const MOST_BYTES: usize = 128 << 20;
/// Seconds of music that a page plays; a stereo WAV file of 53 MB.
const LONGEST: f64 = 300.0;

/// Sound by the version of its music.
pub(super) struct Sounds {
    /// The one that was asked for last stands last.
    kept: Mutex<VecDeque<(String, Sound)>>,
    places: Arc<Semaphore>,
}

/// A WAV file, or why there is none; unset while it is being made.
type Sound = Arc<OnceCell<Result<Bytes, String>>>;

impl Default for Sounds {
    fn default() -> Self {
        Self { kept: Mutex::default(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Sounds {
    /// The sound of that version, if it is kept or being made.
    pub(super) async fn known(&self, version: &str) -> Option<Result<Bytes, String>> {
        let sound = self.kept().iter().find(|(own, _)| own == version).map(|(_, sound)| Arc::clone(sound))?;
        Some(sound.get()?.clone())
    }

    /// The sound of `music`, which is that version, as a WAV file in stereo.
    ///
    /// # Errors
    /// Why it cannot be rendered.
    pub(super) async fn of(&self, version: &str, music: Multitrack) -> Result<Bytes, String> {
        let sound = self.place(version);
        // Somebody who goes away while others are served is not served any more.
        let place = Arc::clone(&self.places).acquire_owned().await;
        // A task of its own: what has begun is brought to its end, for those who ask again.
        let made = tokio::spawn(async move {
            let _place = place;
            let made = sound.get_or_init(async || {
                let made = tokio::task::spawn_blocking(move || render(&music)).await;
                made.unwrap_or_else(|_| Err("the music could not be made to sound".into()))
            });
            made.await.clone()
        });
        let made = made.await.unwrap_or_else(|_| Err("the music could not be made to sound".into()));
        self.forget_old();
        made
    }

    /// Where the sound of that version is, or is to be.
    fn place(&self, version: &str) -> Sound {
        let mut kept = self.kept();
        let known = kept.iter().position(|(own, _)| own == version).and_then(|at| kept.remove(at));
        let (version, sound) = known.unwrap_or_else(|| (version.to_owned(), Sound::default()));
        kept.push_back((version, Arc::clone(&sound)));
        sound
    }

    /// Forgets what was asked for longest ago, as long as there is too much, and failures.
    fn forget_old(&self) {
        let mut kept = self.kept();
        kept.retain(|(_, sound)| !matches!(sound.get(), Some(Err(_))));
        let size = |sound: &Sound| sound.get().and_then(|made| made.as_ref().ok()).map_or(0, Bytes::len);
        let mut total: usize = kept.iter().map(|(_, sound)| size(sound)).sum();
        while total > MOST_BYTES && kept.len() > 1 {
            total -= kept.pop_front().map_or(0, |(_, sound)| size(&sound));
        }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(String, Sound)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn render(music: &Multitrack) -> Result<Bytes, String> {
    let seconds = music.seconds();
    if seconds > LONGEST {
        return Err(format!(
            "the piece is {seconds:.0} seconds long, and a page plays {LONGEST:.0} at most: download it to hear it"
        ));
    }
    let sound = audio::render(music, &RenderOptions::default(), &Cancel::new());
    sound.and_then(|sound| sound.wav()).map(Bytes::from).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};

    fn piece(pitch: i64, steps: usize) -> Multitrack {
        let note = Note { start: 0, pitch: Pitch::new(pitch).unwrap(), end: 4, velocity: 90 };
        let track = Track::of_family(Family::Bass, Pianoroll::from_notes(steps, &[note]));
        Multitrack::new(vec![track], Resolution::new(4).unwrap())
    }

    fn within<R>(work: impl Future<Output = R>) -> R {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(work)
    }

    #[test]
    fn what_is_asked_for_twice_is_made_once() {
        let sounds = Sounds::default();
        within(async {
            let first = sounds.of("a", piece(36, 4)).await.unwrap();
            assert!(first.starts_with(b"RIFF"));
            // Another piece under the same version is not even looked at.
            let second = sounds.of("a", piece(48, 4)).await.unwrap();
            assert_eq!(first.as_ptr(), second.as_ptr());
            assert_eq!(sounds.known("a").await.unwrap().unwrap().as_ptr(), first.as_ptr());
            assert_ne!(sounds.of("b", piece(48, 4)).await.unwrap(), first);
        });
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let sounds = Sounds::default();
        for (name, size) in [("a", 100 << 20), ("b", 20 << 20), ("c", 30 << 20)] {
            sounds.place(name).set(Ok(vec![0; size].into())).unwrap();
        }
        sounds.forget_old();
        let names: Vec<String> = sounds.kept().iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, ["b", "c"]);
    }

    #[test]
    fn music_without_end_is_not_rendered() {
        let sounds = Sounds::default();
        let why = within(sounds.of("long", piece(36, 4 * 2 * 400))).unwrap_err();
        assert!(why.starts_with("the piece is 400 seconds long"), "{why}");
        assert!(sounds.kept().is_empty());
    }
}
