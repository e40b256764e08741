"""Export to ONNX, and the check that the exported network is the trained one."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from spikelet_tools.training.data import Images, to_unit
from spikelet_tools.training.models import LeNet5

OPSET = 17


def export_onnx(model: LeNet5, path: Path, metadata: dict[str, str]) -> None:
    """Writes `model` as a plain ReLU network, batch norm kept as its own node."""
    export_network(model, (1, 28, 28), path, metadata)


def export_network(
    model: torch.nn.Module, shape: tuple[int, int, int], path: Path, metadata: dict[str, str]
) -> None:
    """Writes a network over pictures of `shape` in any number, batch norm kept as its own node.

    Documentation strings that the exporter adds are removed, so that the file holds the
    network and `metadata` and nothing else.
    """
    model.eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    example = torch.zeros(1, *shape, device=next(model.parameters()).device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example,),
            str(path),
            input_names=["image"],
            output_names=["scores"],
            dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}},
            opset_version=OPSET,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
    _clean(path, metadata)


def _clean(path: Path, metadata: dict[str, str]) -> None:
    proto = onnx.load(path)
    proto.doc_string = ""
    proto.graph.doc_string = ""
    proto.graph.name = path.stem
    for node in proto.graph.node:
        node.doc_string = ""
    del proto.metadata_props[:]
    onnx.helper.set_model_props(proto, metadata)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def onnx_correct(path: Path, images: Images, batch_size: int = 1000) -> int:
    """How many of `images` the exported network classifies correctly in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    correct = 0
    for start in range(0, len(images), batch_size):
        pixels = to_unit(images.pixels[start : start + batch_size]).cpu().numpy()
        scores = session.run(["scores"], {"image": pixels})[0]
        labels = images.labels[start : start + batch_size].cpu().numpy()
        correct += int((np.argmax(scores, axis=1) == labels).sum())
    return correct
