//! What grows when the work grows, and by how much: `cargo bench --bench scale -- [FOLDER]` writes `scale.csv`
//! and `memory.csv` into FOLDER (`benches` unless named); `benches/scale.rhai` draws them. Asserts nothing.
//!
//! Every point is a process of its own, so that its peak of memory is its own, and its time is the
//! processor's, of all its threads, so that what else runs on the machine counts little. Linux only.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use ricercar::base::{Cancel, Seed};
use ricercar::metrics::{MetricFamily, Options, measure, measure_phrases};
use ricercar::midi;
use ricercar::model::config::{Architecture, Grid, LatentWidths, Network};
use ricercar::model::{
    Calibration, DecodeOptions, DeviceName, Generator, Library, Model, Opened, Parts, Training,
};
use ricercar::music::{Multitrack, Note, Pianoroll, Pitch, Program, Resolution, Tempo, Track};
use ricercar::script::{Context, Host, Session};
use ricercar::statistics::{Covariance, Neighbours, frechet};
use ricercar::train::{Corpus, TrainConfig, Trainer, load_data};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// What grows, and to which sizes.
const SWEEPS: [(&str, &[usize]); 9] = [
    ("phrases generated", &[100, 316, 1_000, 3_162, 10_000, 31_623, 100_000]),
    ("phrases measured", &[100, 316, 1_000, 3_162, 10_000, 31_623, 100_000]),
    ("points of a Fréchet distance", &[100, 316, 1_000, 3_162, 10_000, 31_623, 100_000]),
    ("points of density and coverage", &[100, 316, 1_000, 3_162, 10_000]),
    ("tracks of a model", &[1, 2, 4, 8, 16]),
    ("tracks of a measured piece", &[1, 2, 4, 8, 16]),
    ("bars of a model", &[1, 2, 4, 8, 16, 32, 64]),
    ("bars of a measured piece", &[1, 2, 4, 8, 16, 32, 64]),
    ("bars of a MIDI file", &[1, 2, 4, 8, 16, 32, 64]),
];
/// What a day in a session may look like: what is entered, `N` being a number that grows.
const DAYS: [(&str, &str); 4] = [
    ("shown", "g.generate(#{ seed: N })"),
    ("kept in one name", "let song = g.generate(#{ seed: N });"),
    ("closures", "let louder = |x| x + N; [1, 2].map(louder)"),
    ("functions", "fn f() { N } f()"),
];
const ENTRIES: usize = 10_000;
/// Entries between two looks at the memory.
const LOOK: usize = 250;
/// Numbers that describe a phrase, for the distances between sets.
const FEATURES: usize = 64;
/// Processor seconds that a timed work is repeated for.
const LONG_ENOUGH: f64 = 1.0;

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["point", what, size] => point(what, size.parse()?),
        ["day", name] => day(name),
        ["train", config] => train(config),
        [] => all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches")),
        [folder] => all(Path::new(folder)),
        _ => Err("name a folder, or nothing".into()),
    }
}

/// Every point, each by a child of this process.
fn all(folder: &Path) -> Fallible<()> {
    let mut scale = "work,size,seconds,held_mb,peak_mb\n".to_owned();
    for (what, sizes) in SWEEPS {
        for size in sizes {
            scale += &child(&["point", what, &size.to_string()])?;
        }
    }
    std::fs::write(folder.join("scale.csv"), scale)?;
    let mut memory = "what,entries,mb\n".to_owned();
    for (name, _) in DAYS {
        memory += &child(&["day", name])?;
    }
    std::fs::write(folder.join("memory.csv"), memory)?;
    for config in ["tiny", "hybrid"] {
        child(&["train", config])?;
    }
    Ok(())
}

fn child(arguments: &[&str]) -> Fallible<String> {
    let done = Command::new(std::env::current_exe()?).args(arguments).output()?;
    if !done.status.success() {
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&done.stderr)).into());
    }
    let told = String::from_utf8(done.stdout)?;
    eprint!("{told}");
    Ok(told)
}

/// Prints a line of `scale.csv`: what is held before the work, and the peak of doing it once.
fn point(what: &str, size: usize) -> Fallible<()> {
    let mut work = prepare(what, size)?;
    let held = megabytes("VmRSS")?;
    let start = processor_seconds()?;
    work()?;
    let peak = megabytes("VmHWM")?;
    let mut runs = 1.0;
    while processor_seconds()? - start < LONG_ENOUGH {
        work()?;
        runs += 1.0;
    }
    let seconds = (processor_seconds()? - start) / runs;
    println!("\"{what}\",{size},{seconds:.3e},{held:.1},{peak:.1}");
    Ok(())
}

type Work = Box<dyn FnMut() -> Fallible<()>>;

fn prepare(what: &str, size: usize) -> Fallible<Work> {
    let Opened { device, is_cpu, .. } = DeviceName::Cpu.open()?;
    let options = Options::of(MetricFamily::Exact);
    let cancel = Cancel::new();
    Ok(match what {
        "phrases generated" => {
            let model = Library::default().load("hybrid", &device, is_cpu)?;
            Box::new(move || {
                let latents: Vec<_> = (0..size as u64).map(|i| model.latent(Seed(i))).collect();
                let made = model.decode(&latents, &DecodeOptions::default(), &cancel)?;
                std::hint::black_box(made);
                Ok(())
            })
        }
        "phrases measured" => {
            let phrases: Vec<_> = (0..size).map(|number| piece(number, 5, 4)).collect();
            Box::new(move || {
                std::hint::black_box(measure_phrases(&phrases, &options)?);
                Ok(())
            })
        }
        "points of a Fréchet distance" => {
            let (a, b) = (points(size, 1), points(size, 2));
            Box::new(move || {
                std::hint::black_box(frechet(&a, &b, Covariance::Sample)?);
                Ok(())
            })
        }
        "points of density and coverage" => {
            let (a, b) = (points(size, 1), points(size, 2));
            Box::new(move || {
                std::hint::black_box(Neighbours::new(&a, &b, 5)?.whole());
                Ok(())
            })
        }
        "tracks of a model" | "bars of a model" => {
            let (tracks, bars) = if what.starts_with("tracks") { (size, 4) } else { (5, size) };
            let model = untrained(tracks, bars)?;
            let latents: Vec<_> = (0..16).map(|i| model.latent(Seed(i))).collect();
            // The work is one phrase; sixteen keep all processors busy.
            let mut next = latents.into_iter().cycle();
            Box::new(move || {
                let latent: Vec<_> = next.by_ref().take(1).collect();
                std::hint::black_box(model.decode(&latent, &DecodeOptions::default(), &cancel)?);
                Ok(())
            })
        }
        "tracks of a measured piece" | "bars of a measured piece" => {
            let (tracks, bars) = if what.starts_with("tracks") { (size, 4) } else { (5, size) };
            let piece = piece(1, tracks, bars);
            Box::new(move || {
                std::hint::black_box(measure(&piece, &options));
                Ok(())
            })
        }
        "bars of a MIDI file" => {
            let piece = piece(1, 5, size);
            Box::new(move || {
                let bytes = midi::to_bytes(&piece, &midi::WriteOptions::default())?;
                std::hint::black_box(midi::parse(&bytes)?);
                Ok(())
            })
        }
        other => return Err(format!("no work is called {other}").into()),
    })
}

/// A hybrid model of the usual widths that nobody has trained.
fn untrained(tracks: usize, bars: usize) -> Fallible<Model> {
    let Opened { device, is_cpu, .. } = DeviceName::Cpu.open()?;
    let grid = Grid { tracks: (1..=tracks).map(|n| format!("part {n}")).collect(), bars, ..Grid::small() };
    let network = Network::Bars { generator: Default::default(), encoder: None };
    let latent = LatentWidths { z: 32, z_t: 32, z_i: 32, z_it: 32 };
    let architecture = Architecture { latent, network, refiner: None, grid };
    let parts = Parts {
        name: "untrained".into(),
        about: String::new(),
        hash: String::new(),
        values: Generator::new(&architecture).layout().initial(Seed(1)),
        calibration: Calibration::neutral(&architecture.grid),
        neurons: None,
        tempo: Tempo::default(),
        instruments: Vec::new(),
        training: Training::default(),
        architecture,
    };
    Ok(Model::new(parts, &device, is_cpu)?)
}

/// Broken chords by rule, in every track.
fn piece(number: usize, tracks: usize, bars: usize) -> Multitrack {
    const STEPS: usize = 48;
    let track = |index: usize| {
        let pitch = |sixteenth: usize| 36 + 5 * index % 40 + (number + [0, 4, 7, 12][sixteenth % 4]) % 24;
        let notes = (0..bars * 16).filter_map(|sixteenth| {
            let pitch = Pitch::new(pitch(sixteenth) as i64).ok()?;
            Some(Note { start: sixteenth * 3, pitch, end: sixteenth * 3 + 2, velocity: 100 })
        });
        let roll = Pianoroll::from_notes(bars * STEPS, &notes.collect::<Vec<_>>()).without_velocities();
        Track { name: format!("part {index}").into(), program: Program::default(), is_drum: false, roll }
    };
    Multitrack::new((0..tracks).map(track).collect(), Resolution::MODEL)
}

/// Points with coordinates in 0..1.
fn points(count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Seed(seed).stream("points");
    (0..count).map(|_| (0..FEATURES).map(|_| rng.uniform()).collect()).collect()
}

/// Prints lines of `memory.csv`: a session in which the same is entered again and again.
fn day(name: &str) -> Fallible<()> {
    let (_, entry) = DAYS.into_iter().find(|(known, _)| *known == name).ok_or("no such day")?;
    let mut session = Session::new(Host::new(Context::default()));
    let told = |error: Box<ricercar::script::Diagnostic>| error.render(false);
    session.evaluate("let g = model::load(\"hybrid\");").map_err(told)?;
    let mut lines = String::new();
    for number in 0..=ENTRIES {
        if number % LOOK == 0 {
            writeln!(lines, "\"{name}\",{number},{:.1}", megabytes("VmRSS")?)?;
        }
        session.evaluate(&entry.replace('N', &number.to_string())).map_err(told)?;
    }
    print!("{lines}");
    Ok(())
}

/// Prints the peak of twenty steps of training.
fn train(config: &str) -> Fallible<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = TrainConfig::read(&root.join("scripts/tiny.yaml"))?.data;
    let config = TrainConfig { data, ..TrainConfig::read(&root.join(format!("scripts/{config}.yaml")))? };
    let corpus = Corpus::new(&config.model.grid, &load_data(&config.data)?)?;
    let mut trainer = Trainer::new(&config, &corpus, &DeviceName::Cpu.open()?.device)?;
    let start = processor_seconds()?;
    let steps = 20;
    for _ in 0..steps {
        trainer.advance(&corpus).read()?;
    }
    let seconds = (processor_seconds()? - start) / f64::from(steps);
    println!(
        "training {}: {seconds:.2} processor seconds a step, peak {:.0} MB",
        config.name,
        megabytes("VmHWM")?
    );
    Ok(())
}

/// A field of `/proc/self/status`, in millions of bytes.
fn megabytes(field: &str) -> Fallible<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no such field")?;
    Ok(kibibytes.trim().parse::<f64>()? * 1024.0 / 1e6)
}

/// The processor's time of all threads so far, in the program and in the system on its behalf.
fn processor_seconds() -> Fallible<f64> {
    /// Linux counts in hundredths towards programs, whatever it counts in itself.
    const TICKS: f64 = 100.0;
    let line = std::fs::read_to_string("/proc/self/stat")?;
    // The name in the second field may hold blanks.
    let fields = line.rsplit_once(')').ok_or("no fields")?.1;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / TICKS)
}
