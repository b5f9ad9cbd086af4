"""What a cloud's policy document allows: whom it lets in, and whether it holds anybody back.

Documents are what AWS-compatible clouds call policies: statements with effect, principal, action,
resource, condition. A condition is taken to narrow what it stands at: whether it narrows enough
is a matter for people, so what is said here is never more than the document certainly says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Plain = Mapping[str, Any]

EVERYTHING = frozenset({"*", "*:*"})
SECURE = "aws:SecureTransport"


def allows_everything(document: Plain) -> bool:
    """Whether it allows every action on every resource, without a condition."""
    return any(
        EVERYTHING.intersection(_listed(each.get("Action")))
        and "*" in _listed(each.get("Resource"))
        for each in _allowing(document)
    )


def admits_everybody(document: Plain) -> bool:
    """Whether it allows anything to everybody in the world, without a condition."""
    return any("*" in _principals(each) for each in _allowing(document))


def requires_encryption(document: Plain) -> bool:
    """Whether it refuses everybody every access that does not come over TLS."""
    return any(
        each.get("Effect") == "Deny"
        and "*" in _principals(each)
        and {"s3:*", *EVERYTHING}.intersection(_listed(each.get("Action")))
        and _unencrypted(each.get("Condition", {}))
        for each in _statements(document)
    )


def _unencrypted(condition: Plain) -> bool:
    """Whether the condition is that the access is not encrypted, and nothing besides."""
    if condition.keys() not in ({"Bool"}, {"BoolIfExists"}):
        return False
    (tests,) = condition.values()
    return [(key, str(value).lower()) for key, value in tests.items()] == [(SECURE, "false")]


def _allowing(document: Plain) -> Iterator[Plain]:
    for each in _statements(document):
        if each.get("Effect") == "Allow" and not each.get("Condition"):
            yield each


def _statements(document: Plain) -> Iterable[Plain]:
    found = document.get("Statement", ())
    return (found,) if isinstance(found, Mapping) else tuple(found)


def _principals(statement: Plain) -> frozenset[str]:
    principal = statement.get("Principal", ())
    if isinstance(principal, Mapping):
        return frozenset(name for each in principal.values() for name in _listed(each))
    return frozenset(_listed(principal))


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())
