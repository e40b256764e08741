"""Records what a network does to a picture, once for each layer, whatever its loop looks like.

Layers are seen through PyTorch's hooks and functions through its function mode, so that a class
with a loop over timesteps is read like a `Sequential`. Only the first call of each layer counts:
the later ones are the same layer at later timesteps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from spikelet_tools.frameworks.rules import Framework

Shape = tuple[int, ...]
SHAPES = {
    "flatten", "view", "reshape", "unsqueeze", "squeeze", "repeat", "expand", "contiguous", "clone",
    "detach", "to", "float", "double", "unflatten", "__getitem__", "requires_grad_", "cpu",
    "unbind", "dropout", "type", "expand_as",
}
"""Functions that keep values and their order: as long as the last dimensions stay those of a
picture or become one vector of it, only the batch and the time have changed."""

IGNORED = {"size", "dim", "__get__", "numel", "ndimension", "shape"}
LAYERS = (
    nn.Conv2d, nn.Linear, nn.BatchNorm1d, nn.BatchNorm2d, nn.AvgPool2d, nn.MaxPool2d,
    nn.AdaptiveAvgPool2d, nn.LPPool2d,
)
PASSING = (nn.Identity, nn.Flatten, nn.Unflatten, nn.Dropout, nn.Dropout2d, nn.AlphaDropout)


@dataclass
class Step:
    """One layer or function: what it is called, what it reads and the shape that it gives."""

    kind: str
    name: str
    inputs: list[int]
    shape: Shape
    module: nn.Module | None = None
    arguments: dict[str, object] = field(default_factory=dict)


@dataclass
class Trace:
    """Steps in order, the picture first; a step's inputs are indices of steps."""

    steps: list[Step]


class _Recorder(TorchFunctionMode):
    def __init__(self, framework: Framework, names: dict[nn.Module, str], shape: Shape) -> None:
        super().__init__()
        self.framework, self.names = framework, names
        self.steps = [Step("picture", "image", [], shape)]
        self.known: dict[int, int] = {}
        self.kept: list[object] = []
        self.called: set[nn.Module] = set()
        self.depth = 0

    def track(self, tensor: object, index: int) -> None:
        """Notes that a tensor is the output of a step."""
        if isinstance(tensor, Tensor):
            # An id belongs to one tensor only as long as it lives.
            self.kept.append(tensor)
            self.known[id(tensor)] = index

    def sources(self, values: object) -> list[int]:
        """The steps whose outputs are among arguments."""
        if isinstance(values, Tensor):
            return [self.known[id(values)]] if id(values) in self.known else []
        if isinstance(values, (list, tuple)):
            return [index for value in values for index in self.sources(value)]
        return []

    def append(self, step: Step, output: object) -> None:
        """Adds a step with its first output."""
        self.steps.append(step)
        first = output[0] if isinstance(output, (tuple, list)) and output else output
        self.track(first, len(self.steps) - 1)

    def is_leaf(self, module: nn.Module) -> bool:
        """Whether to look at a module as a whole and not at what happens inside."""
        if self.framework.is_neurons(module) or isinstance(module, (*LAYERS, *PASSING)):
            return True
        if self.framework.sum_pool_area(module):
            return True
        return type(module).__module__.startswith("torch.nn.") and not any(module.children())

    def enter(self, module: nn.Module, arguments: object) -> None:
        """Before a module's forward pass."""
        if module in self.names and self.is_leaf(module):
            self.depth += 1

    def leave(self, module: nn.Module, arguments: tuple, output: object) -> None:
        """After a module's forward pass."""
        if module not in self.names or not self.is_leaf(module):
            return
        self.depth -= 1
        sources = self.sources(arguments)
        if self.depth or not sources:
            return
        if isinstance(module, PASSING) or "Dropout" in type(module).__name__:
            self.reshape(self.names[module], sources[0], output, arguments[0])
            return
        if module in self.called:
            return
        self.called.add(module)
        is_neurons = self.framework.is_neurons(module)
        tensor = output[0] if isinstance(output, tuple) else output
        shape = self.steps[sources[0]].shape if is_neurons else _shape(module, tensor)
        kind = "neurons" if is_neurons else "layer"
        self.append(Step(kind, self.names[module], sources[:1], shape, module), output)
        if is_neurons and isinstance(output, tuple):
            self.membrane(output[1], len(self.steps) - 1)

    def membrane(self, state: object, neurons: int) -> None:
        """A potential that is handed out, which a later layer must not read as spikes."""
        tensors = [state] if isinstance(state, Tensor) else list(state or [])
        for tensor in tensors:
            if isinstance(tensor, Tensor) and id(tensor) not in self.known:
                step = self.steps[neurons]
                self.steps.append(Step("membrane", step.name, [neurons], step.shape))
                self.track(tensor, len(self.steps) - 1)

    def __torch_function__(
        self, function: Callable, types: object, arguments: tuple = (), keywords: dict | None = None
    ) -> object:
        output = function(*arguments, **(keywords or {}))
        name = getattr(function, "__name__", str(function))
        if self.depth or name in IGNORED or not isinstance(output, (Tensor, tuple, list)):
            return output
        # In-place functions give what they were given.
        name = name[:-1] if name.endswith("_") and not name.endswith("__") else name
        keywords = keywords or {}
        sources = self.sources([*arguments, *keywords.values()])
        if not sources or (isinstance(output, Tensor) and id(output) in self.known):
            return output
        if name in SHAPES:
            given = arguments[0]
            for part in output if isinstance(output, (tuple, list)) else [output]:
                self.reshape(name, sources[0], part, given)
        elif name in ("max_pool2d", "avg_pool2d", "add", "__add__", "__radd__", "__iadd__"):
            self.function(name.strip("_"), sources, arguments, keywords, output)
        else:
            shape = tuple(output.shape[1:]) if isinstance(output, Tensor) else ()
            self.append(Step("function", name, sources, shape), output)
        return output

    def function(
        self, name: str, sources: list[int], arguments: tuple, keywords: dict, output: Tensor
    ) -> None:
        """A pool or an addition that is no module."""
        if name.endswith("add"):
            alike = len(sources) == 2 and not keywords
            step = Step("add" if alike else "function", name, sources, self.steps[sources[0]].shape)
            self.append(step, output)
            return
        names = ["input", "kernel_size", "stride", "padding"]
        given = dict(zip(names, arguments)) | keywords
        given.pop("input", None)
        given.pop("return_indices", None)
        kind = nn.MaxPool2d if name == "max_pool2d" else nn.AvgPool2d
        pool = kind(**{key: value for key, value in given.items() if value not in (None, [], ())})
        self.append(Step("layer", name, sources[:1], tuple(output.shape[-3:]), pool), output)

    def reshape(self, name: str, source: int, output: object, given: object) -> None:
        """A step that keeps all values of a picture in their order."""
        shape = self.steps[source].shape
        if not isinstance(output, Tensor):
            return
        if tuple(output.shape[-len(shape):]) == shape:
            self.track(output, source)
        elif output.dim() and output.shape[-1] == prod(shape):
            self.append(Step("flatten", name, [source], (prod(shape),)), output)
        else:
            self.append(Step("function", name, [source], tuple(output.shape[1:])), output)


def _shape(module: nn.Module, output: Tensor) -> Shape:
    flat = isinstance(module, (nn.Linear, nn.BatchNorm1d)) or output.dim() < 3
    return tuple(output.shape[-1:] if flat else output.shape[-3:])


def trace(
    framework: Framework, network: nn.Module, example: Tensor, shape: Shape | None = None
) -> Trace:
    """What `network` does to `example`, whose last dimensions are those of a picture.

    Without `shape` these are the last three of an example with four or more dimensions, and the
    last one of others. The network's mode and its state are left as they were found and empty.
    """
    shape = shape or tuple(example.shape[-3:] if example.dim() >= 4 else example.shape[-1:])
    names = {module: name or type(network).__name__ for name, module in network.named_modules()}
    recorder = _Recorder(framework, names, shape)
    recorder.track(example, 0)
    training = {module: module.training for module in network.modules()}
    network.eval()
    framework.prepare(network)
    hooks = [
        nn.modules.module.register_module_forward_pre_hook(recorder.enter),
        nn.modules.module.register_module_forward_hook(recorder.leave),
    ]
    try:
        with torch.no_grad(), recorder:
            network(example)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in training.items():
            module.training = mode
        framework.prepare(network)
    return Trace(recorder.steps)
