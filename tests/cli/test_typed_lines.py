from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import asyncio, sys
from cliproxy.cli.typed_lines import typed_lines
async def main():
    lines = asyncio.Queue()
    with typed_lines(lines.put_nowait):
        print("ready", flush=True)
        print("first:", await lines.get(), flush=True)
asyncio.run(main())
print("later:", sys.stdin.readline().strip())
"""
ALL = """
import asyncio
from cliproxy.cli.typed_lines import typed_lines
async def main():
    lines = asyncio.Queue()
    with typed_lines(lines.put_nowait):
        while (line := await lines.get()) is not None:
            print(line)
asyncio.run(main())
"""


def test_what_is_typed_later_is_for_others() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        assert one.stdin and one.stdout
        assert one.stdout.readline() == "ready\n"
        one.stdin.write("  a line \n")
        one.stdin.flush()
        assert one.stdout.readline() == "first: a line\n"
        one.stdin.write("another\n")
        one.stdin.flush()
        assert one.stdout.readline() == "later: another\n"


def test_all_lines_of_a_pipe_and_of_a_file(tmp_path: Path) -> None:
    piped = subprocess.run([sys.executable, "-c", ALL], input="a\n\nb", capture_output=True, text=True, timeout=20)
    assert piped.stdout == "a\n\nb\n"
    (tmp_path / "lines").write_text("a\n\nb\n")
    with (tmp_path / "lines").open() as file:
        read = subprocess.run([sys.executable, "-c", ALL], stdin=file, capture_output=True, text=True, timeout=20)
    assert read.stdout == "a\n\nb\n"


def test_no_input_at_all() -> None:
    closed = subprocess.run(
        [sys.executable, "-c", ALL], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
    )
    assert (closed.returncode, closed.stdout) == (0, "")
