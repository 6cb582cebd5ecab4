"""The repository: each source file has its test file, nothing grows too long, nothing private is in it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("translators", "addons", "cli")
SOURCES = sorted(path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))

WITHOUT_TESTS = {
    "__init__.py": "names only",
    "__main__.py": "one call",
    "addons/applied.py": "values only",
    "addons/accounts/fresh.py": "a protocol, and what has nothing to do; tests/addons/test_dispatch.py renews secrets",
    "translators/ir.py": "values only; tests/translators/test_laws.py holds every format to them",
    "translators/formats.py": "the protocol and its table; tests/translators/test_laws.py runs over it",
}
LONGEST_FUNCTION = 40
LONGEST_FILE = 350
LONGER_FILES = {
    "addons/failover.py": "the one file that leans on mitmproxy's internals is to stay one",
    "translators/ir.py": "the whole representation, to be read in one piece",
}

HERE = re.compile(r"(?<![\w.~}])/" + r"(?:work|root|Users)/\w")
KEYS = re.compile(
    r"\bsk-(?:proj-|svcacct-|or-v1-|ant-\w+-)?[A-Za-z0-9]{20,}"
    r"|\bAIza[\w-]{35}|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}|\bAKIA[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{16,}\.eyJ[\w-]{16,}|\bya29\.[\w-]{20,}|\b1//0[\w-]{30,}|PRIVATE KEY-----\s*\w{40,}"
)


def tracked() -> list[Path]:
    """What is, or would be, committed."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def found(pattern: re.Pattern[str]) -> list[str]:
    """``file:line: match`` of each; a file that is no text is read as bytes that could be one."""
    hits = []
    for path in tracked():
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            hits += [f"{path.relative_to(ROOT)}:{number}: {match[0]}" for match in pattern.finditer(line)]
    return hits


def functions() -> Iterator[tuple[str, int]]:
    for source in SOURCES:
        for node in ast.walk(ast.parse((ROOT / source).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{source}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_each_source_file_has_its_test_file(source: Path) -> None:
    if source.name not in WITHOUT_TESTS and source.as_posix() not in WITHOUT_TESTS:
        expected = Path("tests") / source.parent / f"test_{source.name}"
        assert (ROOT / expected).is_file(), f"{source} has no {expected}"


def test_no_function_is_longer_than_a_screen() -> None:
    assert [name for name, length in functions() if length > LONGEST_FUNCTION] == []


def test_no_source_file_is_longer_than_can_be_read_at_once() -> None:
    lengths = {source.as_posix(): len((ROOT / source).read_text().splitlines()) for source in SOURCES}
    assert [f"{name}: {n}" for name, n in lengths.items() if n > LONGEST_FILE and name not in LONGER_FILES] == []


def test_no_exception_outlives_its_reason() -> None:
    names = {source.as_posix() for source in SOURCES}
    assert [name for name in (*LONGER_FILES, *WITHOUT_TESTS) if "/" in name and name not in names] == []
    assert [name for name in LONGER_FILES if len((ROOT / name).read_text().splitlines()) <= LONGEST_FILE] == []


def test_no_file_names_a_path_of_the_machine_that_it_was_written_on() -> None:
    assert found(HERE) == []
    assert found(re.compile(re.escape(str(ROOT)) + r"\b")) == []


def test_no_file_holds_what_looks_like_a_real_key() -> None:
    assert found(KEYS) == []


@pytest.mark.parametrize(
    "pattern, text, hit",
    [
        (KEYS, "sk-" + "proj-" + "a1B2" * 6, True),
        (KEYS, "sk-" + "ant-api03-" + "a1B2" * 6, True),
        (KEYS, "AI" + "za" + "x" * 35, True),
        (KEYS, "sk-test-client-key-of-some-length", False),
        (KEYS, "sk-your-api-key-here", False),
        (HERE, "open(" + "/root" + "/x)", True),
        (HERE, "https://a.test" + "/work" + "/x", False),
        (HERE, "~" + "/root" + "/x", False),
    ],
)
def test_the_search_finds_what_it_must(pattern: re.Pattern[str], text: str, hit: bool) -> None:
    assert bool(pattern.search(text)) is hit
