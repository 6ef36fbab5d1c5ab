"""What `benches/gpu.rs` times, in PyTorch on CUDA, eager and compiled:
python gpu.py FOLDER [play] [train] [eager] [compiled]

FOLDER holds what `gpu write` put there: weights, inputs and outputs. Every network is first set beside
them; the tab-separated lines of times follow, in the form of `benches/gpu.rs`. The networks are the same
operations on the same numbers. Matrix products are in single precision, as PyTorch has them unless told
otherwise. Training keeps its phrases on the card from the start, which ours does not.
"""
import statistics
import sys
import time

import torch
from networks import convolutional, hybrid
from safetensors.torch import load_file
from training import Training, critic, slope

CUDA = torch.device("cuda")


def timed(what, count, unit, runs, work):
    times = []
    for _ in range(runs + 2):
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    first, rest = times[0], sorted(times[2:])
    middle = statistics.median(rest)
    ms = f"{middle * 1e3:.3f} ({rest[0] * 1e3:.3f} to {rest[-1] * 1e3:.3f})"
    print(f"{what}\t{count / middle:.1f} {unit}/s\tms {ms}\tfirst {first:.2f} s", flush=True)


def tell(what, found, expected):
    apart = (found - expected).abs().max().item()
    print(f"{what}\tapart {apart:.3e}\tlargest {expected.abs().max().item():.3e}", flush=True)


def check(folder):
    keep = lambda file: {k: v.to(CUDA) for k, v in load_file(f"{folder}/{file}.safetensors").items()}
    for name, network in (("hybrid", hybrid), ("convolutional", convolutional)):
        m = keep(name)
        tell(f"{name}, logits", network(m, m["z"]), m["logits"])
    m = keep("training")
    tell("training, logits", hybrid(m, m["z"], True), m["logits"])
    m = keep("critic")
    tell("critic, scores", critic(m, m["roll"], 16), m["scores"])
    tell("critic, slope", slope(m, m["roll"], 16), m["slope"])


def play(folder, compiled):
    kind = "compiled" if compiled else "eager"
    for name, network in (("hybrid", hybrid), ("convolutional", convolutional)):
        m = {k: v.to(CUDA) for k, v in load_file(f"{folder}/{name}.safetensors").items()}
        run = torch.compile(network, dynamic=False) if compiled else network
        for n in (64, 256, 1024):
            z = torch.randn(n, m["z"].shape[1], device=CUDA)
            with torch.no_grad():
                timed(f"{name}, batch {n}, network, {kind}", n, "phrases", 15, lambda: run(m, z))
                timed(f"{name}, batch {n}, and back, {kind}", n, "phrases", 9, lambda: run(m, z).cpu())


def train(folder, compiled):
    kind = "compiled" if compiled else "eager"
    for n in (16, 64, 256):
        torch.manual_seed(1)
        training = Training(folder, n, CUDA, compiled)

        def steps():
            for _ in range(9):
                training.step()
            return training.step().tolist()

        timed(f"training hybrid, batch {n}, {kind}", 10, "steps", 7, steps)


def main():
    folder, tasks = sys.argv[1], sys.argv[2:] or ["play", "train", "eager", "compiled"]
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}")
    check(folder)
    for compiled in [kind == "compiled" for kind in ("eager", "compiled") if kind in tasks]:
        if "play" in tasks:
            play(folder, compiled)
        if "train" in tasks:
            train(folder, compiled)


main()
