"""What is broken and what is commercial cryptography, by the names of suites and certificates."""

from __future__ import annotations

from typing import Any

import pytest

from hospital.certificates import covers, own, presented
from hospital.ciphers import (
    authenticates_by_sha1,
    broken,
    by_sm3,
    by_sm4,
    forward_secret,
    listed,
)


@pytest.mark.parametrize(
    ("suite", "flaws"),
    [
        ("TLS_RSA_WITH_RC4_128_MD5", ("RC4", "MD5")),
        ("TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", ("EXPORT", "DES")),
        ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", ("3DES",)),
        ("TLS_ECDH_anon_WITH_NULL_SHA", ("NULL", "anonymous")),
        ("TLS_NULL_WITH_NULL_NULL", ("NULL",)),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ()),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", ()),
        ("ECC_SM4_CBC_SM3", ()),
        ("TLS_AES_128_CCM_8_SHA256", ()),
    ],
)
def test_a_broken_suite_is_known_by_its_name(suite: str, flaws: tuple[str, ...]) -> None:
    assert broken(suite) == flaws


@pytest.mark.parametrize(
    ("protocol", "suite", "secret"),
    [
        ("TLSv1.3", "TLS_AES_128_GCM_SHA256", True),
        ("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", True),
        ("TLSv1.2", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", True),
        ("TLSv1.2", "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", False),
        ("TLSv1.2", "TLS_DH_RSA_WITH_AES_128_GCM_SHA256", False),
        ("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", False),
        ("TLCP", "ECC_SM4_CBC_SM3", False),
    ],
)
def test_a_suite_is_forward_secret_by_its_key_exchange(
    protocol: str, suite: str, secret: bool
) -> None:
    assert forward_secret(protocol, suite) is secret


@pytest.mark.parametrize(
    ("suite", "encrypts", "digests"),
    [
        ("ECC_SM4_GCM_SM3", True, True),
        ("TLS_SM4_CCM_SM3", True, True),
        ("RSA_SM4_CBC_SHA256", True, False),
        ("TLS_AES_128_GCM_SHA256", False, False),
    ],
)
def test_commercial_cryptography_is_known_by_its_name(
    suite: str, encrypts: bool, digests: bool
) -> None:
    assert (by_sm4(suite), by_sm3(suite)) == (encrypts, digests)


def test_only_sha1_over_cbc_is_told_of_sha1() -> None:
    assert authenticates_by_sha1("TLS_RSA_WITH_AES_128_CBC_SHA")
    assert not authenticates_by_sha1("TLS_RSA_WITH_AES_128_CBC_SHA256")
    assert not authenticates_by_sha1("TLS_RSA_WITH_RC4_128_SHA")


def test_a_long_list_says_how_many_it_leaves_out() -> None:
    assert listed(["a", "b", "a"]) == "a, b"
    assert listed(map(str, range(9)), most=2) == "0, 1 +7"


@pytest.mark.parametrize(
    ("held", "name", "fits"),
    [
        ("his.hospital.test", "HIS.hospital.test.", True),
        ("*.hospital.test", "his.hospital.test", True),
        ("*.hospital.test", "a.his.hospital.test", False),
        ("*.hospital.test", "hospital.test", False),
        ("*.hospital.test", "*.hospital.test", True),
        ("*", "his", False),
        ("10.1.0.1", "10.1.0.1", True),
        ("*.0.0.1", "10.1.0.1", False),
        ("h*.hospital.test", "his.hospital.test", False),
        ("", "", False),
    ],
)
def test_a_certificate_covers_whole_names_and_one_label_by_a_star(
    held: str, name: str, fits: bool
) -> None:
    assert covers({"names": [held] if held else []}, name) is fits


def chain(protocol: str, *subjects: str) -> dict[str, Any]:
    return {"protocol": protocol, "names": ["h"], "chain": [{"subject": one} for one in subjects]}


def test_a_certificate_that_several_names_show_is_judged_once() -> None:
    facts = {"shown": [chain("TLS", "leaf", "ca"), chain("TLS", "leaf", "ca"), chain("TLS")]}
    assert [each["subject"] for each in own(facts)] == ["leaf"]
    assert [each["subject"] for each in presented(facts)] == ["leaf", "ca"]


def test_tlcp_has_two_certificates_of_its_own() -> None:
    facts = {"shown": [chain("TLCP", "sign", "encrypt", "ca")]}
    assert [each["subject"] for each in own(facts)] == ["sign", "encrypt"]
