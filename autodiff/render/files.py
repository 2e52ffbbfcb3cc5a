"""Writing what a medium made to a file: all or nothing, and never over another file unasked."""

from __future__ import annotations

import errno
import os
import stat

from autodiff.errors import WriteError


def write(content: str | bytes, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write text (in UTF-8, with a line end) or bytes to a file, all or nothing.

    An existing file is replaced only with `force`. Raises WriteError, which says why nothing was written.
    """
    if isinstance(content, str):
        content = (content if content.endswith("\n") else content + "\n").encode("utf-8", "replace")
    shown = os.fspath(path)
    if not shown:
        raise WriteError("cannot write: the name of the file is empty")
    try:
        mode = check_target(shown, force=force)
        if mode is not None and not stat.S_ISREG(mode):  # /dev/stdout, a pipe: there is nothing to overwrite
            with open(shown, "wb") as stream:
                stream.write(content)
            return
        _replace(content, os.path.realpath(shown), mode, force=force)  # through a link, to the file that is meant
    except WriteError:
        raise
    except FileExistsError:
        raise WriteError(_exists(shown)) from None
    except (OSError, ValueError) as error:
        raise WriteError(f"cannot write {shown}: {_reason(error, shown)}") from None


def check_target(path: str, *, force: bool = False) -> int | None:
    """The mode of an existing file. Raises WriteError for a folder, and without `force` for a file."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):  # there is no file, or writing will say what is wrong
        return None
    if stat.S_ISDIR(mode):
        raise WriteError(f"cannot write {path}: it is a folder")
    if stat.S_ISREG(mode) and not force:
        raise WriteError(_exists(path))
    return mode


def _exists(path: str) -> str:
    return f"{path} exists already: choose another name, or --force (force=True) to replace it"


def _replace(content: bytes, target: str, mode: int | None, *, force: bool) -> None:
    """Write beside the target, then let the new file take its name."""
    folder, name = os.path.split(target)
    beside = os.path.join(folder, f".{name[:100]}.{os.urandom(4).hex()}.tmp")
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(opened, "wb") as stream:
            stream.write(content)
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        if force or not _linked(beside, target):
            os.replace(beside, target)
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)


def _linked(beside: str, target: str) -> bool:
    """Give a new file its name, unless another program was faster; False if the system has no links.

    Raises FileExistsError if the name is taken by now.
    """
    try:
        os.link(beside, target)
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists", target) from None
        return False
    return True


def _reason(error: OSError | ValueError, path: str) -> str:
    if not isinstance(error, OSError):
        return "its name is not the name of a file"
    folder = os.path.dirname(path) or "."
    if error.errno in (errno.ENOENT, errno.ENOTDIR) and not os.path.isdir(folder):
        return f"there is no folder {folder}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied"
    return error.strerror or str(error)
