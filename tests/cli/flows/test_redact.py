"""`cliproxy flows redact`: copies that the audit finds nothing in, and that replay as before."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from kept_flows import folder, run, streamed
from mitmproxy.test import tflow

from cliproxy.addons import recordings
from cliproxy.addons.redact import MARK, Redactor
from cliproxy.cli.flows.redact import redacted

KEY = "sk-" + "a1B2" * 10


def test_copies_are_clean_and_the_originals_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    one = streamed()
    chunks = ((0.5, b"data: sk-a1B2"), (0.75, KEY[7:].encode() + b" by Nora\n\n"), (1.0, b"data: [DONE]\n\n"))
    (tried,) = one.attempts
    where = folder(tmp_path / "raw", replace(one, attempts=(replace(tried, chunks=chunks),)))
    before = {path: path.read_bytes() for path in where.iterdir()}
    done = run("flows", "redact", where, "--into", tmp_path / "clean", "--secret", "by Nora")
    assert done.output == f"Wrote 1 file to {tmp_path / 'clean'}.\n"
    assert {path: path.read_bytes() for path in where.iterdir()} == before
    (copy,) = (tmp_path / "clean").iterdir()
    assert KEY.encode() not in copy.read_bytes() and b"Nora" not in copy.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    (read,) = recordings.load(copy)
    assert [at for at, _ in read.chunks] == [0.5, 0.75, 1.0]
    assert b"".join(data for _, data in read.chunks) == f"data: {MARK} {MARK}\n\ndata: [DONE]\n\n".encode()


def test_the_originals_are_not_written_over(tmp_path: Path) -> None:
    where = folder(tmp_path / "raw", streamed())
    refused = run("flows", "redact", where, "--into", where)
    assert refused.exit_code == 2 and "is where the originals are; name another folder." in refused.output


def test_other_flows_are_cleaned_too() -> None:
    flow = tflow.tflow(resp=True)
    flow.request.headers["authorization"], flow.comment = "Bearer hush-hush", "said hush-hush"
    flow.metadata["x"] = {"y": ("hush-hush", 1)}
    flow.request.content = flow.response.content = b"it is hush-hush"
    redacted(flow, Redactor(["hush-hush"]))
    assert "hush-hush" not in str(flow.get_state())
    assert redacted(tflow.ttcpflow(), Redactor())
