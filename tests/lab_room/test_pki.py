"""Certificates name who they are for, and an authority vouches for its own only."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hospital.estate import HostRole
from lab.access import ADMIN, Credentials, gate, issue, operator
from lab.pki import Authority, evidence_key, ssh_pair, write_private
from lab.places import Places
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")


def parsed(certificate: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate)


def usages(certificate: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_client_is_no_server_and_a_server_is_named() -> None:
    authority = Authority.create("test")
    client = parsed(authority.issue("sre", organizations=("people",)).certificate)
    server = parsed(authority.issue("db", names=("10.1.0.11", "*.hospital.test")).certificate)

    assert usages(client) == {ExtendedKeyUsageOID.CLIENT_AUTH}
    assert ExtendedKeyUsageOID.SERVER_AUTH in usages(server)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["*.hospital.test"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.1.0.11"]
    organizations = client.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [one.value for one in organizations] == ["people"]


def test_private_files_are_never_open_to_others(tmp_path: Path) -> None:
    Authority.create("test").issue("sre").write(tmp_path / "sre")

    assert (tmp_path / "sre" / "tls.key").stat().st_mode & 0o777 == 0o600
    write_private(tmp_path / "public", b"x", mode=0o644)
    assert (tmp_path / "public").stat().st_mode & 0o777 == 0o644


def test_keys_are_of_the_kinds_that_their_readers_expect() -> None:
    private, public = ssh_pair("pulumi")

    assert load_ssh_private_key(private, None) is not None
    assert public.startswith("ssh-ed25519 ")
    assert load_pem_private_key(evidence_key(), None) is not None


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    root = tmp_path_factory.mktemp("lab")
    return Places(state=root / "state", cache=root / "cache")


@pytest.fixture(scope="module")
def credentials(places: Places) -> Credentials:
    return issue(ESTATE, places)


def test_each_identity_gets_what_its_work_needs_and_no_more(
    places: Places, credentials: Credentials
) -> None:
    held = {
        directory.name: {file.name for file in directory.iterdir()}
        for directory in (places.lab / "access").iterdir()
    }
    operators = {operator(site.name) for site in ESTATE.sites}

    gates = {gate(site.name) for site in ESTATE.sites}

    assert set(held) == {"pulumi", "sre", "auditor", "counter", ADMIN} | operators | gates
    for one in ("counter", *gates):
        assert held[one] == {"ca.crt", "tls.crt", "tls.key"}
    assert not held["auditor"] & {"ssh_key", "tsig.json", "bmc.json", "database.json"}
    assert all("evidence.key" in held[one] for one in operators)
    assert "evidence.key" not in held["pulumi"]


def test_the_store_accepts_operators_and_database_hosts_only(
    places: Places, credentials: Credentials
) -> None:
    store = parsed(credentials.store.certificate)

    def accepted(certificate: bytes) -> bool:
        try:
            parsed(certificate).verify_directly_issued_by(store)
        except (ValueError, InvalidSignature):
            return False
        return True

    def identity(name: str) -> bool:
        return accepted((places.access(name) / "tls.crt").read_bytes())

    assert identity(operator("cloud"))
    assert not any(identity(name) for name in ("pulumi", "sre", "auditor", "counter"))
    for site in ESTATE.sites:
        for host in site.hosts:
            is_database = HostRole.DATABASE in host.roles
            assert accepted(credentials.hosts[host.id].certificate.certificate) is is_database


def test_known_hosts_names_every_host_by_its_address(
    places: Places, credentials: Credentials
) -> None:
    lines = (places.access("pulumi") / "known_hosts").read_text().splitlines()

    addresses = [host.address for site in ESTATE.sites for host in site.hosts]
    assert [line.split(",")[0] for line in lines] == addresses
