//! The Lakh Pianoroll Dataset as its authors ship it: folders of songs with lists of ids and labels, and
//! the array of phrases that was made from them. The songs are phrases that ship with the examples.

use std::io::{Cursor, Write};
use std::path::Path;

use ricercar::data::Dataset;
use ricercar::music::{Family, Multitrack, Pianoroll, Program as Sound, Resolution, Track};
use ricercar::npz::{PhraseCells, PhraseSource, write_multitrack};

use crate::program::Program;

/// LPD-5's tracks.
const FIVE: [(&str, Family); 5] = [
    ("Drums", Family::Drums),
    ("Piano", Family::Piano),
    ("Guitar", Family::Guitar),
    ("Bass", Family::Bass),
    ("Strings", Family::Strings),
];
/// LPD-17's tracks: drums, and General MIDI's sixteen families by their first programs.
const SEVENTEEN: [&str; 17] = [
    "Drums",
    "Piano",
    "Chromatic Percussion",
    "Organ",
    "Guitar",
    "Bass",
    "Strings",
    "Ensemble",
    "Brass",
    "Reed",
    "Pipe",
    "Synth Lead",
    "Synth Pad",
    "Synth Effects",
    "Ethnic",
    "Percussive",
    "Sound Effects",
];
/// Songs of the Million Song Dataset and their files.
const SONGS: [(&str, &str); 3] = [
    ("TRABLAA128F0000001", "0123456789abcdef0123456789abcde0"),
    ("TRABLBB128F0000002", "0123456789abcdef0123456789abcde1"),
    ("TRACDCC128F0000003", "0123456789abcdef0123456789abcde2"),
];
/// Bars as they are written, in their own key, so that songs stay comparable.
const CONFIG: &str = "downbeat: written\nkey: keep\nshuffle: false\n";

/// Phrases in which all five tracks play.
fn phrases(count: usize) -> Vec<Multitrack> {
    let set =
        Dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz")).unwrap();
    let sounds = |bar: &Pianoroll| !bar.is_silent();
    let whole = |piece: &Multitrack| {
        piece
            .tracks()
            .iter()
            .all(|track| (0..4).all(|bar| sounds(&track.roll.slice(bar * 48, bar * 48 + 48).unwrap())))
    };
    let found: Vec<Multitrack> = set.iter().map(Result::unwrap).filter(whole).take(count).collect();
    assert_eq!(found.len(), count);
    found
}

/// A track as LPD has it, at 24 steps a beat.
fn track(name: &str, program: i64, is_drum: bool, roll: &Pianoroll) -> Track {
    let roll = roll.resample(Resolution::new(12).unwrap(), Resolution::MIDI);
    Track { name: name.into(), program: Sound::new(program).unwrap(), is_drum, roll }
}

fn roll(piece: &Multitrack, family: Family) -> &Pianoroll {
    &piece.tracks().iter().find(|track| track.family() == Some(family)).unwrap().roll
}

fn lpd_5(piece: &Multitrack) -> Multitrack {
    let of = |(name, family): (&str, Family)| {
        let program = Track::of_family(family, Pianoroll::silent(0)).program;
        track(name, program.number().into(), family == Family::Drums, roll(piece, family))
    };
    Multitrack::new(FIVE.map(of).to_vec(), Resolution::MIDI)
}

/// The same music with strings spread over the families that LPD-5 has no track for, by pitch, and with
/// sound effects that nobody misses.
fn lpd_17(piece: &Multitrack) -> Multitrack {
    const SPREAD: [usize; 11] = [2, 3, 6, 7, 8, 9, 10, 11, 12, 14, 2];
    let strings = roll(piece, Family::Strings);
    let part = |number: usize| match number {
        0 => roll(piece, Family::Drums).clone(),
        1 => roll(piece, Family::Piano).clone(),
        4 => roll(piece, Family::Guitar).clone(),
        5 => roll(piece, Family::Bass).clone(),
        16 => roll(piece, Family::Piano).transpose(1),
        _ => {
            strings.map_pitches(|pitch| (SPREAD[usize::from(pitch.number()) % 11] == number).then_some(pitch))
        }
    };
    let of = |number: usize| {
        let program = number.saturating_sub(1) as i64 * 8;
        track(SEVENTEEN[number], program, number == 0, &part(number))
    };
    Multitrack::new((0..17).map(of).collect(), Resolution::MIDI)
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Songs as LPD's archives unpack, with lists of ids and labels beside them.
fn lpd() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for ((song, file), piece) in SONGS.iter().zip(phrases(SONGS.len())) {
        let steps: Vec<String> = song[2..5].chars().map(String::from).collect();
        let within = folder.path().join("lpd_5/lpd_5_cleansed").join(steps.join("/")).join(song);
        std::fs::create_dir_all(&within).unwrap();
        write_multitrack(&within.join(format!("{file}.npz")), &lpd_5(&piece)).unwrap();
    }
    let [(one, one_file), (two, two_file), (three, _)] = SONGS;
    // The second file is matched to another song of the same name.
    let pairs = format!("{one_file}    {one}\n{two_file}    TRZZZZZ128F0000009\n");
    write(folder.path(), "cleansed_ids.txt", &pairs);
    write(folder.path(), "bare.txt", &format!("{two}\n{three}\n"));
    write(folder.path(), "labels/lastfm/id_list_rock.txt", &format!("{one}\n{three}\n"));
    write(folder.path(), "labels/lastfm/id_list_80s.txt", &format!("{three}\n"));
    write(folder.path(), "labels/amg/id_list_Pop_Rock.txt", &format!("{one_file}    {one}\n"));
    write(folder.path(), "data.yaml", CONFIG);
    folder
}

fn printed(folder: &Path, script: &str) -> String {
    Program::with(&["-e", script]).within(folder).run().well()
}

fn collect(folder: &Path, options: &[&str]) -> Dataset {
    let line = [&["collect", "lpd_5", "out.npz", "--config", "data.yaml", "--quiet"], options].concat();
    Program::with(&line).within(folder).run().well();
    Dataset::load(&folder.join("out.npz")).unwrap()
}

#[test]
fn lists_of_ids_choose_songs_of_lpd_by_file_and_song_or_by_either() {
    let folder = lpd();
    let [one, two, three] = SONGS.map(|(song, _)| song);
    let songs = |list: &str| collect(folder.path(), &["--ids", list]).songs();
    let all = collect(folder.path(), &[]);
    assert_eq!(
        (all.songs(), all.sets()),
        (vec![one.into(), two.into(), three.into()], vec!["lpd_5_cleansed".into()])
    );
    assert_eq!(songs("cleansed_ids.txt"), [one]);
    assert_eq!(songs("bare.txt"), [two, three]);
    let files = SONGS.map(|(_, file)| file).join("\n");
    write(folder.path(), "files.txt", &files);
    assert_eq!(songs("files.txt"), [one, two, three]);
}

#[test]
fn labels_stay_with_the_phrases_in_scripts_and_in_files() {
    let folder = lpd();
    let [one, _, three] = SONGS.map(|(song, _)| song);
    let set = collect(folder.path(), &["--labels", "labels"]);
    assert_eq!(set.tags(), ["80s", "pop-rock", "rock"]);
    let tags = |song: &str| {
        let place = (0..set.len()).find(|i| set.info(*i).unwrap().song == song).unwrap();
        set.info(place).unwrap().tags
    };
    assert_eq!(SONGS.map(|(song, _)| tags(song)), [vec!["pop-rock", "rock"], vec![], vec!["80s", "rock"]]);

    let chosen = format!("[\"{one}\", \"{three}\"]\n[\"{three}\"]\n");
    let asked = "print(set.only(#{ tag: \"rock\" }).songs); print(set.only(#{ tag: \"80s\" }).songs);";
    let loaded = format!("let set = data::load(\"out.npz\"); {asked}");
    assert_eq!(printed(folder.path(), &loaded), chosen);
    let options = "#{ config: \"data.yaml\", labels: [\"labels\"] }";
    let collected = format!("let set = data::collect(\"lpd_5\", {options}); {asked}");
    assert_eq!(printed(folder.path(), &collected), chosen);
    // What was chosen by a tag keeps its others too, also through a file of its own.
    let kept = "let options = #{ config: \"data.yaml\", labels: [\"labels\"], tags: [\"80s\"] }; \
                data::collect(\"lpd_5\", options).save(\"again.npz\"); \
                print(data::load(\"again.npz\").only(#{ tag: \"rock\" }).songs)";
    assert_eq!(printed(folder.path(), kept), format!("[\"{three}\"]\n"));
}

#[test]
fn seventeen_tracks_merge_to_the_five_of_the_same_music() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "data.yaml", CONFIG);
    let piece = &phrases(1)[0];
    let collected = |name: &str, song: &Multitrack| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        write_multitrack(&path.join("song.npz"), song).unwrap();
        let out = format!("{name}.npz");
        let line = ["collect", name, &out, "--config", "data.yaml", "--quiet"];
        Program::with(&line).within(folder.path()).run().well();
        let account = std::fs::read_to_string(folder.path().join(format!("{name}.account.csv"))).unwrap();
        (Dataset::load(&folder.path().join(out)).unwrap(), account)
    };
    let (five, _) = collected("lpd_5", &lpd_5(piece));
    let (seventeen, account) = collected("lpd_17", &lpd_17(piece));
    assert_eq!((five.len(), seventeen.len()), (1, 1));
    assert_eq!(seventeen.layout(), five.layout());
    assert_eq!(seventeen.cells_of(0).unwrap(), five.cells_of(0).unwrap());
    for told in ["Drums (drums) -> drums", "Piano (0) -> piano", "Guitar (24) -> guitar", "Bass (32) -> bass"]
    {
        assert!(account.contains(told), "{told}: {account}");
    }
    assert!(account.contains("Sound Effects (120) -> dropped"), "{account}");
    assert!(account.matches(" -> strings").count() > 2, "{account}");
}

#[test]
fn the_ready_array_is_taken_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let set =
        Dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz")).unwrap();
    let cells: Vec<PhraseCells> = (0..3).map(|i| set.cells_of(i * 80).unwrap()).collect();
    let path = folder.path().join("train_x_lpd_5_phr.npz");
    std::fs::write(&path, ready_array(&cells)).unwrap();

    let loaded = Dataset::load(&path).unwrap();
    assert_eq!((loaded.len(), loaded.layout()), (3, set.layout()));
    for (number, cells) in cells.iter().enumerate() {
        assert_eq!(&loaded.cells_of(number).unwrap(), cells);
    }
    assert_eq!(printed(folder.path(), "print(data::load(\"train_x_lpd_5_phr.npz\").len)"), "3\n");

    let script = "let set = data::collect(\"train_x_lpd_5_phr.npz\", #{ shuffle: false }); print(set.len); \
                  print(set.account.column(\"status\")); set.save(\"out.npz\")";
    assert_eq!(printed(folder.path(), script), "3\n[\"used\"]\n");
    let collected = Dataset::load(&folder.path().join("out.npz")).unwrap();
    for (number, cells) in cells.iter().enumerate() {
        assert_eq!(&collected.cells_of(number).unwrap(), cells);
    }
}

/// What `np.savez_compressed(file, shape=x.shape, nonzero=x.nonzero())` writes of an array of phrases,
/// bars of 48 steps, 84 pitches from C1 and five tracks: 64-bit indices.
fn ready_array(phrases: &[PhraseCells]) -> Vec<u8> {
    let mut nonzero: [Vec<i64>; 5] = Default::default();
    for (number, cells) in phrases.iter().enumerate() {
        for step in 0..192 {
            for pitch in 0..84 {
                for track in (0..5).filter(|track| cells.track(*track)[step] >> pitch & 1 == 1) {
                    let index = [number, step / 48, step % 48, pitch, track];
                    nonzero.iter_mut().zip(index).for_each(|(axis, i)| axis.push(i as i64));
                }
            }
        }
    }
    let shape = [phrases.len() as i64, 4, 48, 84, 5];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let sizes = format!("(5, {})", nonzero[0].len());
    for (name, sizes, numbers) in [("shape", "(5,)", shape.to_vec()), ("nonzero", &sizes, nonzero.concat())] {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{name}.npy"), options).unwrap();
        let mut header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': {sizes}, }}");
        // The header ends at a multiple of 64 bytes, with a line break.
        let padding = 63 - (10 + header.len()) % 64;
        header += &" ".repeat(padding);
        header.push('\n');
        zip.write_all(b"\x93NUMPY\x01\x00").unwrap();
        zip.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        zip.write_all(header.as_bytes()).unwrap();
        numbers.iter().for_each(|number| zip.write_all(&number.to_le_bytes()).unwrap());
    }
    zip.finish().unwrap().into_inner()
}
