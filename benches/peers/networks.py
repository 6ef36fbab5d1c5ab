"""Our networks as PyTorch has them, on the numbers that our benchmarks write: the same operations.

Activations are `[group, row, feature]`: a group is a track, or one where tracks share a layer. `m` holds a
file's tensors by name. `published_convolutions` is the one network again in convolutions.
"""
import torch
import torch.nn.functional as F

TRACKS, BARS, BEATS, PLACES, OCTAVES, PLANES = 5, 4, 16, 4, 7, 2
STEPS, ROWS = BEATS * PLACES, BEATS * PLACES * OCTAVES


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


def hidden(m, name, x, batch=False, epsilon=1e-5, heard=None):
    """A layer; `heard` is what an accompanying network adds to its product."""
    y = linear(m, name, x)
    if heard is not None:
        y = y + linear(m, f"{name}/heard", heard.expand(y.shape[0], -1, -1))
    return F.relu(norm(m, name, y, batch, epsilon))


def in_time(m, name, z):
    groups, batch, width = z.shape
    h = F.relu(linear(m, f"{name}/hidden", z))
    return linear(m, f"{name}/out", h).reshape(groups, batch * BARS, width)


def encoder(m, roll, mask):
    """Features of given tracks at every scale: by bar, beat, step and octave."""
    n, layer = mask.shape[0], lambda name, x: F.relu(linear(m, f"encoder/{name}", x))
    cells = roll.reshape(TRACKS, n, STEPS, OCTAVES, 12, PLANES)
    octave = layer("octave", cells.permute(1, 2, 3, 0, 4, 5).reshape(1, n * ROWS, -1))
    chroma = cells.sum(3).permute(1, 2, 0, 3, 4).reshape(1, n * STEPS, -1)
    counts = cells.sum(4).permute(1, 2, 0, 3, 4).reshape(1, n * STEPS, -1) * 0.5
    steps = torch.cat([chroma, counts], 2)
    mask = mask.reshape(1, n, 1, TRACKS).expand(1, n, BEATS, TRACKS).reshape(1, n * BEATS, TRACKS)
    beat = torch.cat([steps.reshape(1, n * BEATS, -1), mask], 2)
    beat = layer("beat/out", layer("beat/hidden", beat))
    return layer("bar", beat.reshape(1, n * BARS, -1)), beat, layer("step", steps), octave


def hybrid(m, z, batch=False, roll=None, mask=None):
    """The hybrid generator, `[batch, latent]` to `[track, batch * step * octave, 12 * plane]`; with the roll
    and the mask of one phrase of given tracks, the accompanying one, which hears them once for all latents."""
    n, width = z.shape[0], z.shape[1] // (2 + 2 * TRACKS)
    bar, beat, step, octave = (None,) * 4 if roll is None else (x.repeat(1, n, 1) for x in encoder(m, roll, mask))
    groups = [1, 1, TRACKS, TRACKS]
    parts = [p.reshape(n, -1, width).transpose(0, 1) for p in z.split([g * width for g in groups], 1)]
    every_bar = lambda x: x.repeat_interleave(BARS, 1)
    shared = torch.cat([every_bar(parts[0]), in_time(m, "shared_time", parts[1])], 2)
    own = [every_bar(parts[2]), in_time(m, "track_time", parts[3])]
    joined = torch.cat([shared.expand(TRACKS, -1, -1), *own], 2)
    h = hidden(m, "beat", joined, batch, heard=bar).reshape(TRACKS, n * BEATS, -1)
    code = linear(m, "harmony/out", F.relu(linear(m, "harmony/hidden", shared))).reshape(1, n * BEATS, -1)
    h = hidden(m, "step", torch.cat([h, code.expand(TRACKS, -1, -1)], 2), batch, heard=beat)
    h = hidden(m, "octave", h.reshape(TRACKS, n * STEPS, -1), batch, heard=step)
    h = hidden(m, "cell", h.reshape(TRACKS, n * ROWS, -1), batch, heard=octave)
    logits = torch.bmm(h, m["out/weight"]).reshape(TRACKS, n * STEPS, -1) + m["out/bias"]
    return logits.reshape(TRACKS, n * ROWS, 12 * PLANES)


def accompany(m, z, roll, mask):
    return hybrid(m, z, False, roll, mask)


def places(m, name):
    """Places that a row becomes in a layer."""
    return m[f"{name}/weight"].shape[2] // m[f"{name}/gamma"].shape[2]


def convolutional(m, z):
    """The convolutional generator as matrix products, normalization folded."""
    n, planes, width = z.shape[0], m["out/gamma"].shape[2], m["shared/step/gamma"].shape[2]
    steps, finer = places(m, "shared/step") // 3, places(m, "pitch_time/cell")
    layer = lambda name, x: hidden(m, name, x)
    h = layer("shared/beat", layer("shared/bar", z[None]))
    y = linear(m, "shared/step", h).reshape(n * BEATS, 3, 3, steps * width)
    # Windows of three octaves, each sharing one with the next.
    both = [y[:, w, 2:] + y[:, w + 1, :1] for w in (0, 1)]
    grown = torch.cat([y[:, 0, :2], both[0], y[:, 1, 1:2], both[1], y[:, 2, 1:]], 1)
    h = grown.reshape(n * BEATS, OCTAVES, steps, width).transpose(1, 2).reshape(1, -1, width)
    h = F.relu(norm(m, "shared/step", h, False, 0)).expand(TRACKS, -1, -1)
    branch = lambda name: linear(m, f"{name}/merge", layer(f"{name}/cell", layer(f"{name}/branch", h)))
    lines = n * BEATS * steps
    a = branch("pitch_time").reshape(TRACKS, lines, OCTAVES * 12, finer, planes).transpose(2, 3)
    b = branch("time_pitch").reshape(TRACKS, lines, OCTAVES, finer, 12 * planes).transpose(2, 3)
    y = a.reshape(TRACKS, -1, planes) + b.reshape(TRACKS, -1, planes)
    logits = 2 * norm(m, "out", y, False, 0)
    if "out/bias" in m:
        logits = logits.reshape(TRACKS, lines * finer, -1) + m["out/bias"]
    return logits.reshape(TRACKS, -1, 12 * planes)


# Kernels and strides of the published table, as (bar, step, pitch), and how our matrices order the places.
CONVOLUTIONS = {
    "shared/bar": ((4, 1, 1), (4, 1, 1), (4, 1, 1)),
    "shared/beat": ((1, 4, 3), (1, 4, 3), (1, 4, 3)),
    "shared/step": ((1, 4, 3), (1, 4, 2), (3, 4)),
    "pitch_time/branch": ((1, 1, 12), (1, 1, 12), (1, 1, 12)),
    "pitch_time/cell": ((1, 3, 1), (1, 3, 1), (1, 3, 1)),
    "time_pitch/branch": ((1, 3, 1), (1, 3, 1), (1, 3, 1)),
    "time_pitch/cell": ((1, 1, 12), (1, 1, 12), (1, 1, 12)),
}


def kernels(m):
    """Kernels and biases of the published network, `[in, out, bar, step, pitch]`, factors multiplied in."""
    made = {"z": m["z"], "logits": m["logits"]}
    for name, (kernel, _, order) in CONVOLUTIONS.items():
        for track, (w, gamma, beta) in enumerate(zip(*(m[f"{name}/{x}"] for x in ("weight", "gamma", "beta")))):
            w = w.reshape(w.shape[0], *order, -1) * gamma[0]
            w = w.permute(0, 3, 2, 1) if len(order) == 2 else w.permute(0, 4, 1, 2, 3)
            made[f"{name}/{track}/weight"] = w.reshape(*w.shape[:2], *kernel).contiguous()
            made[f"{name}/{track}/bias"] = beta[0].contiguous()
    for track in range(TRACKS):
        merge = torch.cat([m[f"{name}/merge/weight"][track] for name in ("pitch_time", "time_pitch")])
        made[f"out/{track}/weight"] = (2 * merge * m["out/gamma"][track]).reshape(-1, 1, 1, 1, 1)
        made[f"out/{track}/bias"] = 2 * m["out/beta"][track, 0]
    return made


def published_convolutions(m, z):
    """The published network in transposed convolutions, on [`kernels`]: what its authors wrote."""
    def grow(name, track, x, stride):
        return F.conv_transpose3d(x, m[f"{name}/{track}/weight"], m[f"{name}/{track}/bias"], stride)

    layer = lambda name, track, x: F.relu(grow(name, track, x, CONVOLUTIONS[name][1]))
    h = z.reshape(z.shape[0], -1, 1, 1, 1)
    for name in ("shared/bar", "shared/beat", "shared/step"):
        h = layer(name, 0, h)
    tracks = []
    for track in range(TRACKS):
        two = lambda name: layer(f"{name}/cell", track, layer(f"{name}/branch", track, h))
        tracks.append(grow("out", track, torch.cat([two("pitch_time"), two("time_pitch")], 1), 1))
    return torch.stack(tracks).reshape(TRACKS, -1, 12)
