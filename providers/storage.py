"""S3-compatible storage as the target of a transfer: where it is, and who we are there.

Credentials come from the environment and go into the environment of the program that moves, into
nothing else. What must never happen: a key in an argument, an address, a file or a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hospital.errors import DeclarationError, Problem

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PROVIDERS = {
    "amazonaws.com": "AWS",
    "amazonaws.com.cn": "AWS",
    "aliyuncs.com": "Alibaba",
    "myhuaweicloud.com": "HuaweiOBS",
    "myqcloud.com": "TencentCOS",
}
"""Whose dialect of S3 an endpoint speaks, as rclone names it."""
_KEPT = ("PATH", "HOME", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "TZ")
_KEY, _SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"


def wrong(where: str, field: str, message: str, remedy: str) -> DeclarationError:
    """The error that says one problem of a command line or an environment."""
    return DeclarationError((Problem(where, field, message, remedy),))


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of the storage; never printed."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``; DeclarationError that names both."""
        for name in (_KEY, _SECRET):
            if not environment.get(name):
                raise wrong("environment", name, "未设置 / is not set", f"export {name}=…")
        token = environment.get("AWS_SESSION_TOKEN", "")
        return cls(environment[_KEY], environment[_SECRET], token)


@dataclass(frozen=True, slots=True)
class Target:
    """A prefix of a bucket at an endpoint."""

    endpoint: str
    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    authority: Path | None = None  # of the endpoint's certificate; None: those of the system

    @classmethod
    def of(cls, url: str, endpoint: str, **rest: Any) -> Target:
        """``s3://BUCKET/PREFIX`` at ``https://host[:port]``; DeclarationError for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or "?" in url or "#" in url:
            raise wrong(url, "TARGET", "不是 / is not s3://BUCKET/PREFIX", "s3://pacs/archive")
        where = urlsplit(endpoint)
        if where.scheme not in ("http", "https") or not where.hostname or "@" in where.netloc:
            remedy = "https://host[:port]; 密钥只放环境变量 / keys belong into the environment"
            raise wrong("--endpoint", "endpoint", "不是网址 / is no URL of an endpoint", remedy)
        return cls(endpoint, parts.netloc, parts.path.strip("/"), **rest)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def environment(self, credentials: Credentials) -> dict[str, str]:
        """How rclone is told of it; no file is written, and none of the user's is read."""
        host = urlsplit(self.endpoint).hostname or ""
        dialect = (name for ending, name in _PROVIDERS.items() if host.endswith(f".{ending}"))
        settings = {
            "TYPE": "s3",
            "PROVIDER": next(dialect, "Other"),
            "ENDPOINT": self.endpoint,
            "REGION": self.region,
            "ACCESS_KEY_ID": credentials.access_key,
            "SECRET_ACCESS_KEY": credentials.secret_key,
            "SESSION_TOKEN": credentials.session_token,
        }
        found = {f"RCLONE_CONFIG_TARGET_{name}": text for name, text in settings.items() if text}
        found |= {name: os.environ[name] for name in _KEPT if name in os.environ}
        return found | ({"RCLONE_CA_CERT": str(self.authority)} if self.authority else {})
