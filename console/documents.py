"""YAML documents one after the other, as plain values whose mappings know their line.

What a stranger wrote is read here, of any size: memory holds one document, nesting and aliases are
bounded, and no tag makes anything but text. What two readers could take for two things, such as a
key given twice, is refused with its line. JSON is read as the YAML that it is.

``stacks/estate.py`` reads our own small file instead: whole, with the mark of every field.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from console.scalars import key_of, resolved
from console.text import Text, refusal, shown
from hospital.errors import DeclarationError

DEEPEST = 100  # collections within each other: what walks over values later recurses
MOST_REPEATED = 1_000_000  # values
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, not built everywhere
RENDER = "if it is a template, judge what `helm template` makes of it"

_TEXT = frozenset({"!", "tag:yaml.org,2002:str"})
_COLLECTION = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_HALF = re.compile("[\ud800-\udfff]")  # the scanner in Python makes halves of characters


@dataclass(slots=True)
class Allowance:
    """How many values aliases may still repeat.

    One for all files of a reading, because a thousand small bombs are a big one.
    """

    left: int = MOST_REPEATED


class Block(dict[str, Any]):
    """A mapping that knows the line on which it starts."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        self.line = line  # `dict` itself needs no beginning


def documents(stream: BinaryIO, name: str, *, allowance: Allowance) -> Iterator[tuple[Any, int]]:
    """Every document of the file ``name`` that holds a value, with the line where that starts.

    Mappings are ``Block``. Raises DeclarationError at the first thing that cannot be read exactly;
    the documents before it have been given.
    """
    composer = _Composer(Text(stream, name), name, allowance)
    try:
        yield from composer.documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else composer.line
        message = f"is not YAML: {error.problem or error.context}"
        raise refusal(f"{name}:{line}", message, remedy=RENDER) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The scanner in Python lets an escape beyond Unicode fail in `chr`.
        raise refusal(f"{name}:{composer.line}", f"is not YAML: {error}") from error


class _Composer:
    """Makes values of the parser's events. Values that aliases repeat are shared, not copied."""

    def __init__(self, text: Text, name: str, allowance: Allowance) -> None:
        self._name = name
        self._allowance = allowance
        self._text = text
        self._last: Event | None = None
        self._get: Callable[[], Event]
        self._anchors: dict[str | None, tuple[Any, int, int]] = {}  # value, its size, its height
        self._size = 0  # values so far; those that aliases repeat count each time
        self._reach = 0  # depth of the deepest value so far

    def documents(self) -> Iterator[tuple[Any, int]]:
        """Each document's value and line; a document without a value is nothing."""
        self._get = LOADER(self._text).get_event
        while not isinstance(event := self._next(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self._anchors = {}
                first = self._next()
                line = self.line
                value = self._value(first, 0)
                if value is not None:
                    yield value, line

    @property
    def line(self) -> int:
        """The line of the last event."""
        mark = self._last.start_mark if self._last else None
        return mark.line + 1 if mark else 1

    def _next(self) -> Event:
        self._last = event = self._get()
        return event

    def _error(self, message: str, *, field: str = "(value)", remedy: str = "") -> DeclarationError:
        return refusal(f"{self._name}:{self.line}", message, field=shown(field), remedy=remedy)

    def _value(self, event: Event, depth: int) -> Any:
        if type(event) is ScalarEvent and event.anchor is None:  # four of five: spare them the rest
            self._size += 1
            if depth > self._reach:  # noqa: PLR1730  # `max` takes thrice as long
                self._reach = depth
            return self._scalar(event)
        if isinstance(event, AliasEvent):
            return self._repeated(event.anchor, depth)
        size, reach = self._size, self._reach
        self._size, self._reach = size + 1, depth
        value = self._made(event, depth)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._anchors[event.anchor] = (value, self._size - size, self._reach - depth)
        self._reach = max(reach, self._reach)
        return value

    def _repeated(self, anchor: str | None, depth: int) -> Any:
        if anchor not in self._anchors:
            raise self._error(f"*{shown(str(anchor))} repeats nothing that ended above it")
        value, size, height = self._anchors[anchor]
        self._check_depth(depth + height)
        self._reach = max(self._reach, depth + height)
        self._size += size
        self._allowance.left -= size
        if self._allowance.left < 0:
            raise self._error(f"aliases repeat more than {MOST_REPEATED} values")
        return value

    def _made(self, event: Event, depth: int) -> Any:
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        self._check_depth(depth)
        if isinstance(event, CollectionStartEvent) and event.tag not in _COLLECTION:
            raise self._tagged(str(event.tag))
        if isinstance(event, MappingStartEvent):
            return self._mapping(Block(self.line), depth + 1)
        return self._sequence(depth + 1)

    def _check_depth(self, depth: int) -> None:
        if depth >= DEEPEST:
            raise self._error(f"is nested more than {DEEPEST} deep")

    def _sequence(self, depth: int) -> list[Any]:
        found = []
        while type(event := self._next()) is not SequenceEndEvent:
            found.append(self._value(event, depth))
        return found

    def _mapping(self, found: Block, depth: int) -> Block:
        inherited: set[str] | None = None  # keys that a merge brought; None before it
        get = self._get  # not `_next`: a twentieth of all the time of reading
        while True:
            self._last = event = get()
            if type(event) is MappingEndEvent:
                return found
            if type(event) is ScalarEvent and event.value == "<<" and _is_plain(event):
                if inherited is not None:
                    raise self._error("given twice", field="<<")
                inherited = self._merge(found, self._value(self._next(), depth))
                continue
            key = self._value(event, depth)
            if type(key) is not str and (key := key_of(key)) is None:
                raise self._error("a key must be text", field="(key)", remedy=RENDER)
            if key in found:
                if not inherited or key not in inherited:
                    raise self._error("given twice", field=key)
                inherited.discard(key)
            self._last = event = get()
            found[key] = self._value(event, depth)

    def _merge(self, found: Block, bases: Any) -> set[str]:
        """Lays ``bases`` under ``found``; returns the keys that came of them."""
        inherited: set[str] = set()
        for base in bases if isinstance(bases, list) else [bases]:
            if not isinstance(base, Block):
                raise self._error("merges what is no mapping", field="<<")
            for key in (key for key in base if key not in inherited):
                if key in found:
                    # YAML lets the key win, the reader of Kubernetes the merge.
                    remedy = "put << before the keys that it shall not change"
                    raise self._error("is merged over its value above", field=key, remedy=remedy)
                found[key] = base[key]
                inherited.add(key)
        return inherited

    def _scalar(self, event: ScalarEvent) -> Any:
        text, tag = event.value, event.tag
        if not text.isascii() and _HALF.search(text):
            raise self._error("is not YAML: an escape is half a character")
        if tag is not None:
            if tag in _TEXT:
                return text
            raise self._tagged(tag)
        value = resolved(text) if event.implicit[0] else text
        if type(value) is float and not math.isfinite(value):
            raise self._error(f"{event.value} is no number that JSON can hold")
        return value

    def _tagged(self, tag: str) -> DeclarationError:
        return self._error(f"has the tag {shown(tag)}", remedy="write the plain value")


def _is_plain(event: ScalarEvent) -> bool:
    """Whether it has neither quotes nor tag."""
    return event.tag is None and bool(event.implicit[0])
