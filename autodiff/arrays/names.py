"""What stands behind numpy's names: comparisons, and functions composed of operations.

Names only, so that Dual and Var can look them up before numpy is imported.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}

# numpy's functions and ufuncs and what stands behind them, once the door to numpy has been opened.
KNOWN_FUNCTIONS: dict[Any, Any] = {}
KNOWN_UFUNCS: dict[Any, Any] = {}
