"""How nodes are held against the schema: what fits becomes a tree of values, what doesn't becomes problems."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote, urlsplit

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from .settings_problems import OptionPath, Problem
from .settings_schema import Either, ListOf, MapOf, Scalar, Schema, Section
from .settings_values import Refused
from .settings_variables import BrokenVariable, Unset, UnsetVariable, expand, has_variable
from .settings_yaml import line_of

_NULL = "tag:yaml.org,2002:null"
_TEXT = "tag:yaml.org,2002:str"
_KINDS: dict[type[Node], str] = {MappingNode: "a section", SequenceNode: "a list"}


class Failed(Enum):
    """Stands where a value was refused, so that a list's numbers stay those of the file."""

    FAILED = "failed"


FAILED = Failed.FAILED


@dataclass(slots=True)
class Walk:
    """Remembers, while the nodes are read, the problems, the options' lines, and the secrets that came by."""

    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    lines: dict[OptionPath, int] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def read(self, schema: Schema, node: Node, path: OptionPath = ()) -> object:
        """Sections and maps as dicts, lists as lists, scalars as their readers gave them; FAILED for the rest."""
        self.lines.setdefault(path, line_of(node))
        match schema:
            case Section():
                return self._section(schema, node, path)
            case MapOf():
                return self._map(schema, node, path)
            case ListOf():
                return self._list(schema, node, path)
            case Either():
                return self._either(schema, node, path)
            case Scalar():
                return self._scalar(schema, node, path)

    def _section(self, schema: Section, node: Node, path: OptionPath) -> object:
        found: dict[str, object] = {}
        if not _is_null(node):  # a section with nothing in it is a section with its defaults
            if not isinstance(node, MappingNode):
                return self._refuse(node, path, "must be a section of options, not {}.")
            found = dict(self._options(schema, node, path))
        missing = [name for name in schema.required if name not in found]
        self.problems += [Problem(self.lines[path], (*path, name), "is missing.") for name in missing]
        return FAILED if missing else found

    def _options(self, schema: Section, node: MappingNode, path: OptionPath) -> Iterator[tuple[str, object]]:
        for name, value in self._pairs(node, path):
            option = schema.options.get(name)
            if option is None:
                told = f"unknown option{did_you_mean(name, schema.options) or '.'}"
                self.problems.append(Problem(self.lines[(*path, name)], (*path, name), told))
            elif not _is_null(value) or isinstance(option, Section):
                yield name, self.read(option, value, (*path, name))

    def _pairs(self, node: MappingNode, path: OptionPath) -> Iterator[tuple[str, Node]]:
        """Each name with its value, once; remembers the line of the name."""
        for name_node, value in node.value:
            here = line_of(name_node)
            if not isinstance(name_node, ScalarNode):
                self.problems.append(Problem(here, path, "the name of an option must be text."))
                continue
            option = (*path, name_node.value)
            if option in self.lines:
                first = self.lines[option]
                self.problems.append(Problem(here, option, f"is there twice; the first is in line {first}."))
                continue
            self.lines[option] = here
            yield name_node.value, value

    def _map(self, schema: MapOf, node: Node, path: OptionPath) -> object:
        if not isinstance(node, MappingNode):
            return self._refuse(node, path, "must be a section with names of your choice, not {}.")
        return {name: self._named(schema, name, value, (*path, name)) for name, value in self._pairs(node, path)}

    def _named(self, schema: MapOf, name: str, node: Node, path: OptionPath) -> object:
        try:
            schema.name.read(name)
        except ValueError:
            self.problems.append(Problem(self.lines[path], path[:-1], f"{{}} must be {schema.name.want}.", name))
        return self.read(schema.item, node, path)

    def _list(self, schema: ListOf, node: Node, path: OptionPath) -> object:
        if not isinstance(node, SequenceNode):
            return self._refuse(node, path, "must be a list, not {}.")
        return [self.read(schema.item, item, (*path, number)) for number, item in enumerate(node.value)]

    def _either(self, schema: Either, node: Node, path: OptionPath) -> object:
        if isinstance(node, MappingNode):
            return self._section(schema.section, node, path)
        value = self._scalar(schema.scalar, node, path)
        return FAILED if value is FAILED else {schema.short: value}

    def _scalar(self, schema: Scalar, node: Node, path: OptionPath) -> object:
        told = f"must be {schema.want}" + ("." if schema.secret or schema.hidden else ", not {}.")
        if not isinstance(node, ScalarNode):
            return self._refuse(node, path, told)
        text = self._expanded(schema, node, path)
        if not isinstance(text, str):
            return text
        self._remember(schema, text)
        # Quotes decide in YAML whether 8317 is a number; a variable's value is text, and may be either.
        if has_variable(node.value) or node.tag.rpartition(":")[2] in schema.tags:
            try:
                return schema.read(text)
            except Refused as refused:
                told = told.replace(schema.want, f"{schema.want} ({refused})")
            except (ValueError, OverflowError):
                pass
        return self._refuse(node, path, told)

    def _expanded(self, schema: Scalar, node: ScalarNode, path: OptionPath) -> str | Unset | Failed:
        try:
            return expand(node.value, self.environ)
        except BrokenVariable:
            return self._refuse(node, path, 'has a "${" without NAME and "}"; write "$${" for the text itself.')
        except UnsetVariable as unset:
            if schema.may_be_unset:
                return Unset(unset.name)
            fault = f"the variable {unset.name} is not set; set it, or write ${{{unset.name}:-default}}."
            return self._refuse(node, path, fault)

    def _remember(self, schema: Scalar, text: str) -> None:
        if schema.secret:
            self.secrets.add(text.strip())
        if "@" in text and "://" in text:
            self.secrets.add(_password(text))

    def _refuse(self, node: Node, path: OptionPath, told: str) -> Failed:
        """The problem with the value as the file spells it: never what a variable holds."""
        kind = "empty" if _is_null(node) else _KINDS.get(type(node))
        value = None if kind else node.value
        told = told.replace("{}", kind) if kind else told
        self.problems.append(Problem(line_of(node), path, told, value, bare=node.tag != _TEXT))
        return FAILED


def did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name.lower().replace("_", "-"), list(known), 1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _is_null(node: Node) -> bool:
    return bool(node.tag == _NULL)


def _password(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""
