"""The house: imports go downward, the rules stand in one place, the promises of the README hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import autodiff
from autodiff.operations.rule import BUILT_IN, BY_NAME, TABLE
from tests.processes import environment

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "autodiff"
# The rooms, each of which may know those before it. Below all of them: errors, text and media.
ROOMS = ("operations", "arrays", "modes", "derivatives", "expression", "tracing", "checks", "programs", "render", "cli")
BELOW = ("errors", "text", "media")
# The imports that close a circle and stay, each with its reason.
DOORS: dict[tuple[str, str], str] = {
    (
        "autodiff.operations.define",
        "autodiff.operations.array_table",
    ): "a user's definition must not take the name of an array operation, and the table of these needs numpy",
}


def imports() -> dict[str, set[str]]:
    """For each file the files that it imports, in functions too, but not those for types alone."""
    names = {
        path: path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in PACKAGE.rglob("*.py")
    }
    files = {name.removesuffix(".__init__"): path for path, name in names.items()}

    def imported(tree: ast.AST) -> Iterator[str]:
        for node in ast.iter_child_nodes(tree):
            if isinstance(node, ast.ImportFrom):
                assert not node.level, f"a relative import: from {'.' * node.level}{node.module or ''}"
                yield from (
                    full if (full := f"{node.module}.{each.name}") in files else node.module for each in node.names
                )
            elif isinstance(node, ast.Import):
                yield from (each.name for each in node.names)
            elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                yield from (found for rest in node.orelse for found in imported(ast.Module([rest], [])))
            else:
                yield from imported(node)

    return {name: {found for found in imported(ast.parse(path.read_text("utf-8"))) if found in files} - {name}
            for name, path in files.items()}  # fmt: skip


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The strongly connected components of more than one file: what reaches each other."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        pending = [start]
        while pending:
            new = graph[pending.pop()] - found
            found |= new
            pending += new
        return found

    reach = {name: reached(name) for name in graph}
    found = [{other for other in reach[name] if name in reach[other]} for name in graph]
    return [circle for n, circle in enumerate(found) if circle and circle not in found[:n]]


def test_no_circles() -> None:
    """Neither between rooms nor inside one; functions that import are counted."""
    graph = imports()
    for (above, below), reason in DOORS.items():
        assert below in graph[above], f"no door any more: {above} → {below}, {reason}"
        graph[above].remove(below)
    assert [sorted(circle) for circle in circles(graph)] == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"e2"}, "e2": {"e"}}
    assert circles(graph) == [{"a", "b", "c"}, {"e", "e2"}]


def test_only_the_table_of_media_imports_by_the_text_of_a_name() -> None:
    for path in PACKAGE.rglob("*.py"):
        for called in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            if ast.unparse(called.func) in ("importlib.import_module", "import_module", "__import__"):
                ours = "autodiff" in ast.unparse(called)
                assert not ours or path.name == "media.py", path


def test_no_room_knows_a_room_that_stands_on_it() -> None:
    floor = {name: n for n, name in enumerate(ROOMS, 1)} | dict.fromkeys(BELOW, 0)
    for name, found in imports().items():
        room = floor.get(name.split(".")[1]) if "." in name else None
        for other in found:
            above = floor.get(other.split(".")[1]) if "." in other else None
            if room is not None and above is not None and (name, other) not in DOORS:
                assert above <= room, f"{name} imports {other}"


def test_the_architecture_page_names_every_room() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for room in PACKAGE.iterdir():
        if room.is_dir() and room.name != "__pycache__":
            assert f"`autodiff/{room.name}/`" in page or f"`{room.name}/`" in page, room.name


def test_every_operation_is_entered_once_with_a_partial_for_each_operand() -> None:
    names = [entry.name for entry in TABLE if entry.name in BUILT_IN]
    assert len(names) == len(set(names)) > 50
    assert set(names) <= set(BY_NAME)
    assert [entry.code for entry in TABLE] == list(range(len(TABLE)))
    for entry in TABLE:
        assert len(entry.domain.intervals) == entry.arity
        assert all(len(rule.partials) == entry.arity for rule in entry.conventions)


def test_the_public_names() -> None:
    for name in autodiff.__all__:
        assert hasattr(autodiff, name), name
    wanted = "Dual Tape Var derivative grad value_and_grad jvp vjp jacobian hessian hvp trace check sin cos exp ln"
    assert set(wanted.split()) <= set(autodiff.__all__)


def test_importing_the_package_imports_neither_numpy_nor_sympy() -> None:
    probe = "import sys, autodiff; sys.exit(str({'numpy', 'sympy', 'mpmath', 'rich'} & set(sys.modules) or ''))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.stderr.strip() == ""


def test_typed_text_never_reaches_eval_exec_or_sympify() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert called not in ("eval", "exec", "compile_command", "sympify", "parse_expr", "lambdify"), path


def test_ci_runs_the_test_command_of_the_readme() -> None:
    install = 'python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]"'
    command = f"{install} && .venv/bin/python -m pytest -n auto --cov"
    assert command in (ROOT / "README.md").read_text("utf-8")
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_the_python_of_the_readme_runs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    code = readme.split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT,
                          env=environment())  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ all" in done.stdout


def test_the_python_of_the_guide_runs(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "python.md").read_text("utf-8")
    program = tmp_path / "guide.py"
    program.write_text("".join(part.split("```")[0] for part in guide.split("```python\n")[1:]), "utf-8")
    command = [sys.executable, "-W", "error", program]
    env = environment(PYTHONPATH=str(ROOT))
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "guide.py:" in done.stdout  # the lines of the traced function


def test_adding_a_function_as_the_architecture_page_shows() -> None:
    """The worked example of the page is run in a process of its own: it enters sinc into the table."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    code = "".join(part.split("```")[0] for part in page.split("```python\n")[1:])
    assert {"sinc", "rms"} <= set(code.replace("(", " ").replace(",", " ").split())
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT,
                          env=environment())  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "sincn(1, v₀)" in done.stdout
    assert "takes the root mean square of v₁" in done.stdout
