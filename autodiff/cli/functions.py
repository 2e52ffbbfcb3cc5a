"""Loading FILE.py:FUNCTION, and saying what went wrong inside it in one message."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autodiff.errors import AutodiffError, DomainError, did_you_mean


class ProgramError(AutodiffError, RuntimeError):
    """A user's file cannot be loaded, or the function in it fails."""


def load_function(what: str) -> Callable[..., Any]:
    """The function named after the colon, from the file named before it; the file is run as a module.

    Raises ProgramError if there is no such file or function, or if the file fails.
    """
    file, _, name = what.rpartition(":")
    path = Path(file)
    if not path.is_file():
        raise ProgramError(f"there is no file {file}")
    name_of_module = f"autodiff_program_{path.stem}"  # json.py must not become what Python calls json
    spec = importlib.util.spec_from_file_location(name_of_module, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name_of_module] = module  # dataclasses and pickle look a module up by its name
    sys.path.append(str(path.resolve().parent))
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what the program prints is not part of the table
            spec.loader.exec_module(module)
    except SystemExit as error:
        raise ProgramError(f"{file} ends itself with exit status {error.code}") from error
    except Exception as error:
        raise ProgramError(f"{file} fails: {_said(error, path)}") from error
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        hint = did_you_mean(name, known)
        raise ProgramError(f"{file} has no function '{name}'" + (f"\n{hint}" if hint else ""))
    return function  # type: ignore[no-any-return]


def call_safely(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with what it raises turned into a ProgramError that names the line."""

    @functools.wraps(function)
    def called(*args: Any) -> Any:
        try:
            with contextlib.redirect_stdout(sys.stderr):
                return function(*args)
        except DomainError:  # the table shows the rows up to there
            raise
        except SystemExit as error:
            raise ProgramError(f"{_name(function)} ends the program, with exit status {error.code}") from error
        except Exception as error:
            code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
            path = Path(code.co_filename) if code else Path()
            raise ProgramError(f"{_name(function)} fails: {_said(error, path)}") from error

    return called


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _said(error: Exception, path: Path) -> str:
    """The error, and the last line of the user's own file on the way to it."""
    if isinstance(error.__cause__, AutodiffError):  # numpy's error; ours, its cause, says it better
        return _said(error.__cause__, path) if error.__cause__.__traceback__ else str(error.__cause__)
    text = str(error) if isinstance(error, AutodiffError) else f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{text}"
    own = path.resolve()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).resolve() == own]
    return f"{text}\n  {path.name}, line {frames[-1].lineno}: {frames[-1].line}" if frames else text
