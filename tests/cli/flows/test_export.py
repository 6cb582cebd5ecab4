"""`cliproxy flows export`: where it is written, and what is said when that can't be."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_flows import folder, run, said
from recorded_exchanges import refused

from cliproxy.cli.flows.export import SHAPES


@pytest.mark.parametrize("shape", SHAPES)
def test_to_a_file(tmp_path: Path, shape: str) -> None:
    where = folder(tmp_path / "f", said("aa", [{"role": "user", "content": "é"}]))
    done = run("flows", "export", "aa", "--from", where, "--to", shape, "-o", tmp_path / "made")
    assert (done.exit_code, done.output) == (0, f"Wrote {tmp_path / 'made'}.\n")
    assert (tmp_path / "made").read_text() == run("flows", "export", "aa", "--from", where, "--to", shape).output


def test_what_cannot_be(tmp_path: Path) -> None:
    where = folder(tmp_path / "f", refused())
    there = run("flows", "export", "last", "--from", where, "--to", "har", "-o", tmp_path / "none" / "x")
    assert there.exit_code == 2 and "cannot be written: no such file or directory." in there.output
    side = run("flows", "export", "last", "--from", where, "--to", "curl", "--side", "provider")
    assert side.exit_code == 2 and "No provider was asked in ffff0000" in side.output
