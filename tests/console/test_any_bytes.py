"""Any bytes at all: values, or one error that says where; never another exception."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import console.documents
from console.documents import Allowance, Block, documents
from hospital.errors import DeclarationError

PIECES = (
    "apiVersion: v1\n", "kind: Pod\n", "a: &x {b: 1}\n", "<<: *x\n", "- ", "  ", "--- \n", "? ",
    ": ", "{", "}", "[", "]", '"', "'", "\\u", "\\ud83d", "|\n", ">-\n", "!!binary ", "%TAG ",
    "*x", "&x ", "~", "0o17", "1e999", "\ufeff", "\r\n", "\t", "\x00", "#", "\u00e9", "...\n",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)
PARSERS = ["libyaml", "python"]
SCALAR = st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(codec="ascii"))
NAMES = st.from_regex("[a-z]{1,6}", fullmatch=True)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=15,
)


def read(content: bytes, parser: str) -> list[Any] | DeclarationError:
    loader, safe = console.documents.LOADER, yaml.SafeLoader
    console.documents.LOADER = safe if parser == "python" else loader
    try:
        return [value for value, _ in documents(io.BytesIO(content), "x", allowance=Allowance())]
    except DeclarationError as error:
        return error
    finally:
        console.documents.LOADER = loader


def placed(found: list[Any] | DeclarationError) -> None:
    """What was refused is refused with file and line."""
    if isinstance(found, DeclarationError):
        assert all(problem.where.startswith("x:") for problem in found.problems)


@pytest.mark.parametrize("parser", PARSERS)
@given(content=st.binary(max_size=200))
def test_bytes_are_values_or_a_declaration_error(content: bytes, parser: str) -> None:
    placed(read(content, parser))


@pytest.mark.parametrize("parser", PARSERS)
@given(text=TEXT)
def test_pieces_of_yaml_are_values_or_a_declaration_error(text: str, parser: str) -> None:
    placed(read(text.encode("utf-8", "surrogatepass"), parser))


@pytest.mark.parametrize("parser", PARSERS)
@given(value=JSON)
def test_json_is_read_as_json_reads_it(value: Any, parser: str) -> None:
    assert read(json.dumps(value).encode(), parser) == [value]


@given(text=TEXT)
def test_a_document_that_is_read_knows_its_lines(text: str) -> None:
    found = read(text.encode("utf-8", "surrogatepass"), "libyaml")
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + 1
    for value in found if isinstance(found, list) else ():
        if isinstance(value, Block):
            assert 1 <= value.line <= lines + text.count("\u2029")
