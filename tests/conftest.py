"""What the end of every test run prints."""

from __future__ import annotations

from typing import Any

from counts import COUNTS


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How much of ../shared/corpus was carried, where those tests ran."""
    lines = []
    if answers := COUNTS["answers"]:
        lines.append(f"{answers:,} answers x 5 clients: {COUNTS['answer carried']:,} carried, {_gaps('answer')}")
    if requests := COUNTS["requests"]:
        carried, refused = COUNTS["request carried"], COUNTS["request refused"]
        unreadable = COUNTS["requests unreadable"]
        lines.append(
            f"{requests:,} requests x 4 providers: {carried:,} carried, {refused:,} refused for what they would lose, "
            f"{unreadable:,} requests unreadable, {_gaps('request')}"
        )
    if errors := COUNTS["errors"]:
        lines.append(f"{errors:,} refusals x 5 clients: {COUNTS['error carried']:,} carried, {_gaps('error')}")
    for line in lines:
        terminalreporter.write_line(f"corpus: {line}")


def _gaps(what: str) -> str:
    return f"{COUNTS[f'{what} gaps']:,} known gaps"
