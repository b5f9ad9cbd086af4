"""Evidence that was changed, dropped, reordered, inserted or signed by a stranger is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hospital import evidence
from providers.evidence import Entry, verify

ALICE, EVE = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
KEYS = {"operator-cloud": ALICE.public_key().public_bytes_raw().hex()}


def sign(link: evidence.Link, key: Ed25519PrivateKey = ALICE) -> Entry:
    return Entry(
        name=f"evidence-{link.sequence:06d}",
        body=link.body,
        signer="operator-cloud",
        key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(link.body).hex(),
    )


def links(count: int = 3) -> list[evidence.Link]:
    made: list[evidence.Link] = []
    for number in range(count):
        head = made[-1] if made else None
        made.append(evidence.append(head, {"action": f"a{number}", "reason": "演练"}))
    return made


def chain() -> list[Entry]:
    return [sign(link) for link in links()]


def test_a_whole_chain_has_no_problem() -> None:
    assert verify(chain(), keys=KEYS) == ()
    assert verify([], keys=KEYS) == ()


def test_a_changed_record_is_found_by_its_signature_and_by_the_next_hash() -> None:
    entries = chain()
    entries[1] = replace(entries[1], body=entries[1].body.replace(b'"a1"', b'"a9"'))
    problems = verify(entries, keys=KEYS)
    assert problems == (
        "evidence-000002: the signature of operator-cloud does not fit the record",
        "record 3: does not follow the record before it",
    )


@pytest.mark.parametrize("order", [[1, 2], [0, 2], [0, 2, 1], [0, 0, 1, 2]])
def test_a_dropped_reordered_or_repeated_record_is_found(order: list[int]) -> None:
    entries = chain()
    assert verify([entries[index] for index in order], keys=KEYS)


def test_a_chain_rewritten_by_a_stranger_does_not_count() -> None:
    rewritten = [sign(link, EVE) for link in links()]
    assert verify(rewritten, keys=KEYS)
    named = [replace(entry, signer="eve") for entry in rewritten]
    assert "does not count" in verify(named, keys=KEYS)[0]


def test_bytes_that_are_no_canonical_record_are_refused() -> None:
    body = links(1)[0].body
    for wrong in (b"", b"[]", b'{"sequence":1}', body.replace(b",", b", ")):
        with pytest.raises(ValueError, match=r"(is|Expecting)"):
            evidence.parse(wrong)
    assert evidence.parse(body) == links(1)[0]


def test_numbers_that_json_does_not_have_are_no_evidence() -> None:
    with pytest.raises(ValueError, match="JSON"):
        _ = evidence.append(None, {"rto": float("nan")}).hash
