"""Several processes that train one network together, a part of every batch each.

One thread a process: on a machine that has other work too, threads that wait for each other in
every layer lose most of their time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing
from torch import Tensor, nn


def run_workers(count: int, work: Callable[..., None], *arguments: object) -> None:
    """Calls `work(*arguments)` in so many processes at once, or here where it is one."""
    if count == 1:
        work(*arguments)
        return
    with tempfile.TemporaryDirectory() as directory:
        meeting = (Path(directory) / "meeting").as_uri()
        multiprocessing.spawn(_work, (count, meeting, work, arguments), nprocs=count)


def _work(
    rank: int, count: int, meeting: str, work: Callable[..., None], arguments: tuple[object, ...]
) -> None:
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=count)
    work(*arguments)
    distributed.destroy_process_group()


def together() -> bool:
    """Whether there are several workers."""
    return distributed.is_available() and distributed.is_initialized()


def count() -> int:
    """How many workers there are."""
    return distributed.get_world_size() if together() else 1


def rank() -> int:
    """Which of them this is, from 0; the first one writes files."""
    return distributed.get_rank() if together() else 0


def part_of(picked: Tensor) -> Tensor:
    """This worker's part of what all are to do."""
    return picked[rank() :: count()]


def mean(tensors: list[Tensor]) -> None:
    """Replaces tensors by their means over all workers."""
    if not together() or not tensors:
        return
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(flat)
    flat.div_(count())
    for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors])):
        tensor.copy_(part.view_as(tensor))


def average_gradients(model: nn.Module) -> None:
    """Makes gradients those of the whole batch."""
    mean([p.grad for p in model.parameters() if p.grad is not None])


def average_statistics(model: nn.Module) -> None:
    """Makes batch norm's statistics those of all workers."""
    mean([b for b in model.buffers() if b.is_floating_point()])
