"""`cliproxy flows stats`."""

from __future__ import annotations

from pathlib import Path

from kept_flows import folder, run, said, told
from recorded_exchanges import translated

TURN = [{"role": "user", "content": "Hi"}]


def test_sums_by_provider_and_model(tmp_path: Path) -> None:
    where = folder(tmp_path, said("aa", TURN), said("bb", TURN, 1), translated(model="gpt-4o"))
    first, second = told("flows", "stats", where)
    assert (first["provider"], first["model"], first["requests"], first["failed"]) == ("openai", "gpt-test", 2, 0)
    assert (first["input"], first["output"], first["seconds"], first["cost"]) == (18, 4, 1.0, None)
    assert (second["model"], second["attempts"], second["first_byte"]) == ("gpt-4o", 2, 0.75)
    assert second["cost"] > 0 and "top_k" in second["lost"]
    lines = run("flows", "stats", where).output.splitlines()
    assert lines[1].startswith("openai/gpt-test") and len(lines) == 3
