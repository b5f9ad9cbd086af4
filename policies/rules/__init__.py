"""All rules: what each says of itself from an index, what it checks from its file.

A rule exists by being a file here. The index (``policies/index.py``) spares every gate the import
of rules that it never asks. A file that the index does not name, one that is no rule, or whose id
is not its name, stops every gate at once; a rule that says otherwise than the index is a rule that
failed. None ever judges nothing silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from hospital.errors import DeclarationError, Problem
from hospital.rule import Check, Fix, Rule, RuleModule
from policies.index import Entry, read, written

HERE = Path(__file__).parent
INDEX = HERE / "index.json"
REMEDY = "python -m policies.pages; see docs/policies.md"


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule with the family (package) that it was found in."""

    family: str
    rule: Rule
    check: Check
    fix: Fix | None = None


@cache
def all_rules() -> tuple[FoundRule, ...]:
    """Every rule, by family and id; the file of each is imported when it is first asked.

    Raises DeclarationError when the index does not name the files that are here.
    """
    entries = tuple(read(INDEX.read_bytes()))
    named = [(each.family, each.rule.id) for each in entries]
    for family, name in sorted({*named} ^ {*_files()}):
        raise _problem(family, name, "and the index differ on whether there is such a rule")
    return tuple(_found(each) for each in entries)


def index() -> str:
    """What the index must hold, by the files themselves.

    Raises DeclarationError when a file is no rule, or two rules share an id.
    """
    files = _files()
    ids = [name for _, name in files]
    for family, name in files:
        if ids.count(name) > 1:
            raise _problem(family, name, "is the name of another rule too")
    modules = ((family, _module(family, name)) for family, name in files)
    return written(Entry(family, found.RULE, hasattr(found, "fix")) for family, found in modules)


def load(rules: Iterable[FoundRule]) -> None:
    """Import the files of these rules now, for who must not wait when one is first asked."""
    for found in rules:
        _module(found.family, found.rule.id)


class _Asked:
    """A function of a rule's file, which is imported when the function is first called."""

    __slots__ = ("_entry", "_function", "_name")

    def __init__(self, entry: Entry, name: str) -> None:
        self._entry, self._name = entry, name
        self._function: Any = None

    def __call__(self, *arguments: Any) -> Any:
        if self._function is None:
            family, rule, _ = self._entry
            module = _module(family, rule.id)
            if rule != module.RULE:
                raise _problem(family, rule.id, "says otherwise than the index")
            self._function = getattr(module, self._name)
        return self._function(*arguments)


def _found(entry: Entry) -> FoundRule:
    fix = _Asked(entry, "fix") if entry.fixes else None
    return FoundRule(entry.family, entry.rule, _Asked(entry, "check"), fix)


def _files() -> list[tuple[str, str]]:
    """Family and name of every file of a rule."""
    paths = HERE.glob("*/*.py")
    return sorted((path.parent.name, path.stem) for path in paths if path.stem != "__init__")


def _module(family: str, name: str) -> RuleModule:
    module: Any = import_module(f"{__name__}.{family}.{name}")
    rule, check = getattr(module, "RULE", None), getattr(module, "check", None)
    if not isinstance(rule, Rule) or not callable(check):
        raise _problem(family, name, "is no rule: it needs RULE and check")
    if rule.id != name:
        raise _problem(family, name, f"calls itself {rule.id!r}; a rule's id is its file's name")
    found: RuleModule = module
    return found


def _problem(family: str, name: str, message: str) -> DeclarationError:
    where = f"policies/rules/{family}/{name}.py"
    return DeclarationError((Problem(where, "RULE", message, REMEDY),))
