"""JSON holds all of a trace: it reads back equal, what is no trace is refused, and the schema describes it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import AutodiffError, Trace, check, checkpoint, elementary, exp, ln, sin, trace
from autodiff.errors import DomainError
from autodiff.expression.array_calls import Applied
from autodiff.expression.blocks import Block
from autodiff.expression.expr import Expr
from autodiff.media import FORMATS, export
from autodiff.operations.constant import Constant
from autodiff.render.json.from_json import all_from_json, from_json
from autodiff.render.json.to_json import to_json
from autodiff.render.tables.styles import STYLES
from autodiff.tracing.directions import MODES
from autodiff.tracing.files import read_trace_file
from autodiff.tracing.record import as_record, number, setting
from tests.strategies import formulas
from tests.test_media import BOOK, samples

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "traces").glob("*.toml"))
A = np.array([[1.0, 2.0], [3.0, 4.0]])


# --- programs with arrays -------------------------------------------------------------------------------------
def network(x: Any, y: Any) -> Any:
    w = np.array([x, y]) @ A
    return np.sum(np.tanh(w) * w.T, axis=0)


def slices(x: Any, y: Any) -> Any:
    grid = np.reshape(np.stack([x, y, x * y, exp(x)]), (2, 2)).T
    return np.sum(grid[::-1, None, ..., 1:]) + grid[np.array([0, 1, 1]), np.array([1, 1, 0])].sum()


def masked(x: Any, y: Any) -> Any:
    a = np.stack([x, y, x - y])
    return np.sum(np.where(a > 0, a, np.nan_to_num(a) * 2.0)) + np.linalg.norm(np.cumsum(a)) + np.einsum("i,i->", a, a)


def single(x: Any, y: Any) -> Any:
    a = np.stack([x, y]).astype(np.float32) * np.array([0.1, np.inf], np.float32)
    return np.max(a) + 2 * x


def concatenated(x: Any, y: Any) -> Any:
    a = np.concatenate([np.stack([x, y]), np.zeros(0), np.arange(8.0)])
    return np.mean(a) * np.std(a) + np.linalg.det(np.reshape(a[:4], (2, 2))) + np.logaddexp(x, y)


def nothing_left(x: Any, y: Any) -> Any:
    return np.sum(np.stack([x, y])[:0]) + x**y


PROGRAMS = [network, slices, masked, single, concatenated, nothing_left]
SAYINGS = ("2π x + ln(2) x^e", "x*1e-300*1e-300", "x + (√2)/3 + 1e22*x", "a = exp(x); b = a^2; sin(a + b), b, 7",
           "v1*x + v2", "σ(x) + lgamma x + floor x", "max(x, x) + |x - x|")  # fmt: skip


def array_traces() -> list[Any]:
    return [
        pytest.param(trace(f, at=(0.5, 2.0), mode=mode), id=f"{f.__name__}-{mode}") for f in PROGRAMS for mode in MODES
    ]


def said_traces() -> list[Any]:
    at = {"v1": 2, "v2": 3}
    return [
        pytest.param(trace(text, at=at | {"x": 1} if "v1" in text else 1.5, mode=mode), id=f"{text[:12]}-{mode}")
        for text in SAYINGS
        for mode in MODES
    ]


# --- equality that knows NaN and settings ---------------------------------------------------------------------
def plain(value: Any) -> Any:
    """A value as nested tuples of texts: equal for equal traces, whatever NaN and arrays think of equality."""
    if isinstance(value, Expr):
        return value.fold(plain, plain, lambda operation, operands: (plain(operation), operands))
    if isinstance(value, Applied):
        return value.name, plain(value.settings)
    if isinstance(value, Block):
        return plain(value.array)
    if isinstance(value, (np.ndarray, np.generic)) and not isinstance(value, float):
        return value.dtype.str, value.shape, repr(value.tolist())
    if type(value) is Constant:
        return repr(float(value)), plain(value.formula)
    if dataclasses.is_dataclass(value) and type(value).__name__ not in ("Operation", "ArrayOperation"):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return type(value).__name__, [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return repr(float(value)) if isinstance(value, (int, float)) else repr(value)


def strict(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


# --- JSON that reads back -------------------------------------------------------------------------------------
@pytest.mark.parametrize("traced", [*samples(), *said_traces(), *array_traces()])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_json_reads_back(traced: Trace, ascii_only: bool) -> None:
    text = to_json(traced, ascii_only=ascii_only)
    assert text.isascii() or not ascii_only
    strict(text)
    read = from_json(text)
    assert plain(read) == plain(traced)
    assert to_json(read, ascii_only=ascii_only) == text


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_traces_of_the_gallery_are_equal_to_what_is_read(path: Path) -> None:
    file = read_trace_file(str(path))
    for mode in MODES:
        traced = trace(file.get("expression"), file.get("at"), mode=mode, order=file.get("order"))
        read = from_json(to_json(traced))
        assert read == traced
        assert str(read) == str(traced)


@given(formulas)
def test_any_formula_reads_back(formula: Expr) -> None:
    from autodiff.render.json.formulas import formula as read
    from autodiff.tracing.record import formula as write_tree

    assert read(json.loads(json.dumps(write_tree(formula), allow_nan=False))) == formula


@pytest.mark.no_cover
def test_long_sums_and_long_constants_read_back() -> None:
    for text in ("+".join(f"sin({n}x)" for n in range(1, 600)), "x*(" + "+".join(["1"] * 300) + ")"):
        traced = trace(text, at=0.5, mode="both")
        assert from_json(to_json(traced)) == traced
        assert to_json(from_json(to_json(traced))) == to_json(traced)


def nothing_times_infinity(x: Any, y: Any) -> Any:
    return np.sum(np.stack([x, y]) * np.array([np.nan, np.inf]))


@pytest.mark.parametrize(
    ("what", "at"),
    [
        ("arctan2(x, y)", (0, 0)),
        ("x - 1e308 x y", (10, 9)),
        ("1e308 x y*0", (9, 9)),
        (nothing_times_infinity, (1, 0)),
    ],
)
def test_traces_with_values_that_are_no_numbers_are_equal(what: Any, at: Any) -> None:
    with np.errstate(all="ignore"):
        first, second = (trace(what, at, mode="both") for _ in range(2))
    assert first == second == from_json(to_json(first))
    assert len({first, second, from_json(to_json(first))}) == 1
    assert first != trace(what, (1, 1), mode="both")
    assert first != to_json(first)


def test_a_broken_off_trace_reads_back() -> None:
    for mode in MODES:
        with pytest.raises(DomainError) as caught:
            trace("ln(x - 3) + x", at=2, mode=mode)
        broken: Any = caught.value.trace
        found = strict(to_json(broken))
        assert found["failure"] == broken.failure
        assert "gradient" not in found
        assert from_json(to_json(broken)) == broken


def test_several_traces_are_a_list() -> None:
    both = [trace(BOOK, at=(2, 5), mode="forward", wrt=name) for name in ("x1", "x2")]
    text = to_json(both)
    assert all_from_json(text) == both
    assert [found["tangent"] for found in strict(text)] == [{"y": 5.5}, {"y": both[1].tangent["y"]}]
    with pytest.raises(AutodiffError, match="2 traces"):
        from_json(text)
    assert all_from_json(to_json([])) == []


def test_what_is_read_can_be_shown_in_every_medium() -> None:
    for traced in (trace(BOOK, at=(2, 5), mode="both"), trace(network, at=(0.5, 2.0), mode="both")):
        read = from_json(to_json(traced))
        for name in ("table", "markdown", "latex", "json", "html", "csv"):
            assert export(read, name) == export(traced, name)


def test_a_function_of_the_file_system_with_half_a_character_in_its_name() -> None:
    traced = trace(network, at=(0.5, 2.0))
    steps = tuple(
        dataclasses.replace(step, source=step.source and step.source._replace(file="a\udc80b.py"))
        for step in traced.steps
    )
    text = to_json(dataclasses.replace(traced, steps=steps))
    text.encode()
    assert from_json(text).steps[-1].source.file == "a\udc80b.py"  # type: ignore[union-attr]


def test_a_checkpoint_is_written_and_refused_when_read() -> None:
    step = checkpoint(lambda x: sin(sin(x)))
    text = to_json(trace(lambda x: step(x) * 2, at=0.5))
    strict(text)
    with pytest.raises(AutodiffError, match=r"record\.steps\[1\].*checkpoint"):
        from_json(text)


def test_an_operation_that_is_not_defined_here_is_named() -> None:
    name = "wobble"
    elementary(name, lambda x: x, lambda z, x: 1)
    text = to_json(trace("wobble(x)*2", at=3))
    assert from_json(text).value == 6
    with pytest.raises(AutodiffError, match=r"record\.steps\[1\]\.operation: unknown operation 'wobbble'"):
        from_json(text.replace('"operation": "wobble", "operands": [{', '"operation": "wobbble", "operands": [{'))


@pytest.mark.parametrize(
    "value",
    [slice(1, None, -2), (1, None, ...), [1, [2]], True, None, "i->i", 3, 2.5, math.inf, np.dtype("float32"),
     np.array([[True, False]]), np.array(3), np.int64(4), np.bool_(True), np.float32(0.1), np.zeros((0, 3), np.int32)],
)  # fmt: skip
def test_settings_read_back(value: Any) -> None:
    from autodiff.render.json.decoding import setting as read

    found = read(json.loads(json.dumps(setting(value), allow_nan=False)))
    expected = value.item() if isinstance(value, np.int64) or plain(value) == plain(np.array(3)) else value
    assert plain(found) == plain(expected)


def test_the_record_names_places_of_steps() -> None:
    traced = trace(lambda x, y: ln(x) * y, at=(2, 3))
    record = as_record(traced)
    assert [part["step"] for row in record["adjoints"] for part in row["contributions"]] == [3, 3, 2]


def test_numbers_of_every_kind_are_written_exactly() -> None:
    for value in (3, -(10**30), 0.1, np.float32(0.1), np.float64(0.1), np.int64(7)):
        assert number(value) == value
        assert json.loads(json.dumps(number(value))) == value
    assert repr(json.loads(json.dumps(number(-0.0)))) == "-0.0"


# --- JSON that is not a trace ---------------------------------------------------------------------------------
def changed(change: Callable[[dict[str, Any]], Any], what: Any = BOOK) -> str:
    found = json.loads(to_json(trace(what, at=(2, 5), mode="both")))
    change(found)
    return json.dumps(found)


def put(*place: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        for part in place[:-1]:
            found = found[part]
        found[place[-1]] = value

    return change


def drop(*place: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        for part in place[:-1]:
            found = found[part]
        del found[place[-1]]

    return change


R = "record"
STEP, ADJOINT = (R, "steps", 3), (R, "adjoints", 5)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (put("version", value=2), "its version is 2, and this program reads version 1"),
        (drop("version"), "its version is none"),
        (drop(R), "the key 'record' is missing"),
        (put("mode", value="sideways"), "mode: expected one of forward, reverse, both"),
        (put("expression", value=3), "expression: expected a text, not a number"),
        (put(R, value=[]), "record: expected an object, not a list"),
        (drop(R, "letter"), "record: the key 'letter' is missing"),
        (put(R, "stepps", value=[]), "record: the key 'stepps' means nothing here\ndid you mean 'steps'"),
        (put(R, "letter", value="}"), "record.letter: expected a letter"),
        (put(*STEP, "operation", value="__import__"), "record.steps[3].operation: unknown operation '__import__'"),
        (put(*STEP, "operation", value="muul"), "did you mean 'mul'?"),
        (put(*STEP, "operation", value=["mul"]), "expected the name of an operation, not a list"),
        (put(*STEP, "operation", value="sin"), "sin takes 1 operands, not 2"),
        (put(*STEP, "operation", value="matmul"), "unknown operation 'matmul'"),
        (put(*STEP, "operands", 0, value={"primal": 9}), "record.steps[3]: it reads a row that does not come before"),
        (put(*STEP, "operands", 0, value={"primary": 0}), "steps[3].operands[0]: expected an object with one of"),
        (put(*STEP, "operands", value={}), "record.steps[3].operands: expected a list, not an object"),
        (put(*STEP, "value", value="2"), "record.steps[3].value: expected a number of double precision, not a text"),
        (put(*STEP, "value", value=True), "not true or false"),
        (put(*STEP, "value", value=10**400), "expected a number of double precision"),
        (put(*STEP, "ref", value={"primal": 1, "adjoint": 1}), "record.steps[3].ref: expected an object with one of"),
        (put(*STEP, "ref", value={"adjoint": 1}), "expected a name of kind primal, not adjoint"),
        (put(*STEP, "ref", value={"primal": 0}), "its name is taken"),
        (put(R, "steps", 0, "label", value="<script>"), "record.steps[0].label: expected a name made of letters"),
        (put(R, "steps", 0, "label", value=""), "expected a name made of letters"),
        (put(R, "steps", 0, "label", value=None), "expected a name made of letters, digits and _, not null"),
        (put(R, "steps", 0, "formula", value={"name": "a b"}), "record.steps[0].formula.name: expected a name"),
        (put(*STEP, "formula", value=["mul", ["sin"], 2.0]), "steps[3].formula[0]: sin takes 1 operands, not 0"),
        (put(*STEP, "formula", value=[]), "expected an object, not a list"),
        (put(*STEP, "formula", value={"first": 1.0, "then": [["add"]]}), "then[0]: add takes 2 operands, not 1"),
        (put(*STEP, "formula", value={"constant": "τ", "value": 6.28}), "formula.constant: expected π or e"),
        (put(*STEP, "formula", value={"constant": 3, "value": 6.28}), "constant: expected an object, not a number"),
        (put(*STEP, "formula", value={"constant": ["ln", "x"], "value": 1}), "constant[0]: expected a number"),
        (put(*STEP, "formula", value={"constant": [], "value": 1}), "constant: expected an operation"),
        (put(*STEP, "formula", value={"constant": {"first": 1, "then": []}, "value": 1}), "a chain needs a link"),
        (put(*STEP, "formula", value={"constant": {"first": 1, "then": [3]}, "value": 1}), "expected an operation"),
        (put(*STEP, "formula", value={"constant": ["ln", {"dtype": "float64", "shape": [], "entries": [1.0]}],
                                      "value": 1}), "constant[0]: expected a number, not an object"),
        (put(*STEP, "formula", value={"primal": 3, "letter": "vv"}), "formula.letter: expected a letter"),
        (put(*STEP, "operands", 0, value=10**400), "operands[0]: expected a number of double precision"),
        (put(*STEP, "source", value={"file": "x"}), "record.steps[3].source: the key 'line' is missing"),
        (put(*STEP, "settings", value={}), "record.steps[3]: unknown operation 'mul'"),
        (put(*ADJOINT, "contributions", 0, "step", value=99), "adjoints[5].contributions[0]: there is no step 99"),
        (put(*ADJOINT, "contributions", 0, "k", value=-1), "has no operand -1"),
        (put(*ADJOINT, "seed", value=1.0), "record.adjoints[5]: only the row of an output has a seed"),
        (drop(*ADJOINT), "record.adjoints: each row and each variable has one"),
        (drop(R, "tangents", 0), "record.tangents: each row and each output has one"),
        (put(R, "outputs", value=[]), "record.outputs: there is none"),
        (put(R, "outputs", 0, "operand", value={"primal": 77}), "record.outputs[0]: there is no such row"),
        (put(R, "jacobian", value=[[1.0]]), "record.jacobian: it has a row for each output"),
        (put(R, "seed", 0, value=["y"]), "record.seed[0]: expected a name and a number"),
        (put(R, "notes", value=[{"ref": {"pull": [1]}, "text": ""}]), "record.notes[0].ref.pull: expected two rows"),
    ],
)  # fmt: skip
def test_what_is_no_trace_is_refused_with_its_place(change: Any, complaint: str) -> None:
    with pytest.raises(AutodiffError) as caught:
        from_json(changed(change))
    assert complaint in str(caught.value)
    assert str(caught.value).startswith("this is not a trace in JSON: ")


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"dtype": "object", "shape": [1], "entries": [1.0]}, "dtype: expected one of float64"),
        ({"dtype": "float64", "shape": [10**9], "entries": []}, "0 entries do not fill the shape [1000000000]"),
        ({"dtype": "float64", "shape": [-1, -1], "entries": [1.0]}, "do not fill"),
        ({"dtype": "float64", "shape": [1] * 99, "entries": [1.0]}, "maximum"),
        ({"dtype": "float64", "shape": [1], "entries": [None]}, "entries[0]: expected a number"),
        ({"dtype": "int8", "shape": [1], "entries": [1000]}, "int8"),
        ({"dtype": "bool", "shape": [1], "entries": [1]}, "entries[0]: expected true or false"),
    ],
)
def test_arrays_that_are_none(value: Any, complaint: str) -> None:
    change = put(R, "steps", -1, "value", value=value)
    with pytest.raises(AutodiffError) as caught:
        from_json(changed(change, network))
    assert complaint in str(caught.value)


@pytest.mark.parametrize("change", [{}, {"axes": [1, 0]}, {"axis": {"tuple": [0]}}, {"axes": {"a": 1}}, []])
def test_settings_that_an_operation_does_not_take(change: Any) -> None:
    text = to_json(trace(slices, at=(2, 5)))
    found = json.loads(text)
    step = next(step for step in found[R]["steps"] if step["operation"] == "transpose")
    step["settings"] = change
    with pytest.raises(AutodiffError, match=r"record\.steps\[\d+\]"):
        from_json(json.dumps(found))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "3", "null", '"x"', "NaN", '{"version": NaN}', "[" * 100_000, "\ud800", '{"version": 1}',
     "1" * 5000],
)  # fmt: skip
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(AutodiffError, match="this is not"):
        from_json(text)


def test_a_formula_nested_too_deeply_is_refused() -> None:
    deep: Any = 1.0
    for _ in range(100):
        deep = ["add", 1.0, deep]
    text = changed(put(*STEP, "formula", value=deep))
    assert from_json(text)
    head, tail = text.split(json.dumps(deep))
    with pytest.raises(AutodiffError, match="nested too deeply"):
        from_json(head + '["add", 1.0, ' * 900 + "1.0" + "]" * 900 + tail)


HARMFUL = [r"\input{/etc/passwd}", "\x1b[31mRED", "$a$|b\n\n# heading", "<script>alert(1)</script>", "`", "a" * 300]


@pytest.mark.parametrize("word", HARMFUL)
def test_texts_in_settings_are_words_and_no_markup(word: str) -> None:
    found = json.loads(to_json(trace(slices, at=(2, 5))))
    for key in ("axis", "axes", "index", "shape"):
        changed = json.loads(json.dumps(found))
        steps = [step for step in changed[R]["steps"] if key in step.get("settings", {})]
        for step in steps:
            step["settings"][key] = word
        if steps:
            with pytest.raises(AutodiffError, match="letters, digits, commas"):
                from_json(json.dumps(changed))
    assert any("index" in step.get("settings", {}) for step in found[R]["steps"])


def left_out(x: Any) -> Any:
    return (x[::-1] * 2, np.linalg.eigh(np.outer(x, x) + np.eye(2))[0].sum() + x.sum())[1]


@pytest.mark.parametrize("mode", MODES)
def test_an_array_row_that_no_output_uses_has_zeros_of_its_shape(mode: str) -> None:
    traced = trace(left_out, ([1.0, 2.0],) if False else (np.array([1.0, 2.0]),), mode=mode)
    assert from_json(to_json(traced)) == traced
    shapes = {step.ref.of: getattr(step.value, "shape", ()) for step in traced.steps}
    for row in (*traced.adjoints, *traced.tangents):
        if row.ref.of in shapes:
            assert getattr(row.value, "shape", ()) == shapes[row.ref.of]


def test_an_operation_without_operands_and_settings_that_do_not_fit_are_refused() -> None:
    found = json.loads(to_json(trace(slices, at=(2, 5))))
    stack = next(step for step in found[R]["steps"] if step["operation"] == "stack")
    stack["formula"]["operands"] = []
    with pytest.raises(AutodiffError, match="stack has no operand"):
        from_json(json.dumps(found))
    found = json.loads(to_json(trace(slices, at=(2, 5))))
    for step in found[R]["steps"]:
        if "axis" in step.get("settings", {}):
            step["settings"]["axis"] = "float64"
    with pytest.raises(AutodiffError, match="the rows of this trace do not fit together"):
        from_json(json.dumps(found)).to_player()


@pytest.mark.parametrize("text", [None, b"{}", Path("trace.json"), 3])
def test_what_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(AutodiffError, match="is a text"):
        from_json(text)


DAMAGES: list[Any] = [
    None, True, 0, -7, 1.5, "x", "Infinity", "sin", [], {}, [[]], {"primal": 0}, {"adjoint": 1}, {"primal": 99},
    {"name": "x"}, ["sin", {"primal": 77}], {"partial": [3, 0]}, {"dtype": "float64", "shape": [1], "entries": [1.0]},
]  # fmt: skip


@pytest.mark.no_cover
@given(st.data())
@settings(max_examples=250)
def test_any_damage_is_an_error_with_a_message_or_no_damage(data: st.DataObject) -> None:
    arrays = data.draw(st.booleans())
    mode = data.draw(st.sampled_from(list(MODES)))
    what: Any = network if arrays else "a = ln(x) + x y; max(a, x), a^2 - π, 7"
    found = json.loads(to_json(trace(what, at=(2, 5), mode=mode)))
    here: Any = found[R]
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        place = data.draw(st.sampled_from(places))
        if not isinstance(here[place], (dict, list)) or not here[place] or data.draw(st.integers(0, 5)) == 0:
            break
        here = here[place]
    here[place] = data.draw(st.sampled_from(DAMAGES))
    try:
        read = from_json(json.dumps(found))
    except AutodiffError:
        return
    for style in STYLES:
        read.to_text(style=style)
    for name, medium in FORMATS.items():
        runs = arrays and name == "player"  # it runs the rows of arrays, with the settings that they have
        with contextlib.suppress(AutodiffError) if runs else contextlib.nullcontext():
            assert name == "png" or medium.load()(read)
    assert read == from_json(read.to_json())
    assert all(read.why)


# --- the schema -----------------------------------------------------------------------------------------------
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "autodiff" / "render" / "json" / "trace.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.no_cover
def test_the_schema_describes_every_trace_of_the_gallery_in_all_modes() -> None:
    valid = validator()
    for path in PATHS:
        file = read_trace_file(str(path))
        traced = [trace(file.get("expression"), file.get("at"), mode=mode, order=file.get("order")) for mode in MODES]
        valid.validate(json.loads(to_json(traced)))


@pytest.mark.no_cover
@pytest.mark.parametrize("traced", [*said_traces(), *array_traces()])
def test_the_schema_describes_arrays_and_constants(traced: Trace) -> None:
    valid = validator()
    valid.validate(json.loads(to_json(traced)))


@pytest.mark.no_cover
def test_the_schema_describes_checks_and_failures_and_refuses_others() -> None:
    valid = validator()
    traced = trace("+".join(f"sin({n}x)" for n in range(1, 40)) + "*(" + "+".join(["1"] * 30) + ")", at=2)
    found = json.loads(to_json(traced, reports=[check(traced)]))
    valid.validate(found)
    with pytest.raises(DomainError) as caught:
        trace("ln(-x)", at=2)
    broken: Any = caught.value.trace
    valid.validate(json.loads(to_json(broken)))
    for change in (put("version", value=2), put("more", value=1), put(*STEP, "ref", value={"letter": "v"}),
                   put(*STEP, "ref", value={"primal": 1, "tangent": 1}), put(*STEP, "value", value=None)):  # fmt: skip
        assert not valid.is_valid(json.loads(changed(change)))


@pytest.mark.no_cover
def test_ten_thousand_rows_are_written_and_read() -> None:
    traced = trace("+".join(f"sin({n}x)" for n in range(1, 3335)), at=1)
    assert len(traced.steps) > 10_000
    assert len(all_from_json(to_json(traced))[0].steps) == len(traced.steps)
