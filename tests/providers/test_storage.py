"""Where the storage is, who we are there, and that no key leaves the environment."""

from __future__ import annotations

import pytest

from hospital.errors import DeclarationError
from providers.storage import Credentials, Target

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "the secret"}


def test_a_target_is_a_bucket_and_a_prefix() -> None:
    found = Target.of("s3://pacs/archive/2026/", "https://oss.example.com:9000")
    assert (found.bucket, found.prefix, str(found)) == (
        "pacs", "archive/2026", "s3://pacs/archive/2026",
    )  # fmt: skip
    assert Target.of("s3://pacs", "http://127.0.0.1:1").prefix == ""


@pytest.mark.parametrize(
    "url", ["pacs/archive", "s3:///archive", "s3://UPPER/x", "file:///x", "s3://pacs/a?x", "s3://a"]
)
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(DeclarationError, match="s3://BUCKET/PREFIX"):
        Target.of(url, "https://oss.example.com")


@pytest.mark.parametrize("endpoint", ["", "oss.example.com", "ftp://x", "https://key:word@host"])
def test_an_endpoint_is_a_url_without_a_key(endpoint: str) -> None:
    with pytest.raises(DeclarationError, match="endpoint") as refused:
        Target.of("s3://pacs/archive", endpoint)
    assert "word" not in str(refused.value)


@pytest.mark.parametrize("name", KEYS)
def test_a_missing_key_is_named(name: str) -> None:
    with pytest.raises(DeclarationError, match=name):
        Credentials.from_environment({**KEYS, name: ""})


def test_a_secret_is_not_printed_and_is_told_by_environment_only() -> None:
    credentials = Credentials.from_environment(KEYS)
    assert "secret" not in repr(credentials).replace("secret_key", "")
    environment = Target.of("s3://pacs/a", "https://h").environment(credentials)
    assert environment["RCLONE_CONFIG_TARGET_SECRET_ACCESS_KEY"] == "the secret"


def test_settings_of_the_users_own_mover_do_not_reach_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RCLONE_DRY_RUN", "true")
    monkeypatch.setenv("AWS_PROFILE", "another")
    found = Target.of("s3://pacs/a", "https://h").environment(Credentials.from_environment(KEYS))
    assert not {"RCLONE_DRY_RUN", "AWS_PROFILE"} & found.keys()


@pytest.mark.parametrize(
    ("host", "dialect"),
    [
        ("oss-cn-hangzhou.aliyuncs.com", "Alibaba"),
        ("obs.cn-north-4.myhuaweicloud.com", "HuaweiOBS"),
        ("cos.ap-beijing.myqcloud.com", "TencentCOS"),
        ("s3.cn-north-1.amazonaws.com.cn", "AWS"),
        ("minio.hospital.test", "Other"),
        ("notaliyuncs.com", "Other"),
    ],
)
def test_the_dialect_follows_from_the_endpoint(host: str, dialect: str) -> None:
    target = Target.of("s3://pacs/a", f"https://{host}")
    found = target.environment(Credentials.from_environment(KEYS))
    assert found["RCLONE_CONFIG_TARGET_PROVIDER"] == dialect
