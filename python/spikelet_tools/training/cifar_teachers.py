"""Networks that teach others: their scores for the training pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import onnxruntime
import torch
from torch import Tensor, nn

from spikelet_tools.training import workers
from spikelet_tools.training.cifar10 import Views
from spikelet_tools.training.cifar_models import CLASSES
from spikelet_tools.training.data import to_unit
from spikelet_tools.training.halves import in_halves


class Scored(Protocol):
    """What gives ten scores to every picture (0 to 1)."""

    def __call__(self, x: Tensor) -> Tensor: ...


class OnnxScores:
    """The scores of an ONNX network, by ONNX Runtime with one thread."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name

    def __call__(self, x: Tensor) -> Tensor:
        """The ten scores of every picture."""
        (scores,) = self.session.run(None, {self.input: x.cpu().numpy()})
        return torch.from_numpy(scores).to(x.device)


def scores_in_half(model: nn.Module, x: Tensor, enabled: bool = True) -> Tensor:
    """The scores, computed in bfloat16 where `enabled` and fast."""
    x = x.contiguous(memory_format=torch.channels_last)
    with in_halves(x.device, enabled):
        return model(x).float()


@torch.no_grad()
def teacher_scores(teacher: Scored, views: Views, copies: int) -> Tensor:
    """The teacher's scores (pictures, 10), averaged over the first copies of every picture.

    One set serves all views: the average is better than the scores of a single view, and new
    views cost nothing.
    """
    is_module = isinstance(teacher, nn.Module)
    if is_module:
        teacher.eval()
    device = views.padded.device
    # Every worker fills in its part, and the mean over workers is a count-th of the sum.
    result = torch.zeros(len(views.padded), CLASSES, device=device)
    for picked in workers.part_of(torch.arange(len(result), device=device)).split(250):
        for copy in range(copies):
            x = to_unit(views.pixels(copy, picked))
            scores = scores_in_half(teacher, x) if is_module else teacher(x)
            result[picked] += scores / copies
    workers.mean([result])
    return result * workers.count()
