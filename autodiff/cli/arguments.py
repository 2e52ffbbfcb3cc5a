"""The options of autodiff-trace, and reading argument lists the way people type them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from autodiff.errors import AutodiffError, did_you_mean
from autodiff.media import FORMATS
from autodiff.render.tables.styles import STYLES
from autodiff.tracing.directions import DIRECTIONS, MODES
from autodiff.tracing.numbering import ORDERS

PROGRAM = "autodiff-trace"

DESCRIPTION = """\
Show how automatic differentiation works: the evaluation trace of an expression
with its tangents (forward mode) or adjoints (reverse mode), row by row."""

EXAMPLES = """\
examples:
  autodiff-trace "ln(x1)+x1*x2-sin(x2)" --at 2,5
  autodiff-trace "ln(x1)+x1*x2-sin(x2)" --at 2,5 --mode forward --style book
  autodiff-trace "x^2 y, x + y" --at x=1,y=2 --mode both --check
  autodiff-trace "a = exp(x); b = a^2; sin(a + b)" --at 0.5
  autodiff-trace lesson.py:energy --at 2,5 --source
  autodiff-trace --file traces/table-3-2.toml
  autodiff-trace "e^(-x^2)" --at 1 --out table.tex --graph graph.svg
  autodiff-trace "x1*x2 + sin x1" --at 2,3 --step
  autodiff-trace "x1*x2 + sin x1" --at 2,3 --format player --out lesson.html

Values follow the natural order of the names (x1, x2, x10; otherwise the
alphabet) or are given by name.
Exit status: 0 fine, 1 a check failed, 2 the input was wrong."""


class UsageError(AutodiffError, ValueError):
    """The command line itself is wrong."""


class Parser(argparse.ArgumentParser):
    """argparse with errors of one short message."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError; the command prints it."""
        unknown = message.removeprefix("unrecognized arguments: ").split()
        hint = ""
        if message.startswith("unrecognized"):
            hint = did_you_mean(unknown[0].partition("=")[0], self.option_strings())
            message = f"unknown option '{unknown[0]}'"
        raise UsageError(message + (f"\n{hint}" if hint else f"\ntry '{PROGRAM} --help'"))

    def option_strings(self) -> list[str]:
        """All options."""
        return [option for action in self._actions for option in action.option_strings]

    def takes_value(self, option: str) -> bool | None:
        """Whether an option is followed by a value; None for what is not an option."""
        for action in self._actions:
            if option in action.option_strings:
                return action.nargs is None and action.const is None and not isinstance(action, _WITHOUT_VALUE)
        return None


_WITHOUT_VALUE = (argparse._HelpAction, argparse._VersionAction)


def make_parser() -> Parser:
    """The parser of the command."""
    from autodiff import __version__

    parser = Parser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EXAMPLES,
        allow_abbrev=False,
        usage=f"{PROGRAM} EXPR --at VALUES [options]",
    )
    add = parser.add_argument
    add("expression", metavar="EXPR", nargs="*", help="an expression, a program, or FILE.py:FUNCTION; - reads stdin")
    add("--at", metavar="VALUES", help="values of the variables: 2,5 or x1=2,x2=5")
    add("--file", metavar="FILE.toml", help="take the expression and its options from a trace file")
    add("--allow-code", action="store_true", help="run the FILE.py:FUNCTION that --file or standard input names")
    add("--mode", choices=tuple(MODES), help="direction of the sweep (default: reverse)")
    add("--wrt", metavar="NAME", help="forward mode: the variable whose tangent starts as 1, or 'all'")
    add("--output", metavar="NAME", help="reverse mode: the output whose adjoint starts as 1")
    add("--seed", metavar="NUMBERS", help="start from these tangents or adjoints: 1,0 or x1=1")
    add("--style", choices=list(STYLES), help="layout of the table (default: full)")
    add("--order", choices=ORDERS, help="order of the rows (default: terms; evaluation for programs)")
    add("--digits", metavar="N", help="decimals of printed numbers (default: 3)")
    add("--source", action="store_true", help="of a Python function: the line that made each row")
    add("--rows", metavar="N", help="longest table in a terminal; longer ones are shortened, or 'all' (default: 60)")
    add("--check", action="store_true", help="check every row against sympy")
    add("--format", choices=list(FORMATS), help="what to write (default: table)")
    add("--out", metavar="FILE", help="write to a file; the format follows its ending unless --format is given")
    add("--graph", metavar="FILE", help="draw the computational graph too: FILE.svg, .tikz, .dot or .png")
    add("--direction", choices=tuple(DIRECTIONS), help="arrows of the graph with --mode both (default: reverse)")
    add("--notation", choices=("nodes", "blocks"), help="nodes with their rows, or block diagrams (default: nodes)")
    add("--force", action="store_true", help="let --out and --graph overwrite a file")
    add("--step", action="store_true", help="one step at a time, with the reason for each")
    add("--ascii", action="store_true", help="no characters beyond ASCII")
    add("--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)")
    add("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.formatter_class = _help_formatter
    return parser


def _help_formatter(prog: str) -> argparse.HelpFormatter:
    from rich_argparse import RawDescriptionRichHelpFormatter

    return RawDescriptionRichHelpFormatter(prog, width=80, max_help_position=22)


def parse_arguments(argv: Sequence[str]) -> Any:
    """The options of one call.

    `--at -2,5` and an expression that starts with a minus are taken literally: argparse would take both for options.
    """
    parser = make_parser()
    options: list[str] = []
    words: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        takes_value = parser.takes_value(word)
        if word == "--":
            words += rest
            break
        if takes_value and rest and parser.takes_value(rest[0]) is None:
            options.append(f"{word}={rest.pop(0)}")
        elif takes_value is not None or (word.startswith("--") and word[2:3].isalpha()):
            options.append(word)
        else:
            words.append(word)
    found = parser.parse_args([*options, "--", *words])
    for name, value in vars(found).items():
        if value == [] and name != "expression":  # argparse drops the value --
            raise UsageError(f"--{name} needs a value, and -- is not one\ntry '{PROGRAM} --help'")
    if len(words) > 1:
        raise UsageError(
            f"one expression was expected, not {len(words)}: put it in quotes\n"
            "and its values behind --at, with commas: --at 2,5"
        )
    found.expression = words[0] if words else None
    if found.expression is None and found.file is None:
        raise UsageError(f"an expression is missing\ntry '{PROGRAM} \"x^2 + sin x\" --at 2' or '{PROGRAM} --help'")
    if found.expression is not None and found.file is not None:
        raise UsageError("give an expression or --file, not both")
    if found.step:
        _check_step(found)
    return found


def _check_step(found: argparse.Namespace) -> None:
    """The stepper walks through one trace in the terminal: refuse options that ask for something else."""
    for name in ("check", "format", "out", "style", "source", "rows"):
        if getattr(found, name):
            raise UsageError(f"--step shows one step at a time and takes no --{name}: leave one of them out")
    if found.wrt == "all":
        raise UsageError("--step walks through one trace: choose one variable, --wrt NAME")
