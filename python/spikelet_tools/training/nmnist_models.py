"""The two networks for event recordings: one to be converted, one trained with its spikes.

Both read frames of 2 polarities and 32x32 sites and have the same layers. The converted one is
trained on the mean of all frames, which is what its spikes stand for; the other one integrates
and fires frame by frame, with a trained leak and a trained threshold a layer.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spikelet_tools.training.fake_quant import fake_quantized
from spikelet_tools.training.spiking_network import SpikingLayer

MAPS, KERNELS = (12, 24, 32), (5, 3, 3)
FIRST_THRESHOLD = 0.7


class EventCNN(nn.Module):
    """Convolutions with batch norm, ReLU and average pools, then one dense layer."""

    def __init__(self, classes: int, side: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 2
        for maps, kernel in zip(MAPS, KERNELS):
            layers += [
                nn.Conv2d(channels, maps, kernel, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(maps), nn.ReLU(), nn.AvgPool2d(2)]
            channels = maps
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(channels * (side // 8) ** 2, classes)

    def forward(self, frames: Tensor) -> Tensor:
        """The scores of mean frames (batch, 2, side, side)."""
        return self.readout(self.dropout(self.features(frames).flatten(1)))


class EventSNN(nn.Module):
    """The same layers with spikes; the read-out adds its scores up over the timesteps."""

    def __init__(
        self, classes: int, side: int, dropout: float, timesteps: int, bits: int = 8
    ) -> None:
        super().__init__()
        self.timesteps, self.bits, self.dropout = timesteps, bits, dropout
        layers, channels = [], 2
        for maps, kernel in zip(MAPS, KERNELS):
            weights = nn.Conv2d(channels, maps, kernel, padding=kernel // 2, bias=False)
            nn.init.kaiming_normal_(weights.weight, nonlinearity="relu")
            layer = SpikingLayer(weights, 1, "avg")
            layer.bits = bits
            # Behind batch norm: low enough that gradients reach the first layer from the start.
            nn.init.constant_(layer.thresholds, FIRST_THRESHOLD)
            layers.append(layer)
            channels = maps
        self.layers = nn.ModuleList(layers)
        self.readout = nn.Linear(channels * (side // 8) ** 2, classes)
        nn.init.zeros_(self.readout.bias)

    def forward(self, frames: Tensor) -> Tensor:
        """Scores so far (timesteps, batch, classes) of frames (batch, timesteps, 2, side, side)."""
        x = frames.transpose(0, 1)
        for layer in self.layers:
            x = layer(x, self.timesteps)
        x = x.flatten(2)
        if self.training and self.dropout:
            x = x * F.dropout(torch.ones_like(x[:1]), self.dropout)
        weight = fake_quantized(self.readout.weight, self.bits, per_channel=False)
        return F.linear(x, weight, self.readout.bias).cumsum(0)
