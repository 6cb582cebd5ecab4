"""How YAML text becomes nodes that know their lines, and how YAML's own faults are told."""

from __future__ import annotations

import re

import yaml
from yaml import Node

from .settings_problems import ConfigError

# PyYAML quotes the names it stumbles over; a password that begins with `*` would be read as an alias, and shown.
_NAME = re.compile(r"(alias|anchor|handle) .*", re.DOTALL)
_ADVICE = {
    "found character '\\t' that cannot start any token": "a tab; YAML is indented with blanks only",
    "mapping values are not allowed here": "a ':' where none can be; check the indentation, quote text that holds one",
}


def compose(text: str, file: str) -> Node | None:
    """The document's root; None for an empty one. Raises ConfigError for what is not one YAML document."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _fault(file, mark.line + 1 if mark else 1, error.problem or error.context or "unreadable") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _fault(file, line, "a character that no text may hold") from None
    except (ValueError, OverflowError):  # an escape such as "\U99999999" goes through PyYAML's checks
        raise _fault(file, 1, "an escaped character that doesn't exist") from None
    except RecursionError:
        raise _fault(file, 1, "nested too deeply") from None


def _fault(file: str, line: int, reason: str) -> ConfigError:
    told = _ADVICE.get(reason) or _NAME.sub(r"\1 (its name is hidden)", reason)
    return ConfigError([f"{file}:{line}: not valid YAML: {told}."])


def line_of(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1
