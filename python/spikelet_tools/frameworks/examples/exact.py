"""SpikingJelly's IF nodes on weights of 8 bits: nothing is rounded, so every decision is equal.

It is not trained: `frameworks-check exact` compares picture by picture and allows no difference.
"""

from __future__ import annotations

from pathlib import Path

import torch
from spikingjelly.activation_based import layer, neuron
from torch import Tensor, nn

from spikelet_tools.frameworks import spikingjelly as frameworks
from spikelet_tools.frameworks.examples import spikingjelly
from spikelet_tools.frameworks.writing import Exported

TIMESTEPS = spikingjelly.TIMESTEPS
IS_EXACT = True
scores = spikingjelly.scores


def network() -> nn.Module:
    """Weights are whole numbers of -127 to 127; no sum of theirs, of pixels or of pooled spikes,
    comes nearer to a threshold than half a unit, so that floats decide as whole numbers do."""
    made = nn.Sequential(
        layer.Conv2d(1, 8, 5, bias=False), neuron.IFNode(v_threshold=400 + 0.5 / 255),
        layer.AvgPool2d(2), layer.Conv2d(8, 16, 5, bias=False),
        neuron.IFNode(v_threshold=500 + 0.5 / 4), layer.MaxPool2d(2), layer.Flatten(),
        layer.Linear(16 * 4 * 4, 10, bias=False))
    for module in made:
        if hasattr(module, "step_mode"):
            module.step_mode = "m"
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            with torch.no_grad():
                module.weight.copy_(torch.randint(-127, 128, module.weight.shape))
                # The end of the range in every channel makes its unit 1.
                module.weight.flatten(1)[:, 0] = 127
    return made


def export_to(made: nn.Module, path: Path) -> Exported:
    """The file for Spikelet."""
    return frameworks.export(made, torch.zeros(TIMESTEPS, 1, 1, 28, 28), path, TIMESTEPS)
