"""autodiff-trace: from a typed expression to its table."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from autodiff.cli.arguments import PROGRAM, parse_arguments
from autodiff.cli.output import Output, coloured, shows_unicode
from autodiff.cli.requests import may_run_code, request_of, traces_of
from autodiff.errors import AutodiffError, DomainError
from autodiff.text import harmless
from autodiff.tracing.trace import Trace


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 fine, 1 a check failed, 2 the input was wrong."""
    try:
        if sys.stdout is None:
            raise OSError("standard output is closed")
        try:
            status = _run(parse_arguments(list(map(_decoded, sys.argv[1:] if argv is None else argv))))
        finally:  # after --help, too
            sys.stdout.flush()
        return status
    except AutodiffError as error:
        _complain(str(error))
        return 2
    except BrokenPipeError:  # the reader (head, less) has seen enough
        _abandon_output()
        return 0
    except OSError as error:
        _abandon_output()
        _complain(f"cannot write: {error.strerror or error}")
        return 2
    except KeyboardInterrupt:
        return 130


def _decoded(argument: str) -> str:
    """An argument whose UTF-8 bytes Python could not decode in the current locale."""
    try:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _abandon_output() -> None:
    """Discard what is still buffered, so that closing the output at exit cannot fail."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(options: Any) -> int:
    request = request_of(options)
    output = Output(options, request)
    stopped: DomainError | None = None
    try:
        traces = traces_of(request, allow_code=may_run_code(options))
    except DomainError as error:
        if not isinstance(error.trace, Trace):
            raise
        traces, stopped = [error.trace], error  # how far the run came is shown first
    reports = []
    if options.check and not stopped:
        from autodiff.checks.traces import check

        reports = [check(each) for each in traces]
    if options.step:
        output.draw(traces[0])
        _step(traces[0], options, output)
    else:
        output.write(traces, reports)
    if stopped:
        sys.stdout.flush()
        raise stopped
    return 0 if all(report.ok for report in reports) else 1


def _step(found: Trace, options: Any, output: Output) -> None:
    """Step through a trace."""
    from autodiff.render.steps.stepper import listing, step_through

    ascii_only = options.ascii or not shows_unicode(sys.stdout)
    with _keyboard(options) as keyboard:
        if keyboard is None:
            sys.stdout.writelines(f"{line}\n" for line in listing(found, ascii_only=ascii_only, digits=output.digits))
            return
        colour = coloured(options.color)
        step_through(found, read=keyboard, ascii_only=ascii_only, digits=output.digits, colour=colour)


@contextlib.contextmanager
def _keyboard(options: Any) -> Iterator[TextIO | None]:
    """Standard input; or, if the expression came from there, the keyboard of the terminal, if there is one."""
    if options.expression != "-":
        yield sys.stdin
        return
    try:
        terminal = open("CONIN$" if os.name == "nt" else "/dev/tty", encoding="utf-8")  # noqa: SIM115  # closed below
    except OSError:
        yield None
        return
    with terminal:
        yield terminal


def _complain(message: str) -> None:
    """One short message on standard error, if there is one."""
    if sys.stderr is None:
        return
    text = harmless(f"{PROGRAM}: {message}", keep="\n")
    if not shows_unicode(sys.stderr):
        from autodiff.render.words.ascii import to_ascii

        text = to_ascii(text)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def run() -> None:
    """The entry point of the installed command."""
    sys.exit(main())
