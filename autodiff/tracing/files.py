"""Trace files: an expression, its point and its options as TOML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodiff.errors import TraceFileError, did_you_mean

# The keys of a trace file; `published` holds the cells of the source, for the tests.
KEYS: dict[str, Any] = {
    "title": str, "source": str, "note": str, "expression": str, "at": (dict, list), "mode": str, "wrt": str,
    "output": str, "seed": (dict, list), "order": str, "style": str, "digits": int, "published": dict,
}  # fmt: skip


@dataclass(frozen=True)
class TraceFile:
    """A trace file, read."""

    path: str
    data: dict[str, Any]

    def get(self, key: str) -> Any:
        """The value of a key, or None."""
        return self.data.get(key)


def read_trace_file(path: str) -> TraceFile:
    """Read a trace file.

    Raises TraceFileError when it cannot be read, is not TOML, or has keys or values that mean nothing here.
    """
    import tomllib

    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise TraceFileError(f"cannot read {path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise TraceFileError(f"{path} is not a trace file: {error}") from None
    except RecursionError:
        raise TraceFileError(f"{path} is not a trace file: it is nested too deeply") from None
    for key, value in data.items():
        if key not in KEYS:
            hint = did_you_mean(key, KEYS)
            raise TraceFileError(f"{path}: unknown key '{key}'" + (f"\n{hint}" if hint else ""))
        if not isinstance(value, KEYS[key]) or isinstance(value, bool):
            raise TraceFileError(f"{path}: '{key}' is a {type(value).__name__}, which it cannot be")
    for key in ("at", "seed"):
        values = data.get(key, ())
        for value in values.values() if isinstance(values, dict) else values:
            if not _is_value(value, nested=key == "at"):
                kind = type(value).__name__
                raise TraceFileError(f"{path}: '{key}' holds a {kind}; its values are numbers, or texts of them")
    if "expression" not in data:
        raise TraceFileError(f"{path}: the key 'expression' is missing")
    return TraceFile(path, data)


def _is_value(value: Any, *, nested: bool) -> bool:
    """A number, the text of one, or a list of them for an argument that is an array."""
    if isinstance(value, list):
        return nested and all(_is_value(entry, nested=True) for entry in value)
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)
