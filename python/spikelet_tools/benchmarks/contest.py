"""Who is compared on what."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ours:
    """A deployment of Spikelet's as it is compared."""

    title: str
    deployment: str
    timesteps: int | None = None
    arena_bytes: int | None = None

    @property
    def key(self) -> str:
        """Its name in the record."""
        return f"Spikelet, {self.title}"

    @property
    def options(self) -> list[str]:
        """What `spikelet bench` and `spikelet eval` need to be told."""
        return ["--timesteps", str(self.timesteps)] if self.timesteps else []


@dataclass(frozen=True)
class Peer:
    """Another engine: its name in `engines.make`, and in tables."""

    name: str
    title: str
    file: str
    spiking: bool = False

    @property
    def key(self) -> str:
        """Its name in the record."""
        return self.name


PEERS = [
    Peer("litert-float", "LiteRT float", "float.tflite"),
    Peer("litert-int8", "LiteRT int8", "int8.tflite"),
    Peer("onnxruntime-float", "ONNX Runtime float", "float.onnx"),
    Peer("onnxruntime-int8", "ONNX Runtime int8", "int8.onnx"),
    Peer("onnxruntime-single", "ONNX Runtime, T = 1 in floats", "single.onnx"),
    Peer("torch", "PyTorch float", "layers.npz"),
    Peer("spikingjelly", "SpikingJelly, T = 16", "spiking.npz", spiking=True),
    Peer("snntorch", "snnTorch, T = 16", "spiking.npz", spiking=True),
]
"""Every other engine; each runs every network."""

DENSE = ["litert-float", "litert-int8", "onnxruntime-float", "onnxruntime-int8", "torch"]
"""Those that run the network before conversion."""


@dataclass(frozen=True)
class Contest:
    """A network, the pictures it is compared on, and Spikelet's deployments of it.

    `timed` pictures from the first of the test set are timed; `judged` are classified by every
    engine, and all of the test set by those that are not spiking peers.
    """

    name: str
    title: str
    dataset: str
    converted: str
    single: str
    ours: list[Ours]
    timed: int
    judged: int
    repeats: int
    slow_repeats: int
    counted: int
    calibrated: int = 500
    peers: list[Peer] = field(default_factory=lambda: PEERS)


CONTESTS = [
    Contest(
        "lenet5", "LeNet-5 on MNIST", "mnist", "lenet5-avg", "lenet5-iir-mnist",
        [Ours("T = 1, 2 KB", "lenet5-iir-mnist", arena_bytes=2048),
         Ours("T = 1, 16 KB", "lenet5-iir-mnist", arena_bytes=16384),
         Ours("T = 1, few spikes, 16 KB", "lenet5-iir-mnist-sparse2", arena_bytes=16384),
         Ours("early exit", "lenet5-avg-exit"),
         Ours("T = 8", "lenet5-avg", timesteps=8),
         Ours("T = 16", "lenet5-avg", timesteps=16)],
        timed=100, judged=10_000, repeats=20, slow_repeats=1, counted=100),
    Contest(
        "alexnet", "AlexNet on CIFAR-10", "cifar10", "alexnet-cifar10-sparse", "alexnet-cifar10-t1",
        [Ours("T = 1", "alexnet-cifar10-t1"),
         Ours("T = 1, 256 KB", "alexnet-cifar10-t1", arena_bytes=262144),
         Ours("1 or 2 looks", "alexnet-cifar10-looks"),
         Ours("T = 16", "alexnet-cifar10-sparse", timesteps=16)],
        timed=10, judged=1_000, repeats=3, slow_repeats=1, counted=10),
]
"""Every comparison."""
