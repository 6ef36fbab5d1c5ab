"""Two of our networks as JAX has them; `networks.py` holds them in PyTorch and says what is what."""
import jax.numpy as np
from jax.nn import relu

TRACKS, BARS, BEATS, STEPS, OCTAVES, PLANES = 5, 4, 16, 64, 7, 2
ROWS = STEPS * OCTAVES


def linear(m, name, x):
    return x @ m[f"{name}/weight"] + m.get(f"{name}/bias", 0)


def norm(m, name, x):
    gamma, beta = m[f"{name}/gamma"], m[f"{name}/beta"]
    return x.reshape(x.shape[0], -1, gamma.shape[2]) * gamma + beta


def hidden(m, name, x):
    return relu(norm(m, name, linear(m, name, x)))


def in_time(m, name, z):
    groups, batch, width = z.shape
    h = linear(m, f"{name}/out", relu(linear(m, f"{name}/hidden", z)))
    return h.reshape(groups, batch * BARS, width)


def every_track(x):
    return np.broadcast_to(x, (TRACKS, *x.shape[1:]))


def hybrid(m, z):
    n, width = z.shape[0], z.shape[1] // (2 + 2 * TRACKS)
    ends = [width, 2 * width, (2 + TRACKS) * width]
    parts = [p.reshape(n, -1, width).swapaxes(0, 1) for p in np.split(z, ends, 1)]
    every_bar = lambda x: np.repeat(x, BARS, 1)
    shared = np.concatenate([every_bar(parts[0]), in_time(m, "shared_time", parts[1])], 2)
    own = [every_bar(parts[2]), in_time(m, "track_time", parts[3])]
    h = hidden(m, "beat", np.concatenate([every_track(shared), *own], 2)).reshape(TRACKS, n * BEATS, -1)
    code = linear(m, "harmony/out", relu(linear(m, "harmony/hidden", shared))).reshape(1, n * BEATS, -1)
    h = hidden(m, "step", np.concatenate([h, every_track(code)], 2))
    h = hidden(m, "octave", h.reshape(TRACKS, n * STEPS, -1))
    h = hidden(m, "cell", h.reshape(TRACKS, n * ROWS, -1))
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
