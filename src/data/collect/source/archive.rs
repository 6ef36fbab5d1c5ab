//! Files one by one, and the members of zip, tar and gzip archives among them.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::budget::{Budget, Whole, read_all, too_large};
use super::kind::HEAD;
use super::{Content, Data, Found, Kind, Limits, Place, Refusal, Visit};
use crate::base::Cancel;

/// Headers of one tar member that are longer than this are no names.
const LONGEST_TAR_HEADER: u64 = 1 << 20;

/// Something that archives are read from.
trait Source: Read + Seek {}
impl<R: Read + Seek> Source for R {}

/// Shows files to the visitor and opens archives.
pub(super) struct Walk<'w> {
    pub limits: &'w Limits,
    pub cancel: &'w Cancel,
    /// Whether what is nothing else is a text that is looked for.
    pub texts: bool,
    pub visit: &'w mut Visit<'w>,
}

impl Walk<'_> {
    /// A file or member that is not read.
    pub fn refuse(&mut self, place: Place, refusal: Refusal) -> ControlFlow<()> {
        if self.cancel.is_raised() {
            return ControlFlow::Break(());
        }
        (self.visit)(Found { place, content: Content::Refused(refusal) })
    }

    /// A file of `size` bytes.
    pub fn file(&mut self, place: Place, path: PathBuf, size: u64) -> ControlFlow<()> {
        let opened = File::open(&path).and_then(|mut file| {
            let head = head_of(&mut file)?;
            file.rewind()?;
            Ok((file, head))
        });
        let (file, head) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.refuse(place, Refusal::new("unreadable", error.to_string())),
        };
        let kind = self.kind_of(&head);
        let is_array = matches!(kind, Some(Kind::Npz | Kind::Npy));
        let most = if is_array { self.limits.array } else { self.limits.song };
        match kind {
            None => self.refuse(place, not_music(&head)),
            Some(kind) if kind.is_archive() => {
                let unpacked = self.limits.unpacked.saturating_add(size.saturating_mul(self.limits.ratio));
                let budget = Budget::new(unpacked, self.cancel);
                self.archive(place, kind, Box::new(file), || Data::File(path), &budget, 0)
            }
            Some(_) if size > most => self.refuse(place, too_large(most)),
            Some(kind) => self.show(place, kind, Data::File(path)),
        }
    }

    fn kind_of(&self, head: &[u8]) -> Option<Kind> {
        Kind::of(head).or_else(|| (self.texts && !head.is_empty()).then_some(Kind::Text))
    }

    fn show(&mut self, place: Place, kind: Kind, data: Data) -> ControlFlow<()> {
        (self.visit)(Found { place, content: Content::Music(kind, data) })
    }

    /// A member of an archive whose first bytes were `head`.
    fn member(
        &mut self,
        place: Place,
        head: Vec<u8>,
        rest: &mut dyn Read,
        budget: &Budget,
        depth: usize,
    ) -> ControlFlow<()> {
        let Some(kind) = self.kind_of(&head) else { return self.refuse(place, not_music(&head)) };
        if kind.is_archive() && depth >= self.limits.depth && kind != Kind::Zip {
            return self.refuse(place, too_deep());
        }
        let bytes = match read_all(head, rest, self.limits.song) {
            Ok(bytes) => bytes,
            Err(refusal) => return self.refuse(place, refusal),
        };
        match kind.is_archive() {
            true => {
                let whole = bytes.clone();
                self.archive(
                    place,
                    kind,
                    Box::new(Cursor::new(bytes)),
                    || Data::Bytes(whole),
                    budget,
                    depth + 1,
                )
            }
            false => self.show(place, kind, Data::Bytes(bytes)),
        }
    }

    /// An archive; `whole` is all of it, should it turn out to be NumPy's.
    fn archive(
        &mut self,
        place: Place,
        kind: Kind,
        source: Box<dyn Source + '_>,
        whole: impl FnOnce() -> Data,
        budget: &Budget,
        depth: usize,
    ) -> ControlFlow<()> {
        match kind {
            Kind::Zip => {
                let zip = match ZipArchive::new(source) {
                    Ok(zip) => zip,
                    Err(error) => {
                        let sentence = format!("the zip archive is damaged or cut short ({error})");
                        return self.refuse(place, Refusal::new("damaged_archive", sentence));
                    }
                };
                let has = |member: &str| zip.index_for_name(member).is_some();
                let is_npz = place.file_name().to_lowercase().ends_with(".npz");
                if has("shape.npy") || has("pianoroll_0_csc_shape.npy") || is_npz && has("info.json") {
                    return self.show(place, Kind::Npz, whole());
                }
                if is_npz {
                    return self.refuse(place, Refusal::new("not_music", "its arrays are no pianorolls"));
                }
                match depth > self.limits.depth {
                    true => self.refuse(place, too_deep()),
                    false => self.zip(&place, zip, budget, depth),
                }
            }
            Kind::Gzip => {
                let mut unpacked = budget.of(MultiGzDecoder::new(source));
                let head = match head_of(&mut unpacked) {
                    Ok(head) => head,
                    Err(error) => return self.refuse(place, Refusal::damaged(&error)),
                };
                match Kind::of(&head) {
                    Some(Kind::Tar) => {
                        self.tar(&place, &mut Cursor::new(head).chain(unpacked), budget, depth)
                    }
                    // One file that was packed by itself.
                    _ => {
                        let name = place.file_name();
                        let name = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
                        self.member(place.join(&name), head, &mut unpacked, budget, depth)
                    }
                }
            }
            _ => self.tar(&place, &mut budget.of(source), budget, depth),
        }
    }

    fn zip(
        &mut self,
        place: &Place,
        mut zip: ZipArchive<Box<dyn Source + '_>>,
        budget: &Budget,
        depth: usize,
    ) -> ControlFlow<()> {
        for index in 0..zip.len() {
            let entry = match zip.by_index_raw(index) {
                Ok(member) if member.is_dir() => continue,
                Ok(member) => Ok((
                    place.join(&String::from_utf8_lossy(member.name_raw())),
                    member.size(),
                    member.encrypted(),
                )),
                Err(error) => Err(format!("the archive's entry {} cannot be read: {error}", index + 1)),
            };
            let member = match entry {
                Ok((member, _, true)) => {
                    self.refuse(member, Refusal::new("encrypted", "it is locked by a password"))?;
                    continue;
                }
                Ok((member, size, _)) if size > self.limits.song => {
                    self.refuse(member, too_large(self.limits.song))?;
                    continue;
                }
                Ok((member, ..)) => member,
                Err(sentence) => {
                    self.refuse(place.clone(), Refusal::new("damaged_archive", sentence))?;
                    continue;
                }
            };
            let opened = zip.by_index(index).map_err(io::Error::from).and_then(|reader| {
                let mut reader = budget.of(reader);
                Ok((head_of(&mut reader)?, reader))
            });
            match opened {
                Ok((head, mut rest)) => self.member(member, head, &mut rest, budget, depth)?,
                Err(error) => self.refuse(member, Refusal::damaged(&error))?,
            }
            if budget.is_spent() {
                return self.give_up(place);
            }
        }
        ControlFlow::Continue(())
    }

    fn tar(
        &mut self,
        place: &Place,
        reader: &mut dyn Read,
        budget: &Budget,
        depth: usize,
    ) -> ControlFlow<()> {
        // While the next member is looked for only headers are read, for what is left of a member is
        // read out before; a header that goes on and on would be kept in memory.
        let headers = Budget::new(LONGEST_TAR_HEADER, self.cancel);
        let mut archive = tar::Archive::new(headers.of(reader));
        let mut entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.refuse(place.clone(), Refusal::damaged(&error)),
        };
        loop {
            headers.refill(LONGEST_TAR_HEADER);
            let entry = match entries.next() {
                None => return ControlFlow::Continue(()),
                Some(Ok(entry)) => entry,
                Some(Err(_)) if budget.is_spent() => return self.give_up(place),
                Some(Err(error)) => return self.refuse(place.clone(), Refusal::damaged(&error)),
            };
            headers.refill(u64::MAX);
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let member = place.join(&String::from_utf8_lossy(&entry.path_bytes()));
            if !(kind.is_file() || kind.is_contiguous()) {
                // What a sparse file leaves out is not there to be read.
                if kind.is_gnu_sparse() {
                    self.refuse(member, Refusal::new("not_a_file", "it is stored as a sparse file"))?;
                    return self.refuse(
                        place.clone(),
                        Refusal::new("damaged_archive", "what comes after a sparse file is not read"),
                    );
                }
                self.refuse(member, Refusal::new("not_a_file", "it is a link or no ordinary file"))?;
                continue;
            }
            let size = entry.size();
            let mut entry = Whole { reader: entry, left: size };
            match head_of(&mut entry) {
                Ok(_) if size > self.limits.song => self.refuse(member, too_large(self.limits.song))?,
                Ok(head) => self.member(member, head, &mut entry, budget, depth)?,
                Err(error) => self.refuse(member, Refusal::damaged(&error))?,
            }
            let rest = io::copy(&mut entry, &mut io::sink());
            if budget.is_spent() {
                return self.give_up(place);
            }
            if let Err(error) = rest {
                return self.refuse(place.clone(), Refusal::damaged(&error));
            }
        }
    }

    /// Says that the rest of an archive is not read because of what it unpacks to.
    fn give_up(&mut self, place: &Place) -> ControlFlow<()> {
        let sentence = "it unpacks to far more than its size: the rest of it is not read";
        self.refuse(place.clone(), Refusal::new("zip_bomb", sentence))
    }
}

/// The first bytes of a file, fewer when it is shorter.
fn head_of(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    reader.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn not_music(head: &[u8]) -> Refusal {
    match head {
        [] => Refusal::new("empty", "it is empty"),
        _ => Refusal::new("not_music", "it is no MIDI file, pianoroll, array or archive"),
    }
}

fn too_deep() -> Refusal {
    Refusal::new("nested_too_deep", "it is an archive within an archive within an archive")
}
