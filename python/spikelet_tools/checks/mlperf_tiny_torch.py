"""The networks of MLPerf Tiny in PyTorch."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

NETWORKS = {"resnet8": (3, 32, 32), "dscnn": (1, 49, 10), "mobilenet": (3, 96, 96)}
"""By name: channels, rows and columns."""


def unit(inputs: int, outputs: int, kernel, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution that keeps the extents, a normalization, a rectifier."""
    rows, columns = (kernel, kernel) if isinstance(kernel, int) else kernel
    return nn.Sequential(
        nn.ZeroPad2d(((columns - 1) // 2, columns // 2, (rows - 1) // 2, rows // 2)),
        nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs), nn.ReLU())


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A depthwise convolution and a pointwise one, each with a rectifier."""
    return nn.Sequential(unit(inputs, inputs, 3, stride, inputs), unit(inputs, outputs, 1))


class Residual(nn.Module):
    """A stack of ResNet-8: two convolutions, and the picture past them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = unit(inputs, outputs, 3, stride)
        self.second = nn.Sequential(
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.past = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The sum of both ways, rectified."""
        return torch.relu(self.second(self.first(x)) + self.past(x))


def network(name: str) -> nn.Sequential:
    """A network with random weights."""
    if name == "resnet8":
        body, width, classes = [unit(3, 16, 3), Residual(16, 16, 1), Residual(16, 32, 2),
                                Residual(32, 64, 2)], 64, 10
    elif name == "dscnn":
        body = [unit(1, 64, (10, 4), 2), nn.Dropout(0.2), *(separable(64, 64) for _ in range(4))]
        width, classes = 64, 12
    else:
        plan = [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2),
                *[(128, 128, 1)] * 5, (128, 256, 2), (256, 256, 1)]
        body = [unit(3, 8, 3, 2), *(separable(*layer) for layer in plan)]
        width, classes = 256, 2
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


def export(name: str, pictures, path: Path) -> None:
    """Writes the network after its normalizations have seen pictures; its scores are centred."""
    torch.manual_seed(7)
    net, x = network(name), torch.tensor(pictures, dtype=torch.float32)
    with torch.no_grad():
        for _ in range(40):
            net(x)
        net.eval()
        net[-1].bias -= net(x).mean(0)
    torch.onnx.export(net, (x[:1],), path, verbose=False)
