"""What the processes that tests start find around them."""

from __future__ import annotations

import os

# What changes how the command writes; and what starts coverage, which takes longer than the command. What only a
# process reaches is measured in the tests of terminals and streams.
LEFT_OUT = ("COLUMNS", "LINES", "NO_COLOR", "PYTHONIOENCODING", "COVERAGE_PROCESS_CONFIG")


def environment(**settings: str) -> dict[str, str]:
    """Our environment without what tells a command how to write, with these settings."""
    kept = {key: value for key, value in os.environ.items() if key not in LEFT_OUT}
    return {"PYTHONIOENCODING": "utf-8", **kept, **settings}
