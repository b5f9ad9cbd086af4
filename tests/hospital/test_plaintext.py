"""Secrets in clear text are recognised, references are not taken for them, values never told."""

from __future__ import annotations

import pytest

from hospital.plaintext import plain_secrets

VALUE = "hunter2"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "spring.datasource.password",
        "redis-passwd",
        "dbPassword",
        "MYSQL_PWD",
        "github_token",
        "clientSecret",
        "client-secret",
        "apiKey",
        "API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "privateKey",
        "credentials",
        "secret",
    ],
)
def test_a_setting_is_secret_by_its_name(name: str) -> None:
    assert [*plain_secrets(name, VALUE)] == [name]
    assert [*plain_secrets("app.conf", f"host = db\n{name} = {VALUE}\n")] == [f"app.conf: {name}"]


@pytest.mark.parametrize(
    "name",
    ["username", "DB_PASSWORD_FILE", "passwordMinLength", "token_url", "secretName", "keyboard"],
)
def test_a_setting_about_a_secret_is_none(name: str) -> None:
    assert [*plain_secrets(name, VALUE)] == []
    assert [*plain_secrets("app.conf", f"{name}: {VALUE}")] == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "${DB_PASSWORD}",
        "$(DB_PASSWORD)",
        "$DB_PASSWORD",
        "{{ .Values.password }}",
        "<password>",
        "%DB_PASSWORD%",
        "@db.password@",
        "ENC(Zm9v)",
        "{cipher}Zm9v",
        "/run/secrets/password",
        "tls.key",
        "vault:secret/his#password",
        "********",
        "true",
        "None",
    ],
)
def test_a_value_that_says_where_the_secret_is_is_none(value: str) -> None:
    assert [*plain_secrets("password", value)] == []
    assert [*plain_secrets("app.yaml", f"password: {value}\nport: 1")] == []


@pytest.mark.parametrize("value", ["!QAZ2wsx", "@WSX3edc", "$rfv5TGB", "%TGB6yhn", "*IK<0okm", "1"])
def test_a_password_that_begins_like_a_reference_is_one_all_the_same(value: str) -> None:
    assert [*plain_secrets("password", value)] == ["password"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("postgresql://his:hunter2@db:5432/his", ["postgresql://his"]),
        ("redis://:hunter2@cache", ["redis://"]),
        ("amqp://a:hunter2@x, amqp://b:hunter2@x, amqp://a:hunter2@y", ["amqp://a", "amqp://b"]),
        ("postgresql://his:${PASSWORD}@db/his", []),
        ("postgresql://his@db:5432/his?sslmode=verify-full", []),
        ("https://hospital.test:8443/a@b", []),
        ("jdbc:mysql://db/his?user=his&password=hunter2", ["password"]),
    ],
)
def test_credentials_in_an_address_are_told_without_the_password(
    value: str, found: list[str]
) -> None:
    assert [*plain_secrets("url", value)] == [f"url: {one}" for one in found]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_is_one_in_whatever_form(kind: str) -> None:
    text = f"-----BEGIN {kind}PRIVATE KEY-----\nMIIB\n-----END {kind}PRIVATE KEY-----"
    assert [*plain_secrets("tls.pem", text)] == ["tls.pem: PRIVATE KEY"]


def test_a_certificate_and_a_public_key_are_no_secret() -> None:
    text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----BEGIN PUBLIC KEY-----\nMIIB\n"
    assert [*plain_secrets("ca.crt", text)] == []


def test_a_setting_without_a_value_is_not_given_the_next_line() -> None:
    assert [*plain_secrets("app.yaml", "password:\nusername: his\n")] == []
    assert [*plain_secrets("app.json", '{"password": "", "port": 1}')] == []


def test_comments_and_programs_configure_nothing_but_an_address_in_them_is_known() -> None:
    assert [*plain_secrets("app.conf", "# password = hunter2\n  // token: x\nport=1\n")] == []
    assert [*plain_secrets("start.sh", "token=ask\npassword=$1\n")] == []
    assert [*plain_secrets("start.sh", "curl https://ci:hunter2@x\n")] == ["start.sh: https://ci"]


def test_no_value_is_ever_told() -> None:
    text = f"password: {VALUE}\nurl: redis://a:{VALUE}@b\ntoken: {VALUE}"
    found = [*plain_secrets("app.yaml", text), *plain_secrets("password", VALUE)]
    assert len(found) == 4
    assert not any(VALUE in one for one in found)
