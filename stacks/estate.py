"""Reads a declaration from a YAML file, remembering where every field stands.

Why not ``yaml.safe_load``: it forgets lines and silently keeps the last of two
equal keys. A file must never be half understood: what cannot be read exactly is
refused with file, line and column, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from hospital.calendar_form import CALENDAR, DeclaredCalendar
from hospital.declaration import declare
from hospital.errors import DeclarationError, Problem
from hospital.estate import Estate, Policy
from hospital.form import POLICY
from hospital.kinds import Notes, dotted
from hospital.kinds import Path as FieldPath
from hospital.records import Record

MOST_VALUES = 200_000  # fields and items, those that aliases repeat included


def read_estate(path: Path) -> Estate:
    """The estate declared in the file ``path``; DeclarationError with all problems otherwise."""
    document = _Document(path)
    if document.problems:
        raise DeclarationError(tuple(document.problems))
    return declare(document.value, locate=document.locate, source=str(path))


def read_policy(path: Path) -> Policy:
    """What a file of its own says of the rules, as ``spec.policy`` of a declaration does.

    DeclarationError with all problems otherwise.
    """
    found: Policy = _read(path, POLICY)
    return found


def read_calendar(path: Path) -> DeclaredCalendar:
    """When waves of migrations begin and when nothing is cut over; DeclarationError otherwise."""
    found: DeclaredCalendar = _read(path, CALENDAR)
    return found


def _read(path: Path, form: Record) -> Any:
    document = _Document(path)
    notes = Notes(document.locate, document.problems)
    found = form.blank if notes.problems else form.read(document.value, (), notes)
    if notes.problems:
        raise DeclarationError(tuple(notes.problems))
    return found


class _Document:
    """A YAML file as plain values with the mark of every key and value."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.value: Any = None
        self._marks: dict[FieldPath, yaml.Mark] = {}
        self._values = 0
        self._loader = yaml.SafeLoader("")
        node = self._compose(self._text())
        if node is not None:
            self.value = self._plain(node, (), trail=frozenset())

    def locate(self, path: FieldPath) -> str:
        """``file:line:column`` of a field, or of the nearest thing that contains it."""
        while path not in self._marks and path:
            path = path[:-1]
        mark = self._marks.get(path)
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}" if mark else f"{self.path}:1:1"

    def _problem(
        self, where: str, message: str, *, field: str = "(file)", remedy: str = ""
    ) -> None:
        self.problems.append(Problem(where, field, message, remedy))

    def _text(self) -> str:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            self._problem(str(self.path), f"cannot be read: {error.strerror}")
            return ""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start]
            column = error.start - (before.rfind(b"\n") + 1) + 1
            line = before.count(b"\n") + 1
            where = f"{self.path}:{line}:{column}"
            self._problem(where, "is not UTF-8", remedy="save the file as UTF-8")
            return ""
        if not text.strip():
            self._problem(f"{self.path}:1:1", "is empty", remedy="see stacks/estates/lab.yaml")
        return text

    def _compose(self, text: str) -> yaml.Node | None:
        if self.problems:
            return None
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"{self.path}:{mark.line + 1}:{mark.column + 1}" if mark else f"{self.path}:1:1"
            self._problem(where, f"is not YAML: {error.problem or error.context}")
            return None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self._problem(f"{self.path}:{line}:1", "holds a character that YAML forbids")
            return None
        except RecursionError:
            self._problem(f"{self.path}:1:1", "is nested too deeply to be a declaration")
            return None
        if node is None:
            self._problem(f"{self.path}:1:1", "holds only comments")
        return node

    def _plain(self, node: yaml.Node, path: FieldPath, *, trail: frozenset[int]) -> Any:
        """``node`` as dict, list or scalar; an alias inside itself is refused."""
        self._marks.setdefault(path, node.start_mark)
        if id(node) in trail:
            self._problem(self.locate(path), "refers to itself", field=dotted(path))
            return None
        self._values += 1
        if self._values > MOST_VALUES:
            if self._values == MOST_VALUES + 1:
                said = f"holds more than {MOST_VALUES} values, aliases included"
                self._problem(_where(self.path, node), said, field=dotted(path))
            return None
        trail |= {id(node)}
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, trail=trail)
        if isinstance(node, yaml.SequenceNode):
            return [
                self._plain(item, (*path, index), trail=trail)
                for index, item in enumerate(node.value)
            ]
        return self._scalar(node, path)

    def _mapping(
        self, node: yaml.MappingNode, path: FieldPath, *, trail: frozenset[int]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(_where(self.path, key_node), "a key must be text", field=dotted(path))
                continue
            key = str(key_node.value)
            child = (*path, key)
            if key in found:
                remedy = f"it stands first at {self.locate(child)}"
                where = _where(self.path, key_node)
                self._problem(where, "given twice", field=dotted(child), remedy=remedy)
                continue
            self._marks[child] = key_node.start_mark
            found[key] = self._plain(value_node, child, trail=trail)
        return found

    def _scalar(self, node: yaml.Node, path: FieldPath) -> Hashable:
        try:
            value: Hashable = self._loader.construct_object(node)
        except (yaml.constructor.ConstructorError, ValueError):
            self._problem(self.locate(path), f"has no plain value ({node.tag})", field=dotted(path))
            return None
        return value


def _where(path: Path, node: yaml.Node) -> str:
    return f"{path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
