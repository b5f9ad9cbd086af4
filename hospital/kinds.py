"""The kinds of field that a declaration may have: each reads a value and describes itself.

One object serves both readers, so that they cannot disagree: ``read`` turns plain
YAML values into the core's units and reports what is wrong, ``schema`` tells an
editor the same as JSON Schema (draft 2020-12). A kind must never guess: a number
without a unit is refused, not taken for seconds or megabytes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

from hospital.errors import Problem

Path = tuple[str | int, ...]
Locate = Callable[[Path], str]
"""Path of a field → where it stands, ``file:line:column``."""

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_MEBIBYTES = {"Mi": 1, "Gi": 1024, "Ti": 1024**2}
_MBPS = {"Mbps": 1, "Gbps": 1000}
_LABEL = r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"  # RFC 1035 label: fits DNS and Kubernetes names
_DOMAIN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"

_ORGANIZATION = r"""^[^\s'"\\][^\x00-\x1f'"\\]{0,63}$"""  # it is quoted in configuration files


class Misread(Exception):
    """A single value that is not of its kind; caught by ``Notes``, never leaves this module."""

    def __init__(self, message: str, remedy: str = "") -> None:
        self.remedy = remedy
        super().__init__(message)


def dotted(path: Path) -> str:
    """``("spec", "sites", 0, "name")`` → ``spec.sites[0].name``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "(document)"


def nearest(word: str, words: Iterable[str]) -> str:
    """``did you mean X?`` for the most similar of ``words``; "" if none is near."""
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"did you mean '{found[0]}'?" if found else ""


@dataclass(slots=True)
class Notes:
    """Every problem met while reading one document."""

    locate: Locate
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, message: str, remedy: str = "") -> None:
        """Note one problem of the field at ``path``."""
        self.problems.append(Problem(self.locate(path), dotted(path), message, remedy))


class Kind(Protocol):
    """What a field may hold; ``blank`` stands for it where it could not be read."""

    @property
    def blank(self) -> Any:
        """A harmless value with which reading goes on, so that all problems are found."""

    def read(self, value: object, path: Path, notes: Notes) -> Any:
        """The value in the core's units; problems go to ``notes``."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the field."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: ``convert`` raises ``Misread`` if it is not of this kind."""

    convert: Callable[[object], Any]
    shape: Mapping[str, Any]
    blank: Any = ""

    def read(self, value: object, path: Path, notes: Notes) -> Any:
        """The converted value, or ``blank`` with a problem noted."""
        try:
            return self.convert(value)
        except Misread as wrong:
            notes.add(path, str(wrong), wrong.remedy)
            return self.blank

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the value."""
        return dict(self.shape)


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    raise Misread(f"expected text, found {_name_of(value)}", "put it in quotes")


def _name_of(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"{value!r}"


def text(pattern: str = "", *, what: str = "text") -> Scalar:
    """Non-empty text, matching ``pattern`` if given; ``what`` names it in the message."""

    def convert(value: object) -> str:
        found = _string(value)
        if not found.strip():
            raise Misread(f"expected {what}, found nothing")
        if pattern and not re.fullmatch(pattern, found):
            raise Misread(f"'{found}' is not {what}", f"it must match {pattern}")
        return found

    shape: dict[str, Any] = {"type": "string", "minLength": 1}
    return Scalar(convert, {**shape, "pattern": pattern} if pattern else shape)


def choice(values: type[StrEnum] | tuple[str, ...]) -> Scalar:
    """One of an enum's values, or of plain words."""
    words = [str(value) for value in values]

    def convert(value: object) -> Any:
        found = _string(value)
        if found not in words:
            raise Misread(f"'{found}' is not one of {', '.join(words)}", nearest(found, words))
        return values(found) if isinstance(values, type) else found

    blank = next(iter(values))
    return Scalar(convert, {"enum": words}, blank)


def integer(low: int, high: int) -> Scalar:
    """A whole number from ``low`` to ``high``, both included."""

    def convert(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Misread(f"expected a whole number, found {_name_of(value)}")
        if not low <= value <= high:
            raise Misread(f"{value} is not between {low} and {high}")
        return value

    return Scalar(convert, {"type": "integer", "minimum": low, "maximum": high}, low)


def boolean() -> Scalar:
    """true or false."""

    def convert(value: object) -> bool:
        if not isinstance(value, bool):
            raise Misread(f"expected true or false, found {_name_of(value)}")
        return value

    return Scalar(convert, {"type": "boolean"}, False)


def _measured(units: Mapping[str, float], *, example: str) -> tuple[str, Callable[[object], float]]:
    unit = "|".join(sorted(units, key=len, reverse=True))
    pattern = rf"^(\d+(\.\d+)?({unit}))+$"

    def convert(value: object) -> float:
        if not isinstance(value, str) or not re.match(pattern, value):
            raise Misread(
                f"{_name_of(value)} is not a number with a unit ({', '.join(units)})",
                f"for example {example}",
            )
        parts = re.findall(rf"(\d+(?:\.\d+)?)({unit})", value)
        return sum(float(number) * units[name] for number, name in parts)

    return pattern, convert


def duration() -> Scalar:
    """``5m``, ``0s``, ``1h30m`` → timedelta."""
    pattern, convert = _measured(_SECONDS, example="5m or 0s")
    return Scalar(
        lambda value: timedelta(seconds=convert(value)),
        {"type": "string", "pattern": pattern},
        timedelta(0),
    )


def day() -> Scalar:
    """``2027-03-31`` → date; YAML reads it as one already when it is not in quotes."""

    def convert(value: object) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(_string(value))
        except ValueError as wrong:
            raise Misread(f"{value!r} is no day", "write it as 2027-03-31") from wrong

    return Scalar(convert, {"type": "string", "format": "date"}, date.max)


def memory() -> Scalar:
    """``512Mi``, ``16Gi`` → mebibytes."""
    pattern, convert = _measured(_MEBIBYTES, example="16Gi")
    return Scalar(lambda value: int(convert(value)), {"type": "string", "pattern": pattern}, 0)


def bandwidth() -> Scalar:
    """``10Gbps`` → megabits per second."""
    pattern, convert = _measured(_MBPS, example="10Gbps")
    return Scalar(lambda value: int(convert(value)), {"type": "string", "pattern": pattern}, 0)


def cpu() -> Scalar:
    """``500m`` or ``"8"`` (cores) → millicores, as Kubernetes writes them."""
    pattern = r"^\d+m?$"

    def convert(value: object) -> int:
        found = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(found, str) or not re.match(pattern, found):
            raise Misread(f"{_name_of(value)} is not a CPU quantity", 'for example "8" or 500m')
        return int(found[:-1]) if found.endswith("m") else int(found) * 1000

    return Scalar(
        convert, {"type": ["string", "integer"], "pattern": pattern, "minimum": 0}, blank=0
    )


def label() -> Scalar:
    """A name: lower case, digits and hyphens, at most 63 characters."""
    return text(_LABEL, what="a name (lower case, digits, hyphens)")


def domain() -> Scalar:
    """A DNS zone without trailing dot."""
    return text(_DOMAIN, what="a domain name")


def organization() -> Scalar:
    """The organisation of a certificate's subject (O, X.520: at most 64 characters)."""
    return text(_ORGANIZATION, what="an organisation of a certificate")


def address() -> Scalar:
    """An IP address."""

    def convert(value: object) -> str:
        found = _string(value)
        try:
            return str(ip_address(found))
        except ValueError:
            raise Misread(f"'{found}' is not an IP address") from None

    return Scalar(convert, {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})


def socket_address() -> Scalar:
    """``address:port``."""

    def convert(value: object) -> str:
        found = _string(value)
        host, _, port = found.rpartition(":")
        try:
            ip_address(host.strip("[]"))
            number = int(port)
        except ValueError:
            raise Misread(f"'{found}' is not address:port", "for example 10.1.0.1:53") from None
        if not 0 < number < 65536:
            raise Misread(f"port {number} is not between 1 and 65535")
        return found

    return Scalar(convert, {"type": "string", "pattern": r"^.+:\d{1,5}$"})


def url(*schemes: str) -> Scalar:
    """An absolute URL of one of ``schemes``, without credentials in it."""

    def convert(value: object) -> str:
        found = _string(value)
        parts = urlsplit(found)
        if parts.scheme not in schemes or not parts.hostname:
            raise Misread(f"'{found}' is not an {' or '.join(schemes)} URL")
        if parts.username or parts.password:
            raise Misread("a URL here must not carry credentials", "secrets are never declared")
        return found

    return Scalar(convert, {"type": "string", "pattern": f"^({'|'.join(schemes)})://.+"})
