"""An account's buckets: who can reach them, and what is kept how."""

from __future__ import annotations

import json

from hospital.permissions import admits_everybody, requires_encryption
from hospital.surveyed.account import AccountBucket
from providers.account.look import Look, Plain

_ALL = ("/global/AllUsers", "/global/AuthenticatedUsers")  # the latter: of any account at all
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"
_YEAR = 365
_FIRST_REGION = "us-east-1"  # the region that the API calls by no name


def buckets(look: Look) -> tuple[AccountBucket, ...] | None:
    """Every bucket of the account, wherever it lies."""
    found = look.ask(lambda: look.client("s3").list_buckets()["Buckets"])
    if found is None:
        return None
    return tuple(_bucket(look, each["Name"]) for each in found)


def region_of(look: Look, name: str) -> str | None:
    """Where a bucket lies."""
    s3 = look.client("s3")
    return look.ask(
        lambda: s3.get_bucket_location(Bucket=name)["LocationConstraint"] or _FIRST_REGION
    )


def _bucket(look: Look, name: str) -> AccountBucket:
    policy = _setting(look, name, "get_bucket_policy", "NoSuchBucketPolicy")
    own = _setting(look, name, "get_public_access_block", _NO_BLOCK)
    version = _setting(look, name, "get_bucket_versioning")
    document = None if policy is None else json.loads(policy.get("Policy", "{}"))
    encryption = _encryption(look, name)
    return AccountBucket(
        name=name,
        region=region_of(look, name),
        open_to_everybody=_open(look, name, document),
        closed=None if own is None else _closed(own),
        versioned=None if version is None else version.get("Status") == "Enabled",
        encryption=None if encryption is None else encryption.get("SSEAlgorithm", ""),
        key=None if encryption is None else encryption.get("KMSMasterKeyID", ""),
        tls_only=None if document is None else requires_encryption(document),
        retention_days=_retention(look, name),
    )


def _setting(look: Look, name: str, call: str, *absent: str) -> Plain | None:
    """``{}`` if there is none; None if it may not be seen."""
    read = getattr(look.client("s3"), call)
    return look.ask(lambda: look.optional(lambda: read(Bucket=name), *absent))


def _closed(own: Plain) -> bool:
    found = own.get("PublicAccessBlockConfiguration", {})
    return all(found.get(one, False) for one in _BLOCKS)


def _open(look: Look, name: str, document: Plain | None) -> bool | None:
    grants = _setting(look, name, "get_bucket_acl")
    if document is None or grants is None:
        return None
    given = [each["Grantee"].get("URI", "") for each in grants["Grants"]]
    return admits_everybody(document) or any(uri.endswith(_ALL) for uri in given)


def _encryption(look: Look, name: str) -> Plain | None:
    absent = "ServerSideEncryptionConfigurationNotFoundError"
    found = _setting(look, name, "get_bucket_encryption", absent)
    if found is None:
        return None
    rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    return next((each["ApplyServerSideEncryptionByDefault"] for each in rules), {})


def _retention(look: Look, name: str) -> int | None:
    found = _setting(
        look, name, "get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"
    )
    if found is None:
        return None
    rule = found.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    return int(rule.get("Days", 0) + rule.get("Years", 0) * _YEAR)
