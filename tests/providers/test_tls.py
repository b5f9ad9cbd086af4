"""The prober against real servers on the loopback interface: OpenSSL's, of TLCP, and rude ones."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hospital.errors import UnavailableError
from hospital.surveyed.endpoint import Asked, EndpointFacts, Plaintext
from lab import toolchain
from lab.places import Places
from providers.line import Speech, Target
from providers.tls import probe

pytestmark = [
    pytest.mark.lab,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.timeout(120),
]
HOST = "127.0.0.1"
LOOKS = 3.0  # seconds of patience


def seen(port: int, *names: str, speech: Speech = Speech.HTTP, **limits: float) -> EndpointFacts:
    return probe(Target(HOST, port, names or (HOST,), speech), **{"patience": LOOKS, **limits})


def free_port() -> int:
    with socket.socket() as made:
        made.bind((HOST, 0))
        return int(made.getsockname()[1])


def signed(directory: Path, key: Any, *names: str, digest: Any = None) -> tuple[Path, Path]:
    """A self-signed certificate and its key, as files."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    alternatives = [
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, digest)
    )
    certificate, private = directory / f"{names[0]}.crt", directory / f"{names[0]}.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return signed(tmp_path, key, HOST, digest=hashes.SHA256())


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def openssl(pair: tuple[Path, Path], tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Starts `openssl s_server` with these options; the port that it answers at."""
    with ExitStack() as ending:

        def start(*options: str, certificate: tuple[Path, Path] = pair) -> int:
            port = free_port()
            command = ["openssl", "s_server", "-accept", f"{HOST}:{port}", "-www", "-quiet"]
            command += ["-cert", str(certificate[0]), "-key", str(certificate[1]), *options]
            log = ending.enter_context((tmp_path / f"{port}.log").open("wb"))
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
            ending.enter_context(ended(process))
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    socket.create_connection((HOST, port), timeout=1).close()
                    return port
                except OSError:
                    time.sleep(0.05)
            pytest.fail((tmp_path / f"{port}.log").read_text())

        yield start


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does ``answer`` with every connection."""
    listener = socket.create_server((HOST, 0))
    over = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            with suppress(OSError):  # `ssl.SSLError` is one
                answer(connection)

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture(scope="module")
def tlcp() -> Path:
    return toolchain.have(toolchain.TLCP, Places.from_environment())


@contextmanager
def speaking_tlcp(program: Path, *options: str) -> Iterator[int]:
    process = subprocess.Popen(
        [program, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with ended(process):
        assert process.stdout is not None
        yield int(process.stdout.readline().rpartition(":")[2])


def test_tlcp_is_seen_with_its_two_certificates(tlcp: Path) -> None:
    with speaking_tlcp(tlcp) as port:
        found = seen(port)
    assert found.protocols == ("TLCP",)
    assert found.suites == {"TLCP": ("ECC_SM4_CBC_SM3",)}
    (shown,) = found.shown
    assert (shown.protocol, [each.key for each in shown.chain]) == ("TLCP", ["SM2", "SM2"])
    assert [each.usages[0] for each in shown.chain] == ["digital_signature", "key_encipherment"]
    assert {(each.signer, each.signature) for each in shown.chain} == {("SM2", "sm3")}
    assert (found.client_certificate, found.plaintext) == (Asked.NOT, Plaintext.REFUSED)


@pytest.mark.parametrize("word", ["request", "require"])
def test_tlcp_that_asks_for_a_certificate_is_seen_to_ask(tlcp: Path, word: str) -> None:
    with speaking_tlcp(tlcp, "-client-auth", word) as port:
        assert seen(port).client_certificate is Asked.REQUESTED


def test_an_sm2_key_under_an_rsa_authority_is_seen_as_that(tlcp: Path) -> None:
    with speaking_tlcp(tlcp, "-authority", "rsa", "-pair=false") as port:
        first, second = seen(port).shown[0].chain
    assert (first.key, first.signer, first.signature) == ("SM2", "RSA", "sha256")
    assert first == second


def test_a_port_that_speaks_both_is_seen_to_speak_both(tlcp: Path) -> None:
    with speaking_tlcp(tlcp, "-mixed") as port:
        found = seen(port)
    assert {"TLSv1.2", "TLCP"} <= set(found.protocols)
    assert [(each.protocol, each.chain[0].key) for each in found.shown] == [
        ("TLS", "RSA"),
        ("TLCP", "SM2"),
    ]


@pytest.mark.parametrize(
    ("option", "protocol"),
    [("-tls1", "TLSv1.0"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")],
)
def test_each_version_is_seen_alone(
    openssl: Callable[..., int], option: str, protocol: str
) -> None:
    found = seen(openssl(option, "-cipher", "ALL:@SECLEVEL=0"))
    assert found.protocols == (protocol,)
    assert found.shown[0].chain[0].key_bits == 2048
    assert found.renegotiation_secure is (None if protocol == "TLSv1.3" else True)
    assert found.client_certificate is Asked.NOT


def test_the_suites_that_openssl_lists_are_the_suites_that_are_found(
    openssl: Callable[..., int],
) -> None:
    wanted = (
        "AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA256:NULL-SHA256:ADH-AES128-SHA"
    )
    found = seen(openssl("-tls1_2", "-cipher", f"{wanted}:@SECLEVEL=0"))
    assert set(found.suites["TLSv1.2"]) == {
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
        "TLS_RSA_WITH_NULL_SHA256",
        "TLS_DH_anon_WITH_AES_128_CBC_SHA",
    }


def test_a_small_group_is_measured(pair: tuple[Path, Path], tmp_path: Path) -> None:
    parameters = tmp_path / "dh.pem"
    command = ["openssl", "dhparam", "-dsaparam", "-out", str(parameters), "1024"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    context.load_dh_params(str(parameters))
    context.load_cert_chain(*pair)
    with serving(lambda raw: context.wrap_socket(raw, server_side=True).close()) as port:
        assert seen(port).dh_bits == 1024


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize(
    ("option", "asked"), [("-verify", Asked.REQUESTED), ("-Verify", Asked.REQUIRED)]
)
def test_who_asks_and_who_requires_is_told_apart(
    openssl: Callable[..., int], version: str, option: str, asked: Asked
) -> None:
    assert seen(openssl(version, option, "1")).client_certificate is asked


@pytest.mark.parametrize(
    ("key", "name", "bits"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), "EC", 384),
        (ed25519.Ed25519PrivateKey.generate, "Ed25519", None),
    ],
)
def test_keys_of_other_kinds_are_read(
    openssl: Callable[..., int], tmp_path: Path, key: Any, name: str, bits: int | None
) -> None:
    digest = hashes.SHA384() if name == "EC" else None
    made = signed(tmp_path, key(), "his.hospital.test", digest=digest)
    found = seen(openssl(certificate=made), "his.hospital.test")
    (certificate,) = found.shown[0].chain
    assert (certificate.key, certificate.key_bits) == (name, bits)
    assert certificate.names == ("his.hospital.test",)
    assert certificate.signature == ("sha384" if name == "EC" else "ed25519")


def test_a_certificate_over_sha1_is_read_as_that(
    openssl: Callable[..., int], tmp_path: Path
) -> None:
    made = tmp_path / "old.crt", tmp_path / "old.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-sha1", "-days", "9"]
    command += ["-subj", "/CN=old", "-keyout", str(made[1]), "-out", str(made[0])]
    subprocess.run(command, check=True, capture_output=True)
    found = seen(openssl("-tls1_2", "-cipher", "ALL:@SECLEVEL=0", certificate=made))
    (certificate,) = found.shown[0].chain
    assert (certificate.key_bits, certificate.signature, certificate.signer) == (
        1024,
        "sha1",
        "RSA",
    )


def test_names_that_see_different_certificates_are_kept_apart(tmp_path: Path) -> None:
    contexts = {}
    for name in ("his.hospital.test", "emr.hospital.test"):
        key = ec.generate_private_key(ec.SECP256R1())
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(*signed(tmp_path, key, name, digest=hashes.SHA256()))

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = contexts.get(name or "", contexts["his.hospital.test"])

    contexts["his.hospital.test"].sni_callback = choose

    def answer(connection: socket.socket) -> None:
        with contexts["his.hospital.test"].wrap_socket(connection, server_side=True) as inner:
            inner.recv(4096)
            inner.sendall(b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=99\r\n\r\n")

    with serving(answer) as port:
        found = seen(port, "his.hospital.test", "emr.hospital.test", "lis.hospital.test")
    assert {each.names: each.chain[0].names for each in found.shown} == {
        ("his.hospital.test", "lis.hospital.test"): ("his.hospital.test",),
        ("emr.hospital.test",): ("emr.hospital.test",),
    }
    assert found.hsts_seconds == 99


@pytest.mark.parametrize(
    ("reply", "plaintext"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nhello", Plaintext.ANSWERED),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Plaintext.ANSWERED),
        (
            b"HTTP/1.1 301 Moved\r\nLocation: https://his.hospital.test/\r\n\r\n",
            Plaintext.REDIRECTED,
        ),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://his.hospital.test/\r\n\r\n", Plaintext.ANSWERED),
        (b"\x15\x03\x01\x00\x02\x02\x46", Plaintext.REFUSED),
    ],
)
def test_what_is_said_in_clear_is_seen(reply: bytes, plaintext: Plaintext) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(reply)

    with serving(answer) as port:
        found = seen(port)
    assert (found.protocols, found.plaintext, found.shown) == ((), plaintext, ())


@pytest.mark.parametrize(
    ("encrypted", "in_clear", "plaintext"),
    [(b"S", b"E", Plaintext.REFUSED), (b"S", b"R", Plaintext.ANSWERED)],
)
def test_postgresql_is_asked_for_tls_in_its_own_words(
    pair: tuple[Path, Path], encrypted: bytes, in_clear: bytes, plaintext: Plaintext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)

    def answer(connection: socket.socket) -> None:
        if connection.recv(8) != b"\0\0\0\x08\x04\xd2\x16\x2f":
            connection.sendall(in_clear)
            return
        connection.sendall(encrypted)
        with context.wrap_socket(connection, server_side=True) as inner:
            inner.recv(4096)
            inner.sendall(b"R")

    with serving(answer) as port:
        found = seen(port, speech=Speech.POSTGRESQL)
    assert {"TLSv1.2", "TLSv1.3"} <= set(found.protocols)
    assert (found.plaintext, found.client_certificate) == (plaintext, Asked.NOT)


def test_a_database_without_tls_has_none() -> None:
    with serving(lambda connection: connection.sendall(b"N")) as port:
        assert seen(port, speech=Speech.POSTGRESQL).protocols == ()


def test_a_server_that_misses_a_hello_is_asked_again(pair: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    hellos: list[int] = []

    def answer(connection: socket.socket) -> None:
        if connection.recv(3, socket.MSG_PEEK) == b"\x16\x03\x01":
            hellos.append(len(hellos))
            if hellos[-1] % 2 == 0:
                time.sleep(1)
                return
        context.wrap_socket(connection, server_side=True).close()

    with serving(answer) as port:
        assert "TLSv1.2" in seen(port, patience=0.4).protocols


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(UnavailableError):
        seen(free_port())


def flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"\x16\x03\x03\x00\x00" * 1000)


def drip(connection: socket.socket) -> None:
    for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


@pytest.mark.parametrize("rude", [flood, drip, lambda connection: time.sleep(5)])
def test_a_server_that_wants_to_keep_us_does_not(rude: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with serving(rude) as port, suppress(UnavailableError):
        assert seen(port, patience=0.3, budget=3.0).protocols == ()
    assert time.monotonic() - began < 10
