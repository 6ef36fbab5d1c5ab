"""The hybrid's training as PyTorch has it: our critic, losses and updates, on the numbers that our benchmarks
write. The same operations as ours, the penalty's inner gradient by `torch.func.grad`.
"""
import torch
import torch.nn.functional as F
from networks import BARS, BEATS, OCTAVES, PLACES, PLANES, ROWS, STEPS, TRACKS, hybrid, linear
from safetensors.torch import load_file


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

    def __init__(self, folder, n, device, compiled=False):
        keep = lambda file: {k: v.to(device) for k, v in load_file(f"{folder}/{file}.safetensors").items()}
        leaves = lambda m: {k: v.clone().requires_grad_() for k, v in m.items() if "/" in k}
        self.n, self.device, files = n, device, keep("critic")
        self.d, self.g = leaves(files), leaves(keep("training"))
        self.phrases = files["roll"].reshape(TRACKS, 16, ROWS, -1).repeat(1, 16, 1, 1).bool()
        adam = lambda m: torch.optim.Adam(m.values(), lr=1e-3, betas=(0.5, 0.9), fused=True)
        self.d_adam, self.g_adam = adam(self.d), adam(self.g)
        self.average = [w.detach().clone() for w in self.g.values()]
        compile = torch.compile if compiled else lambda f: f
        self.critic_loss, self.generator_loss = compile(critic_loss), compile(generator_loss)

    def some(self):
        which = torch.randint(self.phrases.shape[1], (self.n,), device=self.device)
        return self.phrases[:, which]

    def normals(self):
        return torch.randn(self.n, 384, device=self.device)

    def step(self):
        n, flat = self.n, lambda x: x.reshape(TRACKS, n * ROWS, -1).float()
        real = self.some()
        swapped = torch.rand(TRACKS, n, 1, 1, device=self.device) < 0.5
        mismatched = torch.where(swapped, self.some(), real)
        between = torch.rand(n, device=self.device)
        pick = (torch.rand(n, device=self.device) < 0.2).float()
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
