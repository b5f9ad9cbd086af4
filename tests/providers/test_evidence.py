"""Evidence that was changed, dropped, reordered, inserted or signed by a stranger is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hospital import evidence
from hospital.errors import DeclarationError, RefusedError
from lab.pki import evidence_key
from providers.access import Access
from providers.evidence import Entry, HubEvidence, private_key, verify
from providers.kubernetes import RECOVERY, Cluster, Ref

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


def operator(api_server: Any, name: str) -> HubEvidence:
    """An operator's store, with a key of its own."""
    directory = api_server.authority.issue(name, organization="system:masters")
    (directory / "evidence.key").write_bytes(evidence_key())
    access = Access(directory)
    return HubEvidence(Cluster(api_server.endpoint, access, read=10), access)


@pytest.mark.lab
def test_operators_that_append_at_once_make_one_whole_chain(api_server: Any) -> None:
    stores = [operator(api_server, f"operator-{site}") for site in ("east", "west")]
    records = [{"action": f"race-{number}", "by": number % 2} for number in range(8)]
    with ThreadPoolExecutor(4) as crew:
        numbers = list(crew.map(lambda record: stores[record["by"]].append(record), records))
    assert len(set(numbers)) == len(records)
    assert [stores[1].append(record) for record in records] == numbers
    entries = stores[0].entries()
    assert verify(entries, keys={entry.signer: entry.key for entry in entries}) == ()
    assert {entry.signer for entry in entries} >= {"operator-east", "operator-west"}


@pytest.mark.lab
def test_a_record_in_the_hub_cannot_be_changed(api_server: Any) -> None:
    store = operator(api_server, "operator-north")
    name = f"evidence-{store.append({'action': 'kept'}):06d}"
    ref = Ref("v1", "ConfigMap", name, "xinglin")
    with pytest.raises(RefusedError, match="immutable"):
        api_server.cluster().merge(ref, {"data": {"record": "{}"}}, field_manager=RECOVERY)


def test_an_identity_without_an_evidence_key_cannot_sign(tmp_path: Path) -> None:
    for content in (None, b"", b"-----BEGIN PRIVATE KEY-----"):
        if content is not None:
            (tmp_path / "evidence.key").write_bytes(content)
        with pytest.raises(DeclarationError, match=r"evidence\.key"):
            private_key(Access(tmp_path))
