"""Muon: momentum whose update of every filter bank is made orthogonal."""

from __future__ import annotations

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 3


def orthogonalised(gradient: Tensor) -> Tensor:
    """The nearest matrix of orthogonal rows (or columns), roughly: Newton-Schulz in bfloat16."""
    a, b, c = _COEFFICIENTS
    x = gradient.bfloat16()
    x = x / (x.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(_ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if tall else x).to(gradient.dtype)


class Muon(torch.optim.Optimizer):
    """Muon (Jordan et al. 2024) for weights that batch norm follows.

    Every weight is kept at a root mean square row norm of 1, as its scale means nothing; `lr`
    is thus how far a step turns it.
    """

    def __init__(self, parameters: list[Tensor], lr: float, momentum: float = 0.6) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """One step along the Nesterov momentum."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight)
                momentum = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                gradient = weight.grad.add(momentum, alpha=group["momentum"])
                update = orthogonalised(gradient.reshape(len(weight), -1)).view(weight.shape)
                weight.mul_(len(weight) ** 0.5 / weight.norm())
                weight.add_(update, alpha=-group["lr"])
