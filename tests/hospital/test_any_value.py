"""The core on values that nobody foresaw."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospital.addresses import host_of, is_public, literal
from hospital.codec import decode, duration_text, encode
from hospital.errors import DeclarationError
from hospital.estate import RecoveryPlan, Site, Waiver, Workload
from hospital.manifest import quantity
from hospital.survey import Survey
from stacks.estate import read_estate

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=9,
)
LAB = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
REAL = (LAB.sites[0], LAB.workloads[0], LAB.plans[0], LAB.databases[0], LAB.links[0])
NOUNS = (Site, Workload, RecoveryPlan, Waiver, Survey)


@given(st.integers(0, 10**9), st.sampled_from(["", "m", "k", "Ki", "M", "Gi", "E", "Ei", "e3"]))
def test_a_quantity_is_its_number_times_its_unit(number: int, unit: str) -> None:
    assert quantity(f"{number}{unit}") == number * quantity(f"1{unit}")


@given(st.text() | st.integers() | st.floats())
def test_what_is_no_quantity_is_a_value_error(value: str | int | float) -> None:
    try:
        found = quantity(value)
    except ValueError:
        return
    assert isinstance(found, Decimal)
    assert found.is_finite()


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
@given(data=PLAIN)
def test_any_json_is_a_noun_or_a_declaration_error(noun: type[Any], data: Any) -> None:
    with pytest.raises(DeclarationError):
        decode(noun, data)


@pytest.mark.parametrize("noun", REAL, ids=lambda noun: type(noun).__name__)
@given(data=st.data())
def test_a_noun_of_which_a_field_is_anything_is_read_or_refused(
    noun: Any, data: st.DataObject
) -> None:
    plain = encode(noun)
    field = data.draw(st.sampled_from(sorted(plain)))
    try:
        found = decode(type(noun), plain | {field: data.draw(PLAIN)})
    except DeclarationError:
        return
    assert decode(type(noun), encode(found)) == found


@pytest.mark.parametrize("noun", REAL, ids=lambda noun: type(noun).__name__)
def test_a_noun_of_the_lab_comes_back_as_it_was(noun: Any) -> None:
    assert decode(type(noun), encode(noun)) == noun


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3650)))
def test_a_duration_comes_back_as_it_was(value: timedelta) -> None:
    assert decode(timedelta, duration_text(value)) == value


@given(st.text() | st.from_regex(r"(https?://)?[\[\]0-9a-f.:]{0,20}(:\d{0,6})?", fullmatch=True))
def test_any_text_is_public_or_is_not(endpoint: str) -> None:
    assert is_public(endpoint) in (True, False)
    assert literal(host_of(endpoint)) is not None or not is_public(endpoint)


@given(st.ip_addresses(), st.integers(1, 65535))
def test_an_address_is_found_in_every_spelling_of_an_endpoint(address: Any, port: int) -> None:
    shown = f"[{address}]" if address.version == 6 else str(address)
    for endpoint in (str(address), shown, f"{shown}:{port}", f"https://{shown}:{port}/x"):
        assert literal(host_of(endpoint)) == address
