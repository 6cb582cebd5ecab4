"""A recorded request as a shell script that sends it with curl."""

from __future__ import annotations

import re
import shlex

from .portable import Portable

END = "CLIPROXY_BODY"


def curl(one: Portable) -> str:
    """The body stands below in full: as an argument a long one would be too long for the system."""
    lines = [f"curl --silent --show-error --no-buffer --request {one.method} {_url(one)}"]
    lines += [f"--header {shlex.quote(f'{name}: {value}')}" for name, value in one.headers]
    lines.append(f'--header "{one.key_header}: {one.key_prefix}${{{one.key_variable}:-no-key-needed}}"')
    if not one.body:
        return _script(one, lines)
    end = END
    while re.search(rf"^{end}$", one.text, re.MULTILINE):
        end += "_"
    lines.append(f"--data-binary @- <<'{end}'\n{one.text}\n{end}")
    return _script(one, lines)


def _script(one: Portable, lines: list[str]) -> str:
    head = f"#!/bin/sh\n# {_plain(one.told)}\n"
    return head + " \\\n  ".join(lines) + "\n"


def _url(one: Portable) -> str:
    base = f"${{{one.url_variable}:-{one.base}}}" if one.url_variable else one.base
    return f'"{base}"{shlex.quote(one.target)}'


def _plain(told: str) -> str:
    return " ".join(told.split())
