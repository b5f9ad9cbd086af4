"""Reviews that nobody foresaw: each is answered or is no review, and nothing else happens."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.review import (
    API_VERSION,
    SIGNER,
    WAIVERS,
    MalformedError,
    admission_rules,
    answer,
    findings,
    read,
)

TODAY = date(2026, 11, 23)
RULES = admission_rules()
REVIEW: dict[str, Any] = {
    "apiVersion": API_VERSION,
    "kind": "AdmissionReview",
    "request": {
        "uid": "1",
        "kind": {"kind": "Pod"},
        "operation": "UPDATE",
        "namespace": "his",
        "name": "his",
        "userInfo": {"username": SIGNER},
        "object": {
            "kind": "Pod",
            "metadata": {"name": "his", "namespace": "his", "annotations": {WAIVERS: "[]"}},
            "spec": {"containers": []},
        },
        "oldObject": {"metadata": {"deletionTimestamp": "2026-11-23T00:00:00Z"}},
    },
}
PLACES = [
    *(("request", key) for key in REVIEW["request"]),
    ("request", "object", "metadata"),
    ("request", "object", "metadata", "annotations"),
    ("request", "object", "metadata", "annotations", WAIVERS),
    ("request", "object", "metadata", "name"),
    ("request", "object", "spec"),
    ("request", "oldObject", "metadata"),
]
WAIVER = {
    "rule": "image_by_digest",
    "reason": "r",
    "owner": "o",
    "until": "2027-01-01",
    "control": "c",
}
LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("CREATE")
PLAIN = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "metadata", "annotations", WAIVERS]), inner)
    ),
    max_leaves=9,
)


def outcome(document: Any) -> dict[str, Any] | None:
    """The answer; None for what is no review."""
    try:
        request = read(document)
        return answer(request, findings(request, RULES, today=TODAY))
    except MalformedError:
        return None


@given(PLAIN)
def test_any_json_is_no_review_or_is_answered(document: Any) -> None:
    assert outcome(document) is None


@given(st.lists(st.tuples(st.sampled_from(PLACES), PLAIN), min_size=1, max_size=2))
def test_a_review_with_anything_in_its_fields_is_answered_or_is_none(
    changes: list[tuple[tuple[str, ...], Any]],
) -> None:
    document = deepcopy(REVIEW)
    for (*way, last), value in changes:
        holder: Any = document
        for key in way:
            holder = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder[last] = value
    found = outcome(document)
    assert found is None or json.loads(json.dumps(found))["response"]["uid"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("oldObject",), "x"),
        (("oldObject", "metadata"), []),
        (("namespace",), 5),
        (("name",), ["x"]),
        (("object", "metadata", "annotations"), [1]),
    ],
    ids=str,
)
def test_a_field_of_another_type_makes_it_no_review(place: tuple[str, ...], value: Any) -> None:
    document = deepcopy(REVIEW)
    holder = document["request"]
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    with pytest.raises(MalformedError):
        read(document)


def test_waivers_nested_beyond_reading_waive_nothing() -> None:
    document = deepcopy(REVIEW)
    document["request"]["object"]["metadata"]["annotations"][WAIVERS] = "[" * 100_000
    assert read(document).waivers == ()


def test_an_object_nested_beyond_judging_is_no_review() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    document = deepcopy(REVIEW)
    document["request"]["object"]["spec"] = deep
    del document["request"]["oldObject"]
    assert outcome(document) is None


@given(
    st.fixed_dictionaries({}, optional={key: PLAIN | st.just(word) for key, word in WAIVER.items()})
)
def test_a_waiver_counts_only_if_each_of_its_fields_is_right(signed: dict[str, Any]) -> None:
    document = deepcopy(REVIEW)
    document["request"]["object"]["metadata"]["annotations"][WAIVERS] = json.dumps([signed])
    whole = signed.keys() == WAIVER.keys() and all(
        isinstance(each, str) for each in signed.values()
    )
    dated = whole and signed["until"] == WAIVER["until"]
    assert [dict(each) for each in read(document).waivers] == ([signed] if dated else [])
