"""The tests themselves: none has a deadline of its own, and in CI none is skipped that could run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import NEEDS, PAPER
from tests.processes import environment

HERE = Path(__file__).parent
SKIPPING = f"""
import pytest
from tests import needs

@pytest.mark.skipif(True, reason="there is no moon")
def test_by_a_mark(): ...

def test_on_the_way(): pytest.importorskip("no_such_package")

@pytest.mark.xfail
def test_that_fails_as_expected(): assert False

@pytest.mark.skipif(True, reason={PAPER.reason!r})
def test_of_paper(): ...
"""


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", "1 failed, 1 skipped, 1 xfailed, 2 errors"), ("", "4 skipped, 1 xfailed")]
)
def test_in_ci_a_skipped_test_is_a_failed_one(ci: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "test_moon.py").write_text(SKIPPING, "utf-8")
    (tmp_path / "test_sun.py").write_text('import pytest\npytest.importorskip("no_sun")\n', "utf-8")
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-ra", "--continue-on-collection-errors"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    env = environment(CI=ci, PYTEST_ADDOPTS="")
    done = subprocess.run(command, cwd=HERE.parent, env=env, capture_output=True, encoding="utf-8")
    assert f" {outcome} in " in done.stdout, done.stdout
    for reason in ("there is no moon", "no_such_package", "no_sun", PAPER.reason):
        assert reason in done.stdout


def test_every_need_says_in_a_sentence_what_is_not_seen_without_it() -> None:
    for need in NEEDS:
        assert re.fullmatch(r"[\w ]+.*\b(so|which)\b [^.]+", need.reason), need.reason


def test_no_example_of_hypothesis_has_a_deadline() -> None:
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check
    for path in {*HERE.glob("*.py")} - {Path(__file__), HERE / "conftest.py"}:
        assert "deadline=" not in path.read_text("utf-8"), f"{path.name}: the profile in conftest.py says it for all"
