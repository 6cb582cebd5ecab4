"""`cliproxy generate-key`."""

import re

from click.testing import CliRunner

from cliproxy.cli.main import main


def test_a_new_key_each_time() -> None:
    keys = {CliRunner().invoke(main, ["generate-key"]).output for _ in range(20)}
    assert len(keys) == 20
    assert all(re.fullmatch(r"sk-cliproxy-[\w-]{43}\n", key) for key in keys)
