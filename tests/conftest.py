"""What several test files share: how Hypothesis runs, what a skipped test means, and the browser."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import BROWSER, CHROMIUM, NEEDS

# No example is wrong because the machine is busy.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


# --- skipped tests --------------------------------------------------------------------------------------------
AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)


def _judged(report: AnyReport) -> AnyReport:
    """In CI all that the tests need is installed: there a skipped test is a failed one."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not any(need.reason in reason for need in NEEDS if not need.in_ci):
            report.outcome, report.longrepr = "failed", f"{reason}\nIn CI nothing is skipped that could run."
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _judged((yield))


# --- the browser ----------------------------------------------------------------------------------------------
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window, of which a process may have one only."""
    if not BROWSER.here:
        pytest.skip(BROWSER.reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()
