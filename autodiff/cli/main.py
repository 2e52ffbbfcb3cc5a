"""autodiff-trace: from a typed expression to its table."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from autodiff.cli.arguments import PROGRAM, parse_arguments
from autodiff.cli.requests import traces_of
from autodiff.errors import AutodiffError, BindingError, DomainError
from autodiff.expression.tokens import MAX_LENGTH
from autodiff.render.exports import FORMATS, applicable, export, format_of, write
from autodiff.signs import harmless
from autodiff.tracing.binding import parse_values
from autodiff.tracing.trace import Trace

TO_THE_END = ("table", "markdown", "latex", "html", "player")  # media that show how far a broken run came
LONGEST = 60  # rows of a table in a terminal
_NEEDED = "v̇₋₁v̄₀−×√∂²∞✓─"  # an output that cannot show these gets ASCII


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 fine, 1 a check failed, 2 the input was wrong."""
    try:
        if sys.stdout is None:
            raise OSError("standard output is closed")
        status = _run(parse_arguments(list(map(_decoded, sys.argv[1:] if argv is None else argv))))
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
    """An argument whose UTF-8 bytes Python could not decode in the locale of the moment."""
    try:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _abandon_output() -> None:
    """Send what is still buffered nowhere, so that closing it at exit cannot fail."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(options: Any) -> int:
    request = _request(options)
    options.format = _format(options)
    try:
        traces = traces_of(request)
    except DomainError as error:
        if isinstance(error.trace, Trace) and options.step:
            _step([error.trace], options, request)
            sys.stdout.flush()
        elif isinstance(error.trace, Trace) and options.format in TO_THE_END:
            _write(_render([error.trace], options, request, []), options)
            sys.stdout.flush()
        raise
    if options.graph is not None:
        _draw(traces[0], options, request)
    if options.step:
        _step(traces, options, request)
        return 0
    reports = []
    if options.check:
        from autodiff.checking import check

        reports = [check(each) for each in traces]
    _write(_render(traces, options, request, reports), options)
    return 0 if all(report.ok for report in reports) else 1


def _format(options: Any) -> str:
    """What to write: as --format says, or as the name of the file ends."""
    if options.format is None and options.out is not None:
        return format_of(options.out) or "table"
    if options.format == "png" and options.out is None:
        raise BindingError("a picture of pixels goes into a file: --out FILE.png")
    return options.format or "table"


def _draw(found: Trace, options: Any, request: dict[str, Any]) -> None:
    """Write the computational graph into a file."""
    name = format_of(options.graph)
    if name not in ("svg", "tikz", "dot", "png"):
        raise BindingError(f"--graph {options.graph}: the name must end in .svg, .tikz, .dot or .png")
    write(export(found, name, digits=_decimals(request)), options.graph, force=options.force)


def _step(traces: list[Trace], options: Any, request: dict[str, Any]) -> None:
    """Step through each trace."""
    from autodiff.render.stepper import step_through

    ascii_only = options.ascii or not _shows_unicode(sys.stdout)
    for each in traces:
        step_through(each, ascii_only=ascii_only, digits=_decimals(request), colour=_coloured(options.color))


def _decimals(request: dict[str, Any]) -> int:
    return 3 if request["digits"] is None else int(request["digits"])


def _request(options: Any) -> dict[str, Any]:
    """What to trace and how: options over the trace file."""
    request: dict[str, Any] = {}
    if options.file is not None:
        from autodiff.cli.files import read_trace_file

        request = dict(read_trace_file(options.file).data)
    else:
        request["expression"] = _from_stdin() if options.expression == "-" else options.expression
    for key in ("mode", "wrt", "output", "order", "style"):
        if getattr(options, key) is not None:
            request[key] = getattr(options, key)
    for key in ("at", "seed"):
        if getattr(options, key) is not None:
            request[key] = parse_values(getattr(options, key), f"--{key}")
    if options.digits is not None:
        request["digits"] = options.digits
    request["digits"] = _digits(request.get("digits"))
    return request


def _digits(given: Any) -> int | None:
    if given is None:
        return None
    if not str(given).isascii() or not str(given).isdigit() or not 0 <= int(given) <= 17:
        raise BindingError(f"--digits {given}: give a whole number from 0 to 17")
    return int(given)


def _from_stdin() -> str:
    if sys.stdin is None:
        raise BindingError("standard input is closed")
    try:
        return sys.stdin.buffer.read(4 * MAX_LENGTH + 4).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BindingError("standard input is not text in UTF-8") from None


def _render(traces: list[Trace], options: Any, request: dict[str, Any], reports: list[Any]) -> Any:
    """The output: text, or coloured lines for a terminal."""
    look: dict[str, Any] = {"digits": request["digits"], "style": request.get("style", "full"), "reports": reports}
    look["source"] = options.source
    ascii_only = options.ascii or not _shows_unicode(sys.stdout)
    if options.format != "table":
        look |= {"ascii_only": ascii_only, "title": request.get("title")}
        said = {name: value for name, value in look.items() if value is not None}
        what: Any = traces if FORMATS[options.format].several else traces[0]
        found = export(what, options.format, **applicable(options.format, said))
        in_signs = isinstance(found, str) and options.format in ("markdown", "latex")
        return _plain(str(found), ascii_only) if in_signs else found
    from autodiff.render.terminal import to_lines

    to_file = options.out is not None  # a file has all rows, as wide as they are
    width, rows = (None, None) if to_file else (_width(), _rows(options.rows))
    return to_lines(traces, ascii_only=ascii_only, width=width, rows=rows, **look)


def _rows(given: str | None) -> int | None:
    """How many rows of a table to show at most: all of them where the output is no terminal."""
    if given is None:
        return LONGEST if sys.stdout.isatty() else None
    if given == "all":
        return None
    if not given.isascii() or not given.isdigit() or int(given) < 2:
        raise BindingError(f"--rows {given}: give a whole number from 2 up, or all")
    return int(given)


def _plain(text: str, ascii_only: bool) -> str:
    from autodiff.render.plain import to_ascii

    return to_ascii(text) if ascii_only else text


def _write(output: Any, options: Any) -> None:
    if options.out is not None:
        lines = [] if isinstance(output, (str, bytes)) else output
        text = "\n".join("".join(text for text, _ in line).rstrip() for line in lines) if lines else output
        write(text if isinstance(text, bytes) else text.rstrip("\n") + "\n", options.out, force=options.force)
    elif isinstance(output, str):
        sys.stdout.write(output + "\n")
    elif _coloured(options.color):
        from autodiff.render.colour import print_coloured

        print_coloured(output)
    else:
        sys.stdout.writelines("".join(text for text, _ in line).rstrip() + "\n" for line in output)


def _coloured(choice: str) -> bool:
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width() -> int | None:
    """The columns of the terminal; None (as wide as the content) where there is none."""
    import shutil

    if sys.stdout.isatty():
        return max(shutil.get_terminal_size().columns, 10)
    return None


def _shows_unicode(stream: Any) -> bool:
    try:
        _NEEDED.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _complain(message: str) -> None:
    """One short message on standard error, if there is one."""
    if sys.stderr is None:
        return
    text = harmless(f"{PROGRAM}: {message}", keep="\n")
    if not _shows_unicode(sys.stderr):
        text = _plain(text, True)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def run() -> None:
    """The entry point of the installed command."""
    sys.exit(main())
