"""What the management API gives and changes, against the addons that it speaks for."""

from __future__ import annotations

from pathlib import Path

from cliproxy.addons.management.resources import last_lines


def test_the_last_lines_of_the_first_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntwo\nthree\n")
    assert last_lines([log], 2) == ["two", "three"]
    assert last_lines([], 2) == []
