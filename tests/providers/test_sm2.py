"""SM2 by OpenSSL: the standard's own example is verified, and anything else is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hospital.errors import RefusedError
from lab.pki import evidence_key
from providers import sm2

# GB/T 32918.5-2017 annex A.2: the message, the default identity, the public key and (r, s).
MESSAGE = b"message digest"
X = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
Y = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
SPKI = "3059301306072A8648CE3D020106082A811CCF5501822D03420004"  # what an SM2 key begins with


def published() -> bytes:
    der = bytes.fromhex(SPKI + X + Y)
    return sm2._run("pkey", "-pubin", "-inform", "DER", said=der)


def in_der(r: str, s: str) -> bytes:
    numbers = b"".join(b"\x02\x21\x00" + bytes.fromhex(each) for each in (r, s))  # both are high
    return b"\x30" + bytes([len(numbers)]) + numbers


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "sm2.key"
    path.write_bytes(sm2.generate())
    return path


def test_the_signature_that_the_standard_prints_is_valid() -> None:
    assert sm2.verifies(published(), MESSAGE, in_der(R, S))


@pytest.mark.parametrize(
    ("message", "r", "s"),
    [(b"message digesT", R, S), (MESSAGE, S, R), (MESSAGE, R[:-1] + "4", S)],
)
def test_any_other_is_not(message: bytes, r: str, s: str) -> None:
    assert not sm2.verifies(published(), message, in_der(r, s))


def test_what_was_signed_verifies_with_its_own_key_only(key: Path) -> None:
    signature = sm2.sign(key, MESSAGE)
    assert sm2.verifies(sm2.public(key.read_bytes()), MESSAGE, signature)
    assert not sm2.verifies(sm2.public(sm2.generate()), MESSAGE, signature)


def test_another_kind_of_key_signs_nothing(tmp_path: Path) -> None:
    other = tmp_path / "evidence.key"
    other.write_bytes(evidence_key())
    with pytest.raises(RefusedError):
        sm2.sign(other, MESSAGE)
    with pytest.raises(RefusedError):
        sm2.public(b"no key")


def test_what_is_no_signature_or_no_key_verifies_nothing(key: Path) -> None:
    assert not sm2.verifies(sm2.public(key.read_bytes()), MESSAGE, b"")
    assert not sm2.verifies(b"", MESSAGE, sm2.sign(key, MESSAGE))
