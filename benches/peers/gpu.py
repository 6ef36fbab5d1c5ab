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
import torch.nn.functional as F
from safetensors.torch import load_file

TRACKS, BARS, BEATS, PLACES, OCTAVES, PLANES = 5, 4, 16, 4, 7, 2
STEPS, ROWS = BEATS * PLACES, BEATS * PLACES * OCTAVES
CUDA = torch.device("cuda")


def linear(m, name, x):
    bias = m.get(f"{name}/bias")
    w = m[f"{name}/weight"]
    return torch.bmm(x, w) if bias is None else torch.baddbmm(bias, x, w)


def norm(m, name, x, batch, epsilon):
    """Batch norm of `[group, row, place * channel]`, folded or by the batch."""
    gamma, beta = m[f"{name}/gamma"], m[f"{name}/beta"]
    x = x.reshape(x.shape[0], -1, gamma.shape[2])
    if not batch:
        return torch.addcmul(beta, x, gamma)
    variance, mean = torch.var_mean(x, 1, correction=0, keepdim=True)
    return (x - mean) * (gamma / (variance + epsilon).sqrt()) + beta


def hidden(m, name, x, batch=False, epsilon=1e-5):
    return F.relu(norm(m, name, linear(m, name, x), batch, epsilon))


def in_time(m, name, z):
    groups, batch, width = z.shape
    h = F.relu(linear(m, f"{name}/hidden", z))
    return linear(m, f"{name}/out", h).reshape(groups, batch * BARS, width)


def hybrid(m, z, batch=False):
    """The hybrid generator: `[batch, latent]` to `[track, batch * step * octave, 12 * plane]`."""
    n, width = z.shape[0], z.shape[1] // (2 + 2 * TRACKS)
    groups = [1, 1, TRACKS, TRACKS]
    parts = [p.reshape(n, -1, width).transpose(0, 1) for p in z.split([g * width for g in groups], 1)]
    every_bar = lambda x: x.repeat_interleave(BARS, 1)
    shared = torch.cat([every_bar(parts[0]), in_time(m, "shared_time", parts[1])], 2)
    own = [every_bar(parts[2]), in_time(m, "track_time", parts[3])]
    h = hidden(m, "beat", torch.cat([shared.expand(TRACKS, -1, -1), *own], 2), batch)
    h = h.reshape(TRACKS, n * BEATS, -1)
    code = linear(m, "harmony/out", F.relu(linear(m, "harmony/hidden", shared))).reshape(1, n * BEATS, -1)
    h = hidden(m, "step", torch.cat([h, code.expand(TRACKS, -1, -1)], 2), batch).reshape(TRACKS, n * STEPS, -1)
    h = hidden(m, "octave", h, batch).reshape(TRACKS, n * ROWS, -1)
    h = hidden(m, "cell", h, batch)
    logits = torch.bmm(h, m["out/weight"]).reshape(TRACKS, n * STEPS, -1) + m["out/bias"]
    return logits.reshape(TRACKS, n * ROWS, 12 * PLANES)


def convolutional(m, z):
    """The convolutional generator, normalization folded."""
    n, finer, width = z.shape[0], 2, m["shared/step/gamma"].shape[2]
    layer = lambda name, x: hidden(m, name, x)
    h = layer("shared/beat", layer("shared/bar", z[None]))
    y = linear(m, "shared/step", h).reshape(n * BEATS, 3, 3, 2 * width)
    grown = y.new_zeros(n * BEATS, OCTAVES, 2 * width)
    for window in range(3):
        grown[:, 2 * window:2 * window + 3] += y[:, window]
    h = grown.reshape(n * BEATS, OCTAVES, 2, width).transpose(1, 2).reshape(1, -1, width)
    h = F.relu(norm(m, "shared/step", h, False, 0)).expand(TRACKS, -1, -1)
    branch = lambda name: linear(m, f"{name}/merge", layer(f"{name}/cell", layer(f"{name}/branch", h)))
    lines = n * BEATS * 2
    a = branch("pitch_time").reshape(TRACKS, lines, OCTAVES * 12, finer, PLANES).transpose(2, 3)
    b = branch("time_pitch").reshape(TRACKS, lines, OCTAVES, finer, 12 * PLANES).transpose(2, 3)
    y = a.reshape(TRACKS, -1, PLANES) + b.reshape(TRACKS, -1, PLANES)
    logits = 2 * norm(m, "out", y, False, 0)
    by_step = logits.reshape(TRACKS, n * STEPS, -1) + m["out/bias"]
    return by_step.reshape(TRACKS, -1, 12 * PLANES)


def critic(m, roll, n):
    """Scores `[batch]` of `[track, batch * step * octave, 12 * plane]`."""
    layer = lambda name, x: F.leaky_relu(linear(m, name, x), 0.2)
    join = lambda x, count: x.reshape(x.shape[0], x.shape[1] // count, -1)
    cells = roll.reshape(TRACKS, n, BEATS, PLACES, OCTAVES, 12, PLANES)
    steps = layer("private_step/cells", roll).reshape(TRACKS, n * BEATS, PLACES, OCTAVES, -1).transpose(2, 3)
    steps = layer("private_step/beat", steps.reshape(TRACKS, n * BEATS * OCTAVES, -1))
    pitches = cells.permute(0, 1, 2, 4, 5, 3, 6).reshape(TRACKS, -1, PLACES * PLANES)
    pitches = layer("private_pitch/octave", join(layer("private_pitch/cells", pitches), 12))
    merged = layer("merged", torch.cat([steps, pitches], 2))
    merged = merged.reshape(TRACKS, n * BEATS, OCTAVES, -1).permute(1, 2, 0, 3).reshape(n * BEATS, OCTAVES, -1)
    windows = torch.stack([merged[:, s:s + 3].flatten(1) for s in (0, 2, 4)], 1)
    shared = layer("shared/window", windows.reshape(1, n * BEATS * 3, -1))
    shared = layer("shared/bar", join(layer("shared/beat", join(shared, 3)), 4))
    chroma = cells.sum((3, 4)).permute(1, 2, 0, 3, 4).reshape(1, n * BEATS, -1) / PLACES
    chroma = layer("chroma/bar", join(layer("chroma/deeper", layer("chroma/beat", chroma)), 4))
    onset = cells.sum((4, 5)).permute(1, 2, 3, 0, 4).reshape(1, n * BEATS, -1) / 2
    onset = layer("onset/bar", join(layer("onset/beat", onset), 4))
    register = roll.reshape(TRACKS, n * BARS, STEPS // BARS, -1).sum(2).transpose(0, 1).reshape(1, n * BARS, -1)
    register = layer("register/bar", register / (2 * PLACES))
    bars = torch.cat([shared, chroma, onset, register], 2).reshape(n, BARS, -1)
    pairs = torch.stack([bars[:, s:s + 2].flatten(1) for s in range(BARS - 1)], 1)
    pairs = join(layer("head/pair", pairs.reshape(1, n * (BARS - 1), -1)), BARS - 1)
    return linear(m, "head/score", pairs).reshape(n)


def slope(m, roll, n):
    return torch.func.grad(lambda x: critic(m, x, n).sum())(roll)


def critic_loss(d, g, z, real, mismatched, between, pick, share):
    n = z.shape[0]
    with torch.no_grad():
        fake = torch.sigmoid(hybrid(g, z, True))
    scores = critic(d, torch.cat([real, fake, mismatched], 1), 3 * n)
    loss = (1 - share) * scores[n:2 * n].mean() + share * scores[2 * n:].mean() - scores[:n].mean()
    wide = lambda x: x.reshape(1, n, 1).expand(TRACKS, n, ROWS).reshape(TRACKS, n * ROWS, 1)
    start = fake + (mismatched - fake) * wide(pick)
    inside = start + (real - start) * wide(between)
    squares = slope(d, inside, n).pow(2).reshape(TRACKS, n, -1).sum(2).sum(0)
    penalty = ((squares + 1e-8).sqrt() - 1).pow(2).mean()
    return loss + 10 * penalty, loss.detach(), penalty.detach()


def generator_loss(g, d, z):
    n = z.shape[0]
    return -critic(d, torch.sigmoid(hybrid(g, z, True)), n).mean()


class Training:
    """The hybrid's training: a critic update with penalty and mismatched phrases, a generator update."""

    def __init__(self, folder, n, compiled):
        keep = lambda file: {k: v.to(CUDA) for k, v in load_file(f"{folder}/{file}.safetensors").items()}
        leaves = lambda m: {k: v.clone().requires_grad_() for k, v in m.items() if "/" in k}
        self.n, files = n, keep("critic")
        self.d, self.g = leaves(files), leaves(keep("training"))
        self.phrases = files["roll"].reshape(TRACKS, 16, ROWS, -1).repeat(1, 16, 1, 1).bool()
        adam = lambda m: torch.optim.Adam(m.values(), lr=1e-3, betas=(0.5, 0.9), fused=True)
        self.d_adam, self.g_adam = adam(self.d), adam(self.g)
        self.average = [w.detach().clone() for w in self.g.values()]
        compile = torch.compile if compiled else lambda f: f
        self.critic_loss, self.generator_loss = compile(critic_loss), compile(generator_loss)

    def some(self):
        which = torch.randint(self.phrases.shape[1], (self.n,), device=CUDA)
        return self.phrases[:, which]

    def normals(self):
        return torch.randn(self.n, 384, device=CUDA)

    def step(self):
        n, flat = self.n, lambda x: x.reshape(TRACKS, n * ROWS, -1).float()
        real = self.some()
        swapped = torch.rand(TRACKS, n, 1, 1, device=CUDA) < 0.5
        mismatched = torch.where(swapped, self.some(), real)
        between = torch.rand(n, device=CUDA)
        pick = (torch.rand(n, device=CUDA) < 0.2).float()
        g = {k: w.detach() for k, w in self.g.items()}
        losses = self.critic_loss(self.d, g, self.normals(), flat(real), flat(mismatched), between, pick, 0.2)
        losses[0].backward()
        self.d_adam.step()
        self.d_adam.zero_grad()
        d = {k: w.detach() for k, w in self.d.items()}
        loss = self.generator_loss(self.g, d, self.normals())
        loss.backward()
        self.g_adam.step()
        self.g_adam.zero_grad()
        torch._foreach_lerp_(self.average, [w.detach() for w in self.g.values()], 1e-3)
        return torch.stack([losses[1], loss.detach(), losses[2]])


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
        training = Training(folder, n, compiled)

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
