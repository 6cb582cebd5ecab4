"""`cliproxy flows list`."""

from __future__ import annotations

from pathlib import Path

from kept_flows import folder, run, told
from recorded_exchanges import refused, translated


def test_a_line_for_each(tmp_path: Path) -> None:
    where = folder(tmp_path, translated(), refused())
    lines = run("flows", "list", where).output.splitlines()
    assert len(lines) == 3 and lines[0].startswith("time")
    (line,) = [one for one in lines if "1a2b3c4d" in one]
    assert "gpt-test(high)" in line and "openai/gpt-test" in line and "lost: anthropic:context_management" in line


def test_for_programs(tmp_path: Path) -> None:
    (one,) = told("flows", "list", folder(tmp_path, translated()))
    assert (one["id"], one["provider"], one["input"], one["attempts"]) == ("1a2b3c4d", "openai", 9, 2)
