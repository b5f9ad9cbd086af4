"""What a server says, read from bytes: real ones of TLCP, and whatever a stranger may send."""

from __future__ import annotations

import io
import random
import struct
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from providers.certificates import certificate
from providers.flight import LARGEST_FLIGHT, MOST_RECORDS, listen
from providers.handshake import (
    TLCP,
    VERSIONS,
    Answer,
    Garbled,
    Offer,
    Reader,
    client_hello,
    registry,
)
from providers.tls13 import OPENABLE, Opener, Shares

# What the real server `lab/tlcp -client-auth request` said to our hello.
FLIGHT = bytes.fromhex((Path(__file__).parent / "tlcp_flight.hex").read_text(encoding="ascii"))
ECC_SM4_CBC_SM3 = 0xE013
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def sized(content: bytes, width: int) -> bytes:
    return len(content).to_bytes(width, "big") + content


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + sized(body, 3)


def record(content: bytes, *, kind: int = 22, version: int = 0x0303) -> bytes:
    return struct.pack("!BH", kind, version) + sized(content, 2)


def server_hello(
    version: int, suite: int, *extensions: tuple[int, bytes], randomly: bytes = bytes(32)
) -> bytes:
    body = struct.pack("!H", version) + randomly + sized(b"", 1) + struct.pack("!HB", suite, 0)
    held = b"".join(struct.pack("!H", kind) + sized(content, 2) for kind, content in extensions)
    return message(2, body + sized(held, 2))


def heard(said: bytes, protocol: str = "TLSv1.2", *, shares: Shares | None = None) -> Answer:
    """What is understood until the bytes end; Garbled if they are none that TLS knows."""
    stream, answer = io.BytesIO(said), Answer()

    def exactly(count: int) -> bytes:
        found = stream.read(count)
        if len(found) < count:
            raise EOFError
        return found

    offer = Offer(protocol, registry().offers[protocol])
    with suppress(EOFError):
        listen(exactly, offer, answer, hello=client_hello(offer), shares=shares)
    return answer


def test_a_real_flight_of_tlcp_is_understood() -> None:
    answer = heard(FLIGHT, "TLCP")
    assert (answer.version, answer.suite, answer.done) == (TLCP, ECC_SM4_CBC_SM3, True)
    assert answer.requests_certificate
    sign, encrypt = map(certificate, answer.certificates)
    assert (sign.key, sign.key_bits, sign.signature, sign.signer) == ("SM2", 256, "sm3", "SM2")
    assert (sign.subject, encrypt.subject) == ("CN=tlcp signing", "CN=tlcp encryption")
    assert (sign.not_before, sign.not_after) == (date(2026, 11, 25), date(2027, 2, 23))
    assert sign.usages == ("digital_signature",)
    assert encrypt.usages == ("key_encipherment", "data_encipherment", "key_agreement")
    assert sign.names == ("127.0.0.1",)


def test_a_flight_that_breaks_off_anywhere_is_never_a_whole_one() -> None:
    for end in range(len(FLIGHT)):
        answer = heard(FLIGHT[:end], "TLCP")
        assert not answer.done
        assert len(answer.certificates) in {0, 2}


def test_whatever_bytes_come_nothing_but_garbled_is_raised() -> None:
    dice = random.Random(38636)
    for _ in range(2000):
        said = bytearray(FLIGHT)
        for _ in range(dice.randrange(1, 8)):
            said[dice.randrange(len(said))] = dice.randrange(256)
        with suppress(Garbled):
            for der in heard(bytes(said), "TLCP").certificates:
                with suppress(Garbled):
                    certificate(der)


@pytest.mark.parametrize("protocol", [*VERSIONS, "TLSv1.3", "TLCP"])
def test_noise_is_garbled_or_nothing(protocol: str) -> None:
    dice = random.Random(protocol)
    for size in range(200):
        noise = dice.randbytes(size)
        for said in (noise, record(noise), record(message(2, noise)), record(message(11, noise))):
            with suppress(Garbled):
                assert not heard(said, protocol, shares=Shares() if size < 5 else None).done or (
                    protocol == "TLSv1.3"
                )


def test_what_another_protocol_says_is_no_handshake() -> None:
    for said in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"E" * 9000):
        with suppress(Garbled):
            assert heard(said).suite is None


def test_an_endless_server_is_left() -> None:
    with pytest.raises(Garbled):
        heard(record(bytes(16000), kind=23) * (LARGEST_FLIGHT // 16000 + 2))
    empty = record(b"") * (MOST_RECORDS + 5)
    assert heard(empty + record(server_hello(0x0303, 0xC02F))).suite is None
    with pytest.raises(Garbled):
        heard(record(b"\x0b\xff\xff\xff"))


def test_a_chain_in_many_records_is_one_chain() -> None:
    chain = sized(sized(b"one", 3) + sized(b"two" * 30, 3), 3)
    said = server_hello(0x0303, 0xC02F) + message(11, chain) + message(14, b"")
    assert heard(b"".join(record(said[at : at + 7]) for at in range(0, len(said), 7))).done
    assert heard(record(said)).certificates == (b"one", b"two" * 30)


def test_the_group_of_diffie_hellman_is_measured_and_that_of_curves_is_not() -> None:
    prime = sized((1 << 1023 | 1).to_bytes(128, "big"), 2)
    for suite, bits in ((0x009E, 1024), (0xC02F, None)):
        said = server_hello(0x0303, suite) + message(12, prime + sized(b"\2", 2))
        assert heard(record(said)).dh_bits == bits


def test_secure_renegotiation_is_what_the_server_says() -> None:
    assert heard(record(server_hello(0x0303, 0xC02F, (0xFF01, b"\0")))).renegotiation
    assert not heard(record(server_hello(0x0303, 0xC02F))).renegotiation


def test_an_alert_ends_and_a_warning_does_not() -> None:
    warned = record(b"\x01\x70", kind=21) + record(server_hello(0x0303, 0xC02F))
    assert heard(warned).suite == 0xC02F
    assert heard(record(b"\x02\x28", kind=21) + record(server_hello(0x0303, 0xC02F))).alert == 40


@pytest.mark.parametrize("suite", [0x00C6, 0x00C7, 0x1301])
def test_a_suite_of_tls_13_is_seen_though_another_share_is_wanted(suite: int) -> None:
    said = server_hello(0x0303, suite, (43, b"\x03\x04"), (51, b"\x00\x29"), randomly=RETRY)
    answer = heard(record(said), "TLSv1.3")
    assert (answer.version, answer.suite, answer.retry, answer.done) == (0x0304, suite, True, True)


def test_a_share_that_is_no_point_and_a_suite_that_was_not_offered_are_garbled() -> None:
    shares = Shares()
    for group, key in ((23, b"\4" + bytes(64)), (29, b"short"), (29, bytes(32)), (9, b"")):
        with pytest.raises(Garbled):
            shares.agreed(group, key)
    with pytest.raises(Garbled):
        Opener(0x00C6, b"secret", b"")


def test_a_record_that_the_key_does_not_open_is_garbled() -> None:
    for suite in OPENABLE:
        with pytest.raises(Garbled):
            Opener(suite, b"secret", b"").open(b"\x17\x03\x03\0\x20", bytes(32))


def test_the_registry_offers_to_each_protocol_what_belongs_to_it() -> None:
    found = registry()
    names = {
        protocol: [found.names[code] for code in offered]
        for protocol, offered in found.offers.items()
    }
    assert {"ECC_SM4_CBC_SM3", "ECC_SM4_GCM_SM3", "ECDHE_SM4_CBC_SM3"} <= set(names["TLCP"])
    assert {"TLS_SM4_GCM_SM3", "TLS_SM4_CCM_SM3", "TLS_AES_128_GCM_SHA256"} <= set(names["TLSv1.3"])
    assert {"TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"} <= set(names["TLSv1.2"])
    assert not set(names["TLSv1.2"]) & {*names["TLCP"], *names["TLSv1.3"]}
    assert found.offers["TLCP"].count(ECC_SM4_CBC_SM3) == 1
    assert {0xE051, 0xE053, 0xE011, 0xE013} <= set(found.offers["TLCP"])


def test_a_hello_says_its_version_where_old_servers_look_for_it() -> None:
    tlcp = client_hello(Offer("TLCP", (ECC_SM4_CBC_SM3,), "his.hospital.test"))
    assert (tlcp[1:3], tlcp[9:11]) == (b"\x01\x01", b"\x01\x01")
    assert b"hospital" not in tlcp  # it has no extensions
    new = client_hello(Offer("TLSv1.3", (0x1301,), "his.hospital.test", Shares().public))
    assert (new[1:3], new[9:11]) == (b"\x03\x01", b"\x03\x03")
    assert b"his.hospital.test" in new


def test_a_reader_never_reads_beyond_the_end() -> None:
    reader = Reader(b"\x05abc")
    with pytest.raises(Garbled):
        reader.sized(1)
    assert reader.left == 3


@pytest.mark.parametrize(
    "der", [b"", b"\x30", b"\x30\x03\x02\x01\x01", bytes(500), b"\x30\x84" * 9]
)
def test_what_is_no_certificate_is_garbled(der: bytes) -> None:
    with pytest.raises(Garbled):
        certificate(der)
