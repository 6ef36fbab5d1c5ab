"""Ours and others' on this processor, in turns: python cpu.py BUILT FOLDER [ROUNDS] [PART]…

BUILT holds our programs: `ricercar` and the benchmarks `cpu`, `files`, `metrics` and `statistics`. FOLDER gets
weights, inputs and outputs. Parts are `play`, `train`, `product`, `files`, `metrics`, `statistics`, `sound` and
`start`; all of them when none is named.

Every network is first run on inputs whose outputs ours wrote; one that is further apart than a hundred-thousandth
of the greatest output ends the program. Then each round asks every side for the same work in turn, one process a side, none of which
is at work beside another. Prints a Markdown table: medians of the rounds, and how many times as fast we are,
with the least and the greatest ratio of a round. Sides that are not installed are left out and named.
"""
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parent.parent
NEAR = 1e-5
PARTS = ["play", "train", "product", "files", "metrics", "statistics", "sound", "start"]
BATCHES = [1, 16, 64, 256]
NAMES = {
    "hybrid": "hybrid",
    "accompany": "accompany",
    "published": "convolutional as published",
    "torch": "PyTorch",
    "onnx": "onnxruntime",
    "jax": "JAX",
}


class Side:
    """A program that answers each line with a number."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no answer to `{line}`")
        # Threads of a pool look for more work for a while.
        time.sleep(0.1)
        return float(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def shown(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            break
    else:
        unit, size = "µs", 1e-6
    return f"{seconds / size:.3g} {unit}"


def row(what, peer, ours, theirs):
    """A line of the table from seconds of every round on both sides."""
    ratios = sorted(b / a for a, b in zip(ours, theirs))
    middle = [shown(statistics.median(side)) for side in (ours, theirs)]
    spread = f"{ratios[0]:.2f}–{ratios[-1]:.2f}"
    print(f"| {what} | {middle[0]} | {peer} | {middle[1]} | {statistics.median(ratios):.2f} | {spread} |", flush=True)


def in_turns(rounds, what, ours, peers):
    """`ours` and each of `peers`, a name and what gives its seconds, in turns."""
    times = {name: [] for name in ["ours", *peers]}
    for _ in range(rounds):
        for name, measure in {"ours": ours, **peers}.items():
            times[name].append(measure())
    for name in peers:
        row(what, name, times["ours"], times[name])
    return times


class Networks:
    """Our network benchmark and the frameworks that are installed."""

    def __init__(self, built, folder):
        self.ours = Side(built / "cpu", "serve")
        modules = {"torch": "torch", "onnx": "onnxruntime", "jax": "jax"}
        found = {name: installed("torch", module) for name, module in modules.items()}
        self.peers = {
            name: Side(sys.executable, "-W", "ignore", HERE / "engine.py", name, folder)
            for name, there in found.items()
            if there
        }
        self.ways = [("torch", ""), ("torch", "-convolutions"), ("onnx", ""), ("onnx", "-convolutions"), ("jax", "")]
        self.ways = [(name, way) for name, way in self.ways if name in self.peers]

    def against(self, name):
        """Others for a network: how they are called and what they are asked for."""
        for engine, way in self.ways:
            if way and name != "published":
                continue
            how = {"-convolutions": ", convolutions", "": ", matrix products"}[way] if name == "published" else ""
            yield NAMES[engine] + how, self.peers[engine], name + way

    def check(self):
        for name in ("hybrid", "accompany", "published"):
            for peer, side, network in self.against(name):
                far = side.ask(f"check {network}")
                print(f"{NAMES[name]}, {peer}: logits at most {far:.1e} of the greatest apart")
                if not far < NEAR:
                    sys.exit("these are not the same networks")

    def play(self, rounds):
        for name in ("hybrid", "published", "accompany"):
            for batch in BATCHES:
                peers = {
                    peer: lambda side=side, line=f"play {network} {batch}": side.ask(line)
                    for peer, side, network in self.against(name)
                }
                # The large ones take seconds each.
                some = rounds if batch < 256 else min(rounds, 2)
                ours = lambda: self.ours.ask(f"play {name} {batch}")
                in_turns(some, f"{NAMES[name]}, batch {batch}", ours, peers)

    def train(self, rounds):
        for batch in (16, 64):
            for micro, how in ((0, "at once"), (batch // 2, "in two parts")):
                ours = lambda: self.ours.ask(f"train {batch} {micro}")
                peers = {"PyTorch": lambda: self.peers["torch"].ask(f"train {batch}")}
                in_turns(rounds, f"training step of the hybrid, batch {batch} {how}", ours, peers)

    def product(self, rounds):
        size, name, batch = 2048, "published", 64
        flops = self.peers["torch"].ask(f"flops {name}") * batch
        times = {"product": [], "network": [], "theirs": []}
        for _ in range(rounds):
            times["product"].append(self.ours.ask(f"product {size}"))
            times["network"].append(self.ours.ask(f"play {name} {batch}"))
            times["theirs"].append(self.peers["torch"].ask(f"product {size}"))
        row(f"product of two {size} x {size} matrices", "PyTorch", times["product"], times["theirs"])
        speed = [2 * size**3 / seconds / 1e9 for seconds in times["product"]]
        network = [flops / seconds / 1e9 for seconds in times["network"]]
        shares = sorted(100 * b / a for a, b in zip(speed, network))
        print()
        print(
            f"The product runs at {statistics.median(speed):.0f} GFLOP/s, the {NAMES[name]} network ({flops / batch / 1e9:.3f} "
            f"GFLOP a phrase) in batches of {batch} at {statistics.median(network):.0f}: "
            f"{statistics.median(shares):.0f} % ({shares[0]:.0f} to {shares[-1]:.0f}) of it."
        )

    def end(self):
        for side in (self.ours, *self.peers.values()):
            side.end()


def installed(*modules):
    import importlib.util

    return all(importlib.util.find_spec(module) for module in modules)


def lines(*command):
    """What a program prints, its fields by tabs."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def of_files(built, rounds):
    """Files to music; `benches/peers/files.py` is the other side."""
    # What they do, with what, and what we do.
    needed = {
        "notes": ("symusic", "notes"),
        "music": ("muspy", "notes"),
        "roll": ("symusic", "roll"),
        "songs": ("pypianoroll", "songs"),
        "stack": ("pypianoroll", "stack"),
    }
    whats = {
        "notes": "MIDI to notes",
        "roll": "MIDI to five-track roll",
        "songs": "npz to rolls",
        "stack": "npz to cells, 4 steps a beat",
    }
    for theirs, (module, task) in needed.items():
        if not installed(module):
            print(f"| {whats[task]} | | {module} | not installed | | |")
            continue
        folder = REPOSITORY / "tests/golden" / ("midi" if task in ("notes", "roll") else "npz")
        each = lambda found: float(found[0][2].split(" ")[0]) / 1e6
        peer = [sys.executable, "-W", "ignore", HERE / "files.py", theirs, folder]
        ours = lambda: each(lines(built / "files", task, folder))
        in_turns(rounds, f"{whats[task]}, a file", ours, {module: lambda: each(lines(*peer))})


def of_metrics(built, folder, rounds):
    """Measures of bars, one thread; `benches/peers/metrics.py` is the other side."""
    if not installed("pypianoroll"):
        print("| metrics | | pypianoroll | not installed | | |")
        return
    bars = folder / "bars.npy"
    subprocess.run([built / "metrics", "write", bars], check=True)
    times = {}
    for _ in range(rounds):
        for name, *which, rate in lines(built / "metrics") + lines(sys.executable, HERE / "metrics.py", bars):
            if name == "measure_phrases" and which != ["exact"]:
                continue
            times.setdefault(name, []).append(1 / float(rate.split(" ")[0]))
    pieces = times.pop("features")
    if muspy := times.pop("muspy, a call each", None):
        row("features of a piece of four bars, ours many more", "muspy, a call each", pieces, muspy)
    ours = times.pop("measure_phrases")
    for name, theirs in times.items():
        row("measures of a bar", name, ours, theirs)


def of_statistics(built, rounds):
    """Sets against sets, one core; `benches/peers/compare.py` is the other side and gives the same numbers."""
    if not installed("scipy"):
        print("| set statistics | | scipy | not installed | | |")
        return
    ours, theirs = {}, {}
    for _ in range(rounds):
        for side, command in ((ours, [built / "statistics"]), (theirs, [sys.executable, HERE / "compare.py"])):
            for name, value, took in lines(*command):
                side.setdefault(name, []).append((float(value), float(took.split(" ")[0]) / 1e3))
    for name, found in theirs.items():
        a, b = ours[name][0][0], found[0][0]
        if abs(a - b) > 1e-3 * max(abs(a), abs(b)):
            sys.exit(f"{name}: ours is {a}, theirs {b}")
        row(name, "scipy", [took for _, took in ours[name]], [took for _, took in found])


def wall(*command, **options):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


def of_sound(built, folder, rounds):
    """A phrase as sound through a SoundFont, whole processes that write a file."""
    font = next((pathlib.Path(f) for f in FONTS if pathlib.Path(f).exists()), None)
    if font is None or not shutil.which("fluidsynth"):
        print("| MIDI to WAV by a SoundFont | | fluidsynth | not installed, or no SoundFont | | |")
        return
    song, ours, theirs = (folder / name for name in ("song.mid", "ours.wav", "theirs.wav"))
    script = folder / "song.rhai"
    script.write_text('let g = model::load("hybrid");\nlet s = g.generate(#{ seed: 1 });\n'
                      '[s, s, s, s].concat().save("song.mid");\n')
    subprocess.run([built / "ricercar", "run", script], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    render = lambda: wall(built / "ricercar", "convert", song, ours, "--soundfont", font)
    fluid = lambda: wall("fluidsynth", "-ni", "-r", "44100", "-F", theirs, font, song)
    in_turns(rounds, "16 bars of MIDI to WAV by a SoundFont", render, {"fluidsynth": fluid})


FONTS = ["/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2"]


def of_start(built, folder, rounds):
    """From nothing to music: whole processes."""
    script = folder / "hello.rhai"
    script.write_text('let g = model::load("hybrid");\ng.generate(#{ seed: 27 }).save("hello.mid");\n')
    run = lambda: wall(built / "ricercar", "run", script, cwd=folder)
    session = 'model::load("hybrid").generate(#{ seed: 27 })\n'
    repl = lambda: wall(built / "ricercar", input=session, text=True, cwd=folder)
    once = lambda: wall(sys.executable, "-W", "ignore", HERE / "once.py", folder)
    peers = {"PyTorch: import, load, one phrase in memory": once} if installed("torch") else {}
    for what, ours in (("process start to `hello.mid`", run), ("process start to a session's first phrase", repl)):
        times = in_turns(rounds, what, ours, peers)["ours"]
        if not peers:
            print(f"| {what} | {shown(statistics.median(times))} | | | | |")


def main():
    built, folder, *rest = sys.argv[1:]
    built, folder = pathlib.Path(built).resolve(), pathlib.Path(folder).resolve()
    rounds = int(rest.pop(0)) if rest and re.fullmatch(r"\d+", rest[0]) else 5
    parts = rest or PARTS
    folder.mkdir(parents=True, exist_ok=True)
    networks = None
    if {"play", "train", "product", "start"} & set(parts):
        subprocess.run([built / "cpu", "write", folder], check=True)
    if {"play", "train", "product"} & set(parts) and installed("torch"):
        networks = Networks(built, folder)
        networks.check()
    print("\n| what | ours | beside | theirs | times as fast | least–greatest |\n|---|---|---|---|---|---|")
    if networks:
        for part in ("play", "train"):
            if part in parts:
                getattr(networks, part)(rounds)
    if "files" in parts:
        of_files(built, rounds)
    if "metrics" in parts:
        of_metrics(built, folder, rounds)
    if "statistics" in parts:
        of_statistics(built, rounds)
    if "sound" in parts:
        of_sound(built, folder, rounds)
    if "start" in parts:
        of_start(built, folder, rounds)
    if networks:
        if "product" in parts:
            networks.product(rounds)
        networks.end()


if __name__ == "__main__":
    main()
