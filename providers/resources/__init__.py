"""The resources of the provider ``hospital``, one module per world they live in.

A resource kind works on plain values only: ``provider.py`` turns Pulumi's into these and back.
Its state is its inputs, as last applied or as last seen by ``read``; a kind is found by scanning
this package, so a new kind is a new class and nothing else.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from hospital.errors import DeclarationError, Problem
from providers.access import Access
from providers.changes import Difference, differences

Plain = dict[str, Any]


class ResourceKind:
    """One type of resource; subclasses say what it means in their world.

    ``create`` and ``update`` are idempotent: called again after an interruption they finish.
    """

    token: str  # the last part of ``hospital:index:<token>``
    required: tuple[tuple[str, type], ...] = ()  # inputs that must be there, and of which type
    identity: frozenset[str] = frozenset()  # inputs whose change needs a new resource

    def __init__(self, access: Access) -> None:
        self.access = access

    def check(self, inputs: Plain) -> Plain:
        """The inputs, completed; DeclarationError with every problem otherwise."""
        problems = tuple(
            Problem(self.token, name, f"must be given, as {_words(kind)}")
            for name, kind in self.required
            if not isinstance(inputs.get(name), kind)
        )
        if problems:
            raise DeclarationError(problems)
        return inputs

    def id(self, inputs: Plain) -> str:
        """What ``pulumi import`` finds it by."""
        raise NotImplementedError

    def diff(self, old: Plain, new: Plain) -> tuple[Difference, ...]:
        """Declared differences. Unequal worlds are the business of ``drift``."""
        return differences(old, new)

    def drift(self, new: Plain) -> tuple[Difference, ...]:
        """Where the world differs from what was declared and applied; () if it cannot be seen so.

        UnavailableError if the world does not answer.
        """
        return ()

    def create(self, inputs: Plain) -> None:
        """Make it, or finish making it."""
        raise NotImplementedError

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002 - Pulumi's word
        """The state as it is in the world; None if it is gone. ``state`` is {} when importing."""
        raise NotImplementedError

    def update(self, old: Plain, new: Plain) -> None:
        """Lead from one declaration to another."""
        self.create(new)

    def delete(self, state: Plain) -> None:
        """Remove it; being gone already is success."""
        raise NotImplementedError


def kinds() -> dict[str, type[ResourceKind]]:
    """All resource kinds by token."""
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return {kind.token: kind for kind in _leaves(ResourceKind)}


def _leaves(kind: type[ResourceKind]) -> list[type[ResourceKind]]:
    found = [kind] if "token" in vars(kind) else []
    return found + [leaf for child in kind.__subclasses__() for leaf in _leaves(child)]


def _words(kind: type) -> str:
    return {str: "text", list: "a list", dict: "an object", bool: "true or false"}[kind]
