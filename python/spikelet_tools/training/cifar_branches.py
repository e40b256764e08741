"""Networks with branches for CIFAR-10: residual ones, and a densely connected one.

Batch norm follows every convolution directly, so that it folds into it; where branches add up,
the activation comes after the addition.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.cifar_models import CLASSES, Convolution, Dense, Levels


class _Normed(nn.Sequential):
    """A convolution and its batch norm."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(Convolution(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs))


def _active(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(_Normed(inputs, outputs, kernel, stride), Levels())


class _Block(nn.Module):
    """Two 3x3 convolutions, and a shortcut: the input, or a 1x1 convolution of it."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_active(inputs, outputs, 3, stride), _Normed(outputs, outputs))
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else _Normed(inputs, outputs, 1, stride)
        self.activation = Levels()

    def forward(self, x: Tensor) -> Tensor:
        """The block's output."""
        return self.activation(self.body(x) + self.shortcut(x))


class ResNet(nn.Module):
    """Three groups of blocks with 16, 32 and 64 maps, as in He et al. for CIFAR-10."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [_active(3, 16)]
        inputs = 16
        for group, maps in enumerate((16, 32, 64)):
            for block in range(blocks):
                stride = 2 if group and not block else 1
                layers.append(_Block(inputs, maps, stride))
                inputs = maps
        self.features = nn.Sequential(*layers)
        self.readout = Dense(inputs, CLASSES, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        """The ten scores of every picture."""
        x = F.avg_pool2d(self.features(x), 8)
        return self.readout(x.flatten(1))


class _DenseLayer(nn.Module):
    """A 1x1 convolution to 4k maps and a 3x3 one to k, joined to the input."""

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_active(inputs, 4 * growth, 1), _active(4 * growth, growth))

    def forward(self, x: Tensor) -> Tensor:
        """The input's maps and k more."""
        return torch.cat([x, self.body(x)], dim=1)


class DenseNet(nn.Module):
    """DenseNet-BC of three dense blocks; activations follow convolutions, unlike the paper's."""

    def __init__(self, growth: int, layers: int) -> None:
        super().__init__()
        maps = 2 * growth
        stages: list[nn.Module] = [_active(3, maps)]
        for block in range(3):
            for _ in range(layers):
                stages.append(_DenseLayer(maps, growth))
                maps += growth
            if block < 2:
                stages += [_active(maps, maps // 2, 1), nn.AvgPool2d(2)]
                maps //= 2
        self.features = nn.Sequential(*stages)
        self.readout = Dense(maps, CLASSES, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        """The ten scores of every picture."""
        x = F.avg_pool2d(self.features(x), 8)
        return self.readout(x.flatten(1))


def resnet8() -> ResNet:
    """ResNet-8, of the size of MLPerf Tiny's."""
    return ResNet(1)


def resnet20() -> ResNet:
    """ResNet-20, with projections where the size changes."""
    return ResNet(3)


def densenet22() -> DenseNet:
    """A small DenseNet-BC: k = 12, three layers a block."""
    return DenseNet(12, 3)
