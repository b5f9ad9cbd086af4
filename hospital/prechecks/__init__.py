"""The checks that come before a migration, found by scanning this package in sorted order.

A check exists by being a file here: there is no list to forget it in. A file without ``CHECK``, or
whose id is not its name, stops them all; it never passes anything silently. ``check``, ``facts``
and ``database`` are the words that the checks are written in.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from hospital.errors import DeclarationError, Problem
from hospital.prechecks.check import Precheck

WORDS = frozenset({"check", "facts", "database"})
"""Modules of this package that are no checks."""


@cache
def all_checks() -> tuple[Precheck, ...]:
    """Every check, by id. Raises DeclarationError when a file is none."""
    names = {module.name for module in pkgutil.iter_modules(__path__)} - WORDS
    return tuple(_load(name) for name in sorted(names))


def _load(name: str) -> Precheck:
    found = getattr(importlib.import_module(f"{__name__}.{name}"), "CHECK", None)
    if not isinstance(found, Precheck):
        raise _problem(name, "is no check: it needs CHECK")
    if found.id != name:
        raise _problem(name, f"calls itself {found.id!r}; a check's id is its file's name")
    return found


def _problem(name: str, message: str) -> DeclarationError:
    where = f"hospital/prechecks/{name}.py"
    return DeclarationError((Problem(where, "CHECK", message, "see docs/prechecks.md"),))
