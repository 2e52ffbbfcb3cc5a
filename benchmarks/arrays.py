"""What the groups with arrays share: JAX in double precision, PyTorch on one thread, results as flat lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

REL_TOL = 1e-10  # how closely a peer must agree before it is timed


def entries(result: Any) -> list[float]:
    """A value with its partials, arrays of any library, as a flat list of floats."""
    if isinstance(result, (tuple, list)):
        return [x for item in result for x in entries(item)]
    found: list[float] = np.asarray(result, dtype=float).ravel().tolist()
    return found


def import_jax() -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def import_torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def waiting(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of JAX that returns when its result is there."""
    wait = import_jax().block_until_ready
    return lambda *at: wait(function(*at))
