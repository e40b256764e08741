"""Layers of PyTorch without a state, as nodes of ONNX."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from spikelet_tools.frameworks.tracing import Step
    from spikelet_tools.frameworks.writing import Value, Writer


def add_layer(writer: Writer, step: Step, value: Value) -> Value | None:
    """The value that a layer gives; None where it is refused."""
    module = step.module
    if isinstance(module, nn.Conv2d):
        return _convolution(writer, step, value)
    if isinstance(module, nn.Linear):
        return _linear(writer, step, value)
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        return _batch_norm(writer, step, value)
    if area := writer.framework.sum_pool_area(module):
        return _sum_pool(writer, step, value, area)
    if isinstance(module, nn.AvgPool2d):
        return _average_pool(writer, step, value)
    if isinstance(module, nn.AdaptiveAvgPool2d):
        if module.output_size not in (1, (1, 1)):
            writer.refuse(step, "pools to another size than 1; use AvgPool2d")
            return None
        name = writer.node("GlobalAveragePool", [value.name], f"{step.name}.pooled")
        return replace(value, name=name, shape=step.shape)
    if isinstance(module, nn.MaxPool2d):
        return _max_pool(writer, step, value)
    writer.refuse(step, "has no counterpart")
    return None


def _pair(value: object) -> list[int]:
    return [int(part) for part in value] if isinstance(value, (tuple, list)) else [int(value)] * 2


def _weight(module: nn.Module, value: Value) -> Tensor:
    """Weights for what the value is in the file: every level adds the same, times its unit."""
    weight = module.weight.detach().to(torch.float64) * value.factor
    return torch.cat([weight] * value.levels, dim=1)


def _weighted(writer: Writer, step: Step, value: Value) -> list[str]:
    inputs = [value.name, writer.constant(f"{step.name}.weight", _weight(step.module, value))]
    if step.module.bias is not None:
        inputs.append(writer.constant(f"{step.name}.bias", step.module.bias))
    return inputs


def _convolution(writer: Writer, step: Step, value: Value) -> Value | None:
    module = step.module
    if module.padding_mode != "zeros":
        writer.refuse(step, f"pads with '{module.padding_mode}', needed zeros")
        return None
    if module.groups > 1 and value.levels > 1:
        writer.refuse(step, "has groups and reads neurons that spike more than once a timestep")
        return None
    kernel, dilation = _pair(module.kernel_size), _pair(module.dilation)
    if module.padding == "same":
        spans = [d * (k - 1) for d, k in zip(dilation, kernel)]
        pads = [s // 2 for s in spans] + [s - s // 2 for s in spans]
    else:
        pads = [0] * 4 if module.padding == "valid" else _pair(module.padding) * 2
    name = writer.node(
        "Conv", _weighted(writer, step, value), f"{step.name}.current", kernel_shape=kernel,
        strides=_pair(module.stride), pads=pads, dilations=dilation, group=module.groups)
    return replace(value, name=name, shape=step.shape, is_spikes=False, factor=1.0, levels=1)


def _linear(writer: Writer, step: Step, value: Value) -> Value | None:
    if len(value.shape) != 1 or value.shape[0] != step.module.in_features:
        writer.refuse(step, f"reads a map of {value.shape}; flatten it first")
        return None
    name = writer.node(
        "Gemm", _weighted(writer, step, value), f"{step.name}.current", transB=1)
    return replace(value, name=name, shape=step.shape, is_spikes=False, factor=1.0, levels=1)


def _batch_norm(writer: Writer, step: Step, value: Value) -> Value | None:
    module = step.module
    if module.running_mean is None:
        writer.refuse(step, "keeps no running statistics; train with track_running_stats")
        return None
    if (value.factor, value.levels) != (1.0, 1):
        writer.refuse(step, "normalizes summed spikes; put it after the next weights")
        return None
    ones = torch.ones_like(module.running_mean)
    scale = ones if module.weight is None else module.weight
    shift = 0 * ones if module.bias is None else module.bias
    parts = {"scale": scale, "shift": shift, "mean": module.running_mean,
             "variance": module.running_var}
    inputs = [writer.constant(f"{step.name}.{key}", part) for key, part in parts.items()]
    name = writer.node(
        "BatchNormalization", [value.name, *inputs], f"{step.name}.normalized", epsilon=module.eps)
    return replace(value, name=name, is_spikes=False)


def _average_pool(writer: Writer, step: Step, value: Value) -> Value | None:
    module = step.module
    if module.divisor_override is not None:
        writer.refuse(step, "has a divisor of its own; put the factor into the next weights")
        return None
    name = writer.node(
        "AveragePool", [value.name], f"{step.name}.pooled", kernel_shape=_pair(module.kernel_size),
        strides=_pair(module.stride), pads=_pair(module.padding) * 2,
        ceil_mode=int(module.ceil_mode), count_include_pad=int(module.count_include_pad))
    return replace(value, name=name, shape=step.shape)


def _sum_pool(writer: Writer, step: Step, value: Value, area: int) -> Value:
    """A mean, and weights that are as much larger."""
    module = step.module
    kernel = _pair(module.kernel_size)
    stride = _pair(kernel if module.stride is None else module.stride)
    name = writer.node(
        "AveragePool", [value.name], f"{step.name}.pooled", kernel_shape=kernel, strides=stride,
        ceil_mode=int(module.ceil_mode))
    return replace(value, name=name, shape=step.shape, factor=value.factor * area)


def _max_pool(writer: Writer, step: Step, value: Value) -> Value | None:
    module = step.module
    if not value.is_spikes:
        writer.refuse(
            step, "pools what has not fired yet, which is not a maximum of potentials at several "
            "timesteps; put it after the neurons, or use AvgPool2d")
        return None
    if _pair(module.dilation) != [1, 1]:
        writer.refuse(step, "is dilated")
        return None
    name = writer.node(
        "MaxPool", [value.name], f"{step.name}.pooled", kernel_shape=_pair(module.kernel_size),
        strides=_pair(module.stride), pads=_pair(module.padding) * 2,
        ceil_mode=int(module.ceil_mode))
    return replace(value, name=name, shape=step.shape)
