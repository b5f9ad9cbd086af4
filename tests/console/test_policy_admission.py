"""`xinglin policy webhook` and `admission-policies`: what `kubectl apply -f -` is given."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from console.main import app
from policies.cel import admission_policies
from policies.webhook import configuration

PEM = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
URL = "https://10.1.0.1:9443"


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    path = tmp_path / "ca.crt"
    path.write_text(PEM, encoding="ascii")
    return path


def test_the_configuration_is_printed_as_it_is_generated(authority: Path) -> None:
    done = CliRunner().invoke(app, ["policy", "webhook", "--url", URL, "--ca", str(authority)])
    assert done.exit_code == 0, done.output
    assert yaml.safe_load(done.stdout) == configuration(URL, PEM)
    assert "&id" not in done.stdout  # a person reads it before it is applied


def test_the_policies_are_printed_as_they_are_generated() -> None:
    done = CliRunner().invoke(app, ["policy", "admission-policies"])
    assert done.exit_code == 0, done.output
    assert tuple(yaml.safe_load_all(done.stdout)) == admission_policies()
    assert "&id" not in done.stdout


def test_a_url_without_tls_and_a_file_without_a_certificate_are_usage_errors(
    authority: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(b"\xff")
    plain = ["policy", "webhook", "--url", "http://10.1.0.1:9443", "--ca", str(authority)]
    for arguments in (plain, ["policy", "webhook", "--url", URL, "--ca", str(empty)]):
        assert CliRunner().invoke(app, arguments).exit_code == 2
