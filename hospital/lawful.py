"""A parameter of a rule as a kind of field: of its type, and never weaker than the law allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hospital.kinds import Misread, Scalar
from hospital.rule import Parameter


def lawful(parameter: Parameter) -> Scalar:
    """A whole number, or a list of numbers or of text, within the parameter's range."""
    if isinstance(parameter.default, int):
        return Scalar(lambda value: _number(value, parameter), _range(parameter), parameter.default)
    return Scalar(lambda value: _items(value, parameter), _list(parameter), parameter.default)


def _number(value: object, parameter: Parameter) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misread(f"expected a whole number, found {value!r}")
    least, most = parameter.least, parameter.most
    if (least is not None and value < least) or (most is not None and value > most):
        raise Misread(
            f"{value} is outside {least} to {most}, which is what may be set",
            f"{parameter.title.en}; the bounds are from: {parameter.source}",
        )
    return value


def _word(value: object, parameter: Parameter) -> str:
    if not isinstance(value, str) or not value:
        raise Misread(f"expected text, found {value!r}")
    return value


def _items(value: object, parameter: Parameter) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Misread("expected a list", "for example [a, b]")
    read: Callable[[object, Parameter], Any] = _word if parameter.least is None else _number
    found = tuple(read(item, parameter) for item in value)
    for item in found:
        if item in parameter.never:
            raise Misread(f"{item} can never be allowed", f"see {parameter.source}")
    return found


def _range(parameter: Parameter) -> dict[str, Any]:
    return {"type": "integer", "minimum": parameter.least, "maximum": parameter.most}


def _list(parameter: Parameter) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string", "minLength": 1}
    each = text if parameter.least is None else _range(parameter)
    return {"type": "array", "items": {**each, "not": {"enum": list(parameter.never)}}}
