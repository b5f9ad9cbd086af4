"""Kubernetes objects of plain files: YAML or JSON, one file, a directory, or standard input.

Nothing is installed, rendered, extracted or asked of a cluster, so no archive can write anywhere
and no template can run. Every object knows where it stands. What must never happen is that
something is passed over in silence: what is no object is told as ``Skipped``, what was not read as
``Unread``, and one error at the end names every file that could not be read exactly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from console.documents import Allowance, Block, documents
from console.text import printable, refusal
from hospital.errors import DeclarationError, Problem

STDIN = Path("-")
SUFFIXES = frozenset({".yaml", ".yml", ".json"})
ARCHIVES = (".tgz", ".tar.gz")
TEMPLATES = "its templates are no YAML: judge what `helm template` makes of it"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One Kubernetes object, of whatever kind."""

    item: Mapping[str, Any]
    place: str  # `file:line` of its first line


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that is no Kubernetes object: a cluster would not take it either."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Unread:
    """What a cluster might take and nobody looked at, so that nothing can be said of it."""

    place: str
    why: str


Found = Manifest | Skipped | Unread


def read(path: Path) -> Iterator[Found]:
    """All that the file or directory ``path`` holds, lists unfolded; ``-`` is standard input.

    Memory holds one document at a time. Raises DeclarationError after the last, with the first
    problem of every broken file, or because there was no object at all.
    """
    problems: list[Problem] = []
    unread: list[Unread] = []
    allowance, objects = Allowance(), 0
    for source in _sources(path):
        try:
            for found in _found_in(source, allowance):
                if isinstance(found, Manifest):
                    objects += 1
                elif isinstance(found, Unread):
                    unread.append(found)
                yield found
        except DeclarationError as error:
            problems += error.problems
    if not objects and not problems:
        problems = [Problem(each.place, "(file)", each.why) for each in unread]
        problems.append(Problem(_name(path), "(file)", "holds no Kubernetes object"))
    if problems:
        raise DeclarationError(tuple(problems))


def _found_in(source: Path | Unread, allowance: Allowance) -> Iterator[Found]:
    if isinstance(source, Unread):
        yield source
        return
    name = _name(source)
    try:
        with _opened(source) as stream:
            for value, line in documents(stream, name, allowance=allowance):
                yield from _unfolded(value, line, name)
    except OSError as error:
        raise refusal(name, f"cannot be read: {error.strerror}") from error


def _unfolded(value: Any, line: int, name: str) -> Iterator[Found]:
    """The object, or every object of a list; whatever has ``items`` is one, as for kubectl."""
    if not isinstance(value, Block):
        yield Skipped(f"{name}:{line}", "is no mapping")
        return
    place = f"{name}:{value.line}"
    absent = [key for key in ("apiVersion", "kind") if not _worded(value.get(key))]
    if absent:
        yield Skipped(place, f"has no {' and no '.join(absent)}")
    elif isinstance(items := value.get("items"), list):
        for item in items:
            yield from _unfolded(_typed(item, value), value.line, name)
    elif not isinstance(value.get("metadata"), Block | None):
        raise refusal(place, "is no mapping", field="metadata")
    else:
        yield Manifest(value, place)


def _typed(item: Any, around: Block) -> Any:
    """An item of a ``PodList`` is a Pod, though it does not say so."""
    kind = around["kind"].removesuffix("List")
    if not isinstance(item, Block) or item.get("kind") or kind in ("", around["kind"]):
        return item
    typed = Block(item.line)
    typed.update(item | {"apiVersion": around["apiVersion"], "kind": kind})
    return typed


def _worded(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _sources(path: Path) -> Iterator[Path | Unread]:
    if path == STDIN:
        yield path
    elif path.name.lower().endswith(ARCHIVES):
        yield Unread(_name(path), f"is an archive; if it is a Helm chart, {TEMPLATES}")
    elif path.is_dir():
        yield from _within(path)
    else:
        yield path


def _within(root: Path) -> Iterator[Path | Unread]:
    """The files to read in a directory, each once, and what is left out of it."""
    home, taken = root.resolve(), set[Path]()
    for found in _candidates(root):
        if isinstance(found, Unread):
            yield found
            continue
        try:
            target = found.resolve(strict=True)
        except (OSError, RuntimeError):  # a loop of links is a RuntimeError until Python 3.13
            yield Unread(_name(found), "is a link that leads nowhere")
            continue
        if not target.is_relative_to(home):
            yield Unread(_name(found), f"is a link out of {_name(root)}: not followed")
        elif target.is_file() and target not in taken:
            taken.add(target)
            yield found
        elif not target.is_file() and not target.is_dir():
            yield Unread(_name(found), "is neither a file nor a directory")


def _candidates(root: Path) -> list[Path | Unread]:
    """Sorted: files named as manifests, linked directories, charts, and what cannot be listed."""
    found: dict[Path, Path | Unread] = {}

    def closed(error: OSError) -> None:
        path = Path(error.filename)
        found[path] = Unread(_name(path), f"cannot be listed: {error.strerror}")

    for folder, folders, names in os.walk(root, onerror=closed):
        here = Path(folder)
        if "Chart.yaml" in names and "templates" in folders:
            found[here] = Unread(_name(here), f"is a Helm chart; {TEMPLATES}")
            folders.clear()
            continue
        links = (here / name for name in folders if (here / name).is_symlink())
        files = (here / name for name in names if Path(name).suffix.lower() in SUFFIXES)
        found |= {path: path for path in (*links, *files)}
    return [found[path] for path in sorted(found)]


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if path == STDIN else path.open("rb")


def _name(path: Path) -> str:
    return "stdin" if path == STDIN else printable(str(path))
