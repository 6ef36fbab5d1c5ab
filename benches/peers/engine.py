"""What `benches/cpu.rs` times, done by others: python engine.py torch|onnx|jax FOLDER

FOLDER holds what `cpu write` put there. Reads tasks, a line each, and answers with the seconds of one run, as
the benchmark does:

    check NETWORK               the greatest distance of a logit from ours, as a share of the greatest logit
    play NETWORK BATCH          logits of so many phrases
    train BATCH                 a step of the hybrid's training
    product SIZE                a product of two square matrices
    flops NETWORK               floating-point operations of the matrix products of a phrase (no time)

`published-convolutions` is the published network in transposed convolutions, as its authors wrote it; the
other networks are matrix products, as ours. THREADS says how many threads there are (default 2).
"""
import io
import os
import statistics
import sys
import time

import torch
from networks import accompany, convolutional, hybrid, kernels, published_convolutions
from safetensors.torch import load_file

PASS = 0.3
THREADS = int(os.environ.get("THREADS", "2"))
NETWORKS = {
    "hybrid": hybrid,
    "accompany": accompany,
    "published": convolutional,
    "published-convolutions": published_convolutions,
}


class Network(torch.nn.Module):
    """A network whose numbers are its own, as exporters want it."""

    def __init__(self, folder, name):
        super().__init__()
        self.network = NETWORKS[name]
        m = load_file(f"{folder}/{name.split('-')[0]}.safetensors")
        if name == "published-convolutions":
            m = kernels(m)
        self.z, self.logits = m.pop("z"), m.pop("logits")
        # What an accompanying network is given: an input, or exporters would compute its features once.
        self.given = [m.pop(key) for key in ("roll", "mask") if key in m]
        self.names = {key: key.replace("/", "_") for key in m}
        for key, value in m.items():
            self.register_buffer(self.names[key], value)

    def forward(self, z, *given):
        return self.network({key: getattr(self, name) for key, name in self.names.items()}, z, *given)

    def inputs(self, z):
        """`z` and, where there is something given, one phrase of it: all of them have the same."""
        if not self.given:
            return (z,)
        roll, mask = self.given
        return z, roll[:, : roll.shape[1] // len(self.z)], mask[:1]


class Torch:
    """PyTorch, eager."""

    def __init__(self, folder):
        torch.set_num_threads(THREADS)
        self.folder, self.networks = folder, {}

    def network(self, name):
        if name not in self.networks:
            self.networks[name] = Network(self.folder, name)
        return self.networks[name]

    def run(self, name, z):
        """What computes the logits of `z` as an array in memory."""
        network = self.network(name)
        inputs = network.inputs(z)

        def work():
            with torch.inference_mode():
                return network(*inputs).numpy()

        return work

    def train(self, batch):
        from training import Training

        torch.manual_seed(1)
        training = Training(self.folder, batch, torch.device("cpu"))
        return lambda: training.step().tolist()

    def product(self, size):
        x = (torch.arange(size * size) % 97).reshape(size, size) / 97
        return lambda: x @ x

    def flops(self, name):
        from torch.utils.flop_counter import FlopCounterMode

        network = self.network(name)
        with FlopCounterMode(display=False) as counter:
            network(*network.inputs(network.z))
        return counter.get_total_flops() / len(network.z)


class Onnx(Torch):
    """onnxruntime on the same network, exported by PyTorch for each size of batch."""

    def run(self, name, z):
        import onnxruntime

        made = io.BytesIO()
        inputs = self.network(name).inputs(z)
        torch.onnx.export(self.network(name), inputs, made, dynamo=False, opset_version=20)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(made.getvalue(), options, providers=["CPUExecutionProvider"])
        feed = {place.name: x.numpy() for place, x in zip(session.get_inputs(), inputs)}
        return lambda: session.run(None, feed)[0]


class Jax(Torch):
    """JAX, compiled for each size of batch."""

    def run(self, name, z):
        import jax
        import networks_jax

        network = self.network(name)
        m = {key: jax.numpy.asarray(getattr(network, own).numpy()) for key, own in network.names.items()}
        run = jax.jit(getattr(networks_jax, name))
        inputs = [jax.numpy.asarray(x.numpy()) for x in network.inputs(z)]
        return lambda: jax.device_get(run(m, *inputs))


def task(engine, kind, *words):
    if kind == "train":
        return engine.train(int(words[0]))
    if kind == "product":
        return engine.product(int(words[0]))
    name, batch = words
    torch.manual_seed(0)
    return engine.run(name, torch.randn(int(batch), engine.network(name).z.shape[1]))


def median(work):
    start, times = time.perf_counter(), []
    while not times or time.perf_counter() - start < PASS:
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def main():
    kind, folder = sys.argv[1:]
    engine = {"torch": Torch, "onnx": Onnx, "jax": Jax}[kind](folder)
    tasks = {}
    for line in map(str.strip, sys.stdin):
        words = line.split(" ")
        if words[0] == "check":
            network = engine.network(words[1])
            made = torch.from_numpy(engine.run(words[1], network.z)().copy())
            apart = (made.reshape(network.logits.shape) - network.logits).abs().max()
            answer = (apart / network.logits.abs().max()).item()
        elif words[0] == "flops":
            answer = engine.flops(words[1])
        else:
            if line not in tasks:
                # Those asked for in turns stay; of others the memory is needed.
                for old in list(tasks)[:-1]:
                    del tasks[old]
                tasks[line] = task(engine, *words)
                tasks[line]()  # the first run is not like the others
            answer = median(tasks[line])
        print(answer, flush=True)


main()
