"""What a plain YAML word means to Kubernetes: ``sigs.k8s.io/yaml``, not YAML's own rules.

Who reads ``runAsUser: 0o0`` as text, or ``privileged: y``, judges another object than the one that
will run. Source: ``resolve.go`` of ``sigs.k8s.io/yaml/goyaml.v2``.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_SPELLINGS: tuple[tuple[str, Scalar], ...] = (
    ("~ null Null NULL", None),
    ("y Y yes Yes YES true True TRUE on On ON", True),
    ("n N no No NO false False FALSE off Off OFF", False),
    (".nan .NaN .NAN", math.nan),
    (".inf .Inf .INF +.inf +.Inf +.INF", math.inf),
    ("-.inf -.Inf -.INF", -math.inf),
)
_WORDS = {word: value for words, value in _SPELLINGS for word in words.split()} | {"": None}
_NUMERIC = frozenset("+-.0123456789")
# A group's name ends in the base. No field is wider than 64 bits, and Python itself refuses to
# write out numbers of thousands of digits.
_INTEGER = re.compile(
    r"[-+]?(?:(?P<base2>0[bB][01]{1,64})|(?P<base8>0[oO]?[0-7]{1,64})"
    r"|(?P<base16>0[xX][0-9a-fA-F]{1,64})|(?P<base10>0|[1-9][0-9]{0,63}))"
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolved(text: str) -> Scalar:
    """The value of a scalar without quotes and tag; what is nothing else is text.

    Times of day and dates are text, ``08`` is 8.0; numbers that JSON cannot hold come back as they
    are (``nan``, ``inf``), for the caller to refuse.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    plain = text.replace("_", "")
    integer = _INTEGER.fullmatch(plain)
    if integer is not None:
        return int(plain, int(str(integer.lastgroup).removeprefix("base")))
    if _FLOAT.fullmatch(plain) and math.isfinite(number := float(plain)):
        return number
    return text


def key_of(value: object) -> str | None:
    """A mapping's key as JSON has it, where it must be text; None for what can be none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value).removesuffix(".0")
    return None
