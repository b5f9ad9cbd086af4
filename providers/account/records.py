"""What an account writes down, who is told, and the keys: CloudTrail, CloudWatch, KMS."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hospital.permissions import admits_everybody
from hospital.surveyed.account import Alarm, CryptoKey, LogGroup, Trail
from providers.account.look import Look, Plain

_ROTATED = "SYMMETRIC_DEFAULT"  # the only kind whose material the provider can change
_GONE = frozenset({"PendingDeletion", "PendingReplicaDeletion", "PendingImport"})
_WRITES = frozenset({"All", "WriteOnly"})

Users = Sequence[tuple[str, str]]
"""What is encrypted, and the key that it names: its id or its ARN."""


def trails(look: Look) -> tuple[Trail, ...] | None:
    """Every record of calls, of this region or of all."""
    found = look.ask(lambda: look.client("cloudtrail").describe_trails()["trailList"])
    return None if found is None else tuple(_trail(look, each) for each in found)


def _trail(look: Look, trail: Plain) -> Trail:
    client, name = look.client("cloudtrail"), trail["TrailARN"]
    selectors = look.ask(lambda: client.get_event_selectors(TrailName=name))
    return Trail(
        name=trail["Name"],
        bucket=trail["S3BucketName"],
        every_region=trail["IsMultiRegionTrail"],
        validated=trail["LogFileValidationEnabled"],
        logging=look.ask(lambda: bool(client.get_trail_status(Name=name)["IsLogging"])),
        writes=None if selectors is None else _writes(selectors),
    )


def _writes(selectors: Plain) -> bool:
    """Whether every call that manages and changes something is recorded."""
    simple = any(
        each["IncludeManagementEvents"]
        and each["ReadWriteType"] in _WRITES
        and not each.get("ExcludeManagementEventSources")
        for each in selectors.get("EventSelectors", ())
    )
    return simple or any(map(_manages, selectors.get("AdvancedEventSelectors", ())))


def _manages(selector: Plain) -> bool:
    """A selector that takes management events and narrows them to changes at most."""
    fields = {each["Field"]: each.get("Equals") for each in selector["FieldSelectors"]}
    category, reads = fields.pop("eventCategory", None), fields.pop("readOnly", ["false"])
    return category == ["Management"] and reads == ["false"] and not fields


def log_groups(look: Look) -> tuple[LogGroup, ...] | None:
    """Every group of logs in this region."""
    found = look.ask(lambda: look.pages("logs", "describe_log_groups", "logGroups"))
    if found is None:
        return None
    return tuple(LogGroup(each["logGroupName"], each.get("retentionInDays", 0)) for each in found)


def alarms(look: Look) -> tuple[Alarm, ...] | None:
    """Every alarm in this region, on a metric or on other alarms."""
    kinds = ("MetricAlarms", "CompositeAlarms")
    found = look.ask(
        lambda: [
            each for kind in kinds for each in look.pages("cloudwatch", "describe_alarms", kind)
        ]
    )
    if found is None:
        return None
    return tuple(
        Alarm(each["AlarmName"], bool(each["ActionsEnabled"] and each.get("AlarmActions")))
        for each in found
    )


def crypto_keys(look: Look, users: Users | None) -> tuple[CryptoKey, ...] | None:
    """Every key in this region that the customer manages; ``users`` is None if nobody knows."""
    kms = look.client("kms")
    found = look.ask(
        lambda: [
            kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
            for each in look.pages("kms", "list_keys", "Keys")
        ]
    )
    if found is None:
        return None
    return tuple(
        _crypto_key(look, each, users) for each in found if each["KeyManager"] == "CUSTOMER"
    )


def _crypto_key(look: Look, key: Plain, users: Users | None) -> CryptoKey:
    kms, name = look.client("kms"), key["KeyId"]
    document = look.ask(
        lambda: json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])
    )
    return CryptoKey(
        arn=key["Arn"],
        state=key["KeyState"],
        rotation=_rotation(look, key),
        open_to_everybody=None if document is None else admits_everybody(document),
        used_by=None if users is None else _using(key, users),
    )


def _using(key: Plain, users: Users) -> tuple[str, ...]:
    return tuple(name for name, named in users if named in (key["Arn"], key["KeyId"]))


def _rotation(look: Look, key: Plain) -> str | None:
    rotated = key["KeySpec"] == _ROTATED and key["Origin"] == "AWS_KMS"
    if not rotated or key["KeyState"] in _GONE:
        return "never"
    kms = look.client("kms")
    turns = look.ask(lambda: kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"])
    return None if turns is None else "on" if turns else "off"
