"""LeNet-5 in four types: {average, max} pooling x {plain, batch norm}."""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Pool = Literal["avg", "max"]


class CalibratedReLU(nn.Module):
    """A plain ReLU that remembers the threshold its spiking neurons would have.

    The thresholds, one a channel, matter to the spiking fine-tuning alone and are not part
    of the exported network.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("threshold", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """The ReLU."""
        return F.relu(x)


class LeNet5(nn.Module):
    """LeNet-5 for 28x28 images: two convolutions, two poolings, three dense layers.

    Convolution and dense layers keep their biases in every type; batch norm, where there
    is one, stands between the layer and its ReLU. `dropout` acts before the first two
    dense layers while training and is not part of the exported network.
    """

    def __init__(self, pool: Pool, batch_norm: bool, dropout: float = 0.0) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),
            *_activation(6, nn.BatchNorm2d if batch_norm else None),
            _pooling(pool),
            nn.Conv2d(6, 16, 5),
            *_activation(16, nn.BatchNorm2d if batch_norm else None),
            _pooling(pool),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(400, 120),
            *_activation(120, nn.BatchNorm1d if batch_norm else None),
            nn.Dropout(dropout),
            nn.Linear(120, 84),
            *_activation(84, nn.BatchNorm1d if batch_norm else None),
            nn.Linear(84, 10),
        )
        self.apply(_initialise)

    def forward(self, x: Tensor) -> Tensor:
        """The ten scores of every image."""
        return self.classifier(self.features(x))

    def forward_with_activations(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The scores, and every ReLU's output, first to last."""
        outputs: list[Tensor] = []
        for module in (*self.features, *self.classifier):
            x = module(x)
            if isinstance(module, CalibratedReLU):
                outputs.append(x)
        return x, outputs

    def relus(self) -> list[CalibratedReLU]:
        """The network's ReLUs, first to last."""
        return [module for module in self.modules() if isinstance(module, CalibratedReLU)]


def _pooling(pool: Pool) -> nn.Module:
    return nn.AvgPool2d(2) if pool == "avg" else nn.MaxPool2d(2)


def _activation(channels: int, norm: type[nn.Module] | None) -> list[nn.Module]:
    relu = CalibratedReLU(channels)
    return [relu] if norm is None else [norm(channels), relu]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)
