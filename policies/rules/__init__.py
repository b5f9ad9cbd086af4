"""All rules, found by scanning the families in sorted order.

A rule exists by being a file here: there is no list to forget it in. A file without ``RULE`` and
``check``, or whose id is not its name, stops every gate at once; it never judges nothing silently.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache

from hospital.errors import DeclarationError, Problem
from hospital.rule import Check, Fix, Rule


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule with the family (package) that it was found in."""

    family: str
    rule: Rule
    check: Check
    fix: Fix | None = None


@cache
def all_rules() -> tuple[FoundRule, ...]:
    """Every rule, by family and id.

    Raises DeclarationError when a file is no rule, or two rules share an id.
    """
    found = tuple(
        _load(family, name)
        for family in _names(__name__)
        for name in _names(f"{__name__}.{family}")
    )
    ids = [item.rule.id for item in found]
    twice = sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1})
    if twice:
        raise _problem("policies/rules", f"two rules are called {', '.join(twice)}")
    return found


def _names(package: str) -> list[str]:
    path = importlib.import_module(package).__path__
    return sorted(module.name for module in pkgutil.iter_modules(path))


def _load(family: str, name: str) -> FoundRule:
    where = f"policies/rules/{family}/{name}.py"
    module = importlib.import_module(f"{__name__}.{family}.{name}")
    rule, check = getattr(module, "RULE", None), getattr(module, "check", None)
    if not isinstance(rule, Rule) or not callable(check):
        raise _problem(where, "is no rule: it needs RULE and check")
    if rule.id != name:
        raise _problem(where, f"calls itself {rule.id!r}; a rule's id is its file's name")
    return FoundRule(family, rule, check, getattr(module, "fix", None))


def _problem(where: str, message: str) -> DeclarationError:
    return DeclarationError((Problem(where, "RULE", message, "see docs/policies.md"),))
