"""Parts of networks for CIFAR-10 that Spikelet converts, and the network that teaches them.

Every activation is a `Levels`: a ReLU, a ReLU with an upper bound, or a few levels of it. One
level is a spike. Batch norm before it makes bound and threshold constants: its gain is what is
trained.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.fake_quant import fake_quantized

CLASSES = 10
MEAN = (0.4914, 0.4822, 0.4465)
DEVIATION = (0.2470, 0.2435, 0.2616)
THRESHOLDS = {1: (0.5,), 2: (0.25, 0.75)}
"""Where a single level begins, for one map of a potential or two; batch norm adapts to them."""
_MIDDLE = 0.5


class _Round(torch.autograd.Function):
    """x in 0...1 rounded to whole parts of 1/levels; gradients pass between 0 and 1."""

    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, x: Tensor, levels: int, margin: float
    ) -> Tensor:
        ctx.save_for_backward(x)
        ctx.limits = (-margin, 1 + margin)
        if levels == 1:
            return torch.gt(x, _MIDDLE, out=torch.empty_like(x))
        return x.mul(levels).add_(0.5).floor_().clamp_(0, levels).div_(levels)

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, gradient: Tensor
    ) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        # One pass over memory: the gradient of a hard tanh is what is meant.
        return torch.ops.aten.hardtanh_backward(gradient, x, *ctx.limits), None, None


class Levels(nn.Module):
    """An activation: `levels` None is a ReLU, 0 a ReLU bounded at 1, n has n steps up to 1.

    Two thresholds make two maps of each: all maps of the lower threshold, then all of the upper.
    """

    def __init__(self, levels: int | None = None, thresholds: int = 1) -> None:
        super().__init__()
        self.levels = levels
        self.thresholds = THRESHOLDS[thresholds]
        self.margin = 0.0
        self.rate: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """The activation; its mean is kept as `rate` where it has levels."""
        if len(self.thresholds) > 1:
            x = torch.cat([x + (_MIDDLE - threshold) for threshold in self.thresholds], dim=1)
        if self.levels is None:
            return F.relu(x)
        if self.levels == 0:
            return F.hardtanh(x, 0.0, 1.0)
        x = _Round.apply(x, self.levels, self.margin)
        self.rate = x.mean(dtype=torch.float32)
        return x

    def spikes(self, current: Tensor, timesteps: int, constant: bool) -> Tensor:
        """Spikes of integrate-and-fire neurons, one timestep's pictures after the other's.

        `constant`: the current is the same at all timesteps, and there once. A neuron starts at
        half of its threshold of 1, and loses 1 when it spikes; here 0 is where it starts, so that
        it spikes above one half. Gradients pass through potentials, not through resets.
        """
        currents = [current] * timesteps if constant else current.chunk(timesteps)
        potential, spikes = torch.zeros(()), []
        for entering in currents:
            potential = potential + entering
            spikes.append(_Round.apply(potential, 1, self.margin))
            potential = potential - spikes[-1].detach()
        result = torch.cat(spikes)
        self.rate = result.mean(dtype=torch.float32)
        return result


class Convolution(nn.Conv2d):
    """A convolution without a bias, its weights perhaps rounded to `bits`."""

    bits = 0

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1
    ) -> None:
        padding = kernel // 2
        super().__init__(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """The convolution."""
        weight = fake_quantized(self.weight, self.bits, per_channel=True)
        return F.conv2d(x, weight, None, self.stride, self.padding, groups=self.groups)


class Dense(nn.Linear):
    """A dense layer, its weights perhaps rounded to `bits`: a step a row, or one for all."""

    bits = 0

    def __init__(self, inputs: int, outputs: int, bias: bool = False) -> None:
        super().__init__(inputs, outputs, bias=bias)
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        if bias:
            nn.init.zeros_(self.bias)
        # Where there is no bias, zeros stand for it, so that the exporter writes one Gemm.
        self.register_buffer("zeros", torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """The dense layer."""
        weight = fake_quantized(self.weight, self.bits, per_channel=self.bias is None)
        return F.linear(x, weight, self.zeros if self.bias is None else self.bias)


def configure(model: nn.Module, levels: int | None, bits: int) -> None:
    """Sets the levels of all activations and the bits of all weights (0: floats)."""
    for module in model.modules():
        if isinstance(module, Levels):
            module.levels = levels
        elif isinstance(module, (Convolution, Dense)):
            module.bits = bits


class Teacher(nn.Module):
    """A network of the kind of airbench94 (Jordan 2024), which learns CIFAR-10 in a few epochs.

    The first convolution whitens 2x2 patches and is not trained, but for its bias. It is never
    converted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.whiten.weight.requires_grad_(False)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(3, 1, 1))
        self.blocks = nn.Sequential(
            *(_teacher_block(i, o) for i, o in ((24, 64), (64, 256), (256, 256))),
            nn.MaxPool2d(3),
            nn.Flatten(),
        )
        self.head = nn.Linear(256, CLASSES, bias=False)
        with torch.no_grad():
            nn.init.zeros_(self.whiten.bias)
            self.head.weight.div_(self.head.weight.std())

    def forward(self, x: Tensor) -> Tensor:
        """The ten scores of every picture."""
        x = self.blocks(F.gelu(self.whiten((x - self.mean) / self.deviation)))
        return self.head(x) / x.shape[1]

    @torch.no_grad()
    def prepare(self, pictures: Tensor) -> None:
        """Takes the whitening filters from the patches of some pictures (0 to 1)."""
        x = (pictures - self.mean) / self.deviation
        patches = F.unfold(x, 2).transpose(1, 2).flatten(0, 1)
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (vectors / (values + 5e-4).sqrt()).T.flip(0).reshape(-1, 3, 2, 2)
        self.whiten.weight.copy_(torch.cat([filters, -filters]))


class _ShiftOnly(nn.BatchNorm2d):
    """Batch norm without a gain, and with quick running statistics."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, momentum=0.4)
        self.weight.requires_grad_(False)


def _teacher_block(inputs: int, outputs: int) -> nn.Sequential:
    first, second = Convolution(inputs, outputs), Convolution(outputs, outputs)
    for convolution in (first, second):
        nn.init.kaiming_uniform_(convolution.weight, a=5**0.5)
        nn.init.dirac_(convolution.weight.data[: convolution.in_channels])
    return nn.Sequential(
        first,
        nn.MaxPool2d(2),
        _ShiftOnly(outputs),
        nn.GELU(),
        second,
        _ShiftOnly(outputs),
        nn.GELU(),
    )
