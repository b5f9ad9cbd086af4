"""What a policy document certainly allows: no more is said of it, and no less."""

from __future__ import annotations

from typing import Any

import pytest

from hospital.permissions import admits_everybody, allows_everything, requires_encryption

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
WORLD = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
NARROW = {"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}


def document(statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statement}


@pytest.mark.parametrize("statement", [ALL, [ALL], [TLS, ALL], [ALL | {"Action": ["a:B", "*:*"]}]])
def test_every_action_on_everything_is_seen_however_it_is_written(statement: Any) -> None:
    assert allows_everything(document(statement))


@pytest.mark.parametrize(
    "change", [{"Effect": "Deny"}, {"Action": "s3:*"}, {"Resource": "arn:x"}, NARROW]
)
def test_less_than_everything_is_not_everything(change: dict[str, Any]) -> None:
    assert not allows_everything(document([ALL | change]))
    assert not allows_everything({})


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:x", "*"]}])
def test_everybody_is_seen_however_he_is_written(principal: Any) -> None:
    assert admits_everybody(document([WORLD | {"Principal": principal}]))


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": "arn:x"}},
        {"Principal": {"Service": "a.b"}},
        NARROW,
    ],
)
def test_who_is_named_is_not_everybody(change: dict[str, Any]) -> None:
    assert not admits_everybody(document([WORLD | change]))


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": False}}}, True),
        ({"Effect": "Allow"}, False),
        ({"Action": "s3:PutObject"}, False),
        ({"Principal": {"AWS": "arn:x"}}, False),
        ({"Condition": {}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
        ({"Condition": TLS["Condition"] | NARROW["Condition"]}, False),  # type: ignore[operator]
    ],
)
def test_encryption_is_required_only_if_nobody_is_spared(
    change: dict[str, Any], *, held: bool
) -> None:
    assert requires_encryption(document([TLS | change])) is held
