"""Our networks as JAX has them; `networks.py` holds them in PyTorch and says what is what."""
import jax.numpy as np
from jax.nn import relu

TRACKS, BARS, BEATS, STEPS, OCTAVES, PLANES = 5, 4, 16, 64, 7, 2
ROWS = STEPS * OCTAVES


def linear(m, name, x):
    return x @ m[f"{name}/weight"] + m.get(f"{name}/bias", 0)


def norm(m, name, x):
    gamma, beta = m[f"{name}/gamma"], m[f"{name}/beta"]
    return x.reshape(x.shape[0], -1, gamma.shape[2]) * gamma + beta


def hidden(m, name, x, heard=None):
    y = linear(m, name, x)
    if heard is not None:
        y = y + linear(m, f"{name}/heard", np.broadcast_to(heard, (y.shape[0], *heard.shape[1:])))
    return relu(norm(m, name, y))


def in_time(m, name, z):
    groups, batch, width = z.shape
    h = linear(m, f"{name}/out", relu(linear(m, f"{name}/hidden", z)))
    return h.reshape(groups, batch * BARS, width)


def every_track(x):
    return np.broadcast_to(x, (TRACKS, *x.shape[1:]))


def encoder(m, roll, mask):
    n, layer = mask.shape[0], lambda name, x: relu(linear(m, f"encoder/{name}", x))
    cells = roll.reshape(TRACKS, n, STEPS, OCTAVES, 12, PLANES)
    octave = layer("octave", cells.transpose(1, 2, 3, 0, 4, 5).reshape(1, n * ROWS, -1))
    chroma = cells.sum(3).transpose(1, 2, 0, 3, 4).reshape(1, n * STEPS, -1)
    counts = cells.sum(4).transpose(1, 2, 0, 3, 4).reshape(1, n * STEPS, -1) * 0.5
    steps = np.concatenate([chroma, counts], 2)
    mask = np.broadcast_to(mask.reshape(1, n, 1, TRACKS), (1, n, BEATS, TRACKS)).reshape(1, n * BEATS, TRACKS)
    beat = np.concatenate([steps.reshape(1, n * BEATS, -1), mask], 2)
    beat = layer("beat/out", layer("beat/hidden", beat))
    return layer("bar", beat.reshape(1, n * BARS, -1)), beat, layer("step", steps), octave


def accompany(m, z, roll, mask):
    return hybrid(m, z, [np.tile(x, (1, z.shape[0], 1)) for x in encoder(m, roll, mask)])


def hybrid(m, z, heard=(None,) * 4):
    n, width = z.shape[0], z.shape[1] // (2 + 2 * TRACKS)
    bar, beat, step, octave = heard
    ends = [width, 2 * width, (2 + TRACKS) * width]
    parts = [p.reshape(n, -1, width).swapaxes(0, 1) for p in np.split(z, ends, 1)]
    every_bar = lambda x: np.repeat(x, BARS, 1)
    shared = np.concatenate([every_bar(parts[0]), in_time(m, "shared_time", parts[1])], 2)
    own = [every_bar(parts[2]), in_time(m, "track_time", parts[3])]
    joined = np.concatenate([every_track(shared), *own], 2)
    h = hidden(m, "beat", joined, bar).reshape(TRACKS, n * BEATS, -1)
    code = linear(m, "harmony/out", relu(linear(m, "harmony/hidden", shared))).reshape(1, n * BEATS, -1)
    h = hidden(m, "step", np.concatenate([h, every_track(code)], 2), beat)
    h = hidden(m, "octave", h.reshape(TRACKS, n * STEPS, -1), step)
    h = hidden(m, "cell", h.reshape(TRACKS, n * ROWS, -1), octave)
    logits = (h @ m["out/weight"]).reshape(TRACKS, n * STEPS, -1) + m["out/bias"]
    return logits.reshape(TRACKS, n * ROWS, 12 * PLANES)


def published(m, z):
    n, width, steps, finer = z.shape[0], m["shared/step/gamma"].shape[2], 4, 3
    h = hidden(m, "shared/beat", hidden(m, "shared/bar", z[None]))
    y = linear(m, "shared/step", h).reshape(n * BEATS, 3, 3, steps * width)
    both = [y[:, w, 2:] + y[:, w + 1, :1] for w in (0, 1)]
    grown = np.concatenate([y[:, 0, :2], both[0], y[:, 1, 1:2], both[1], y[:, 2, 1:]], 1)
    h = grown.reshape(n * BEATS, OCTAVES, steps, width).swapaxes(1, 2).reshape(1, -1, width)
    h = every_track(relu(norm(m, "shared/step", h)))
    branch = lambda name: linear(m, f"{name}/merge", hidden(m, f"{name}/cell", hidden(m, f"{name}/branch", h)))
    lines = n * BEATS * steps
    a = branch("pitch_time").reshape(TRACKS, lines, OCTAVES * 12, finer).swapaxes(2, 3)
    b = branch("time_pitch").reshape(TRACKS, lines, OCTAVES, finer, 12).swapaxes(2, 3)
    y = a.reshape(TRACKS, -1, 1) + b.reshape(TRACKS, -1, 1)
    return (2 * norm(m, "out", y)).reshape(TRACKS, -1, 12)
