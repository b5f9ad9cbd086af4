"""An account's machines in one region, the disks and copies of them, and managed databases."""

from __future__ import annotations

from hospital.surveyed.account import Copy, Machine, ManagedDatabase, Volume
from providers.account.look import Look, Plain

_GONE = "terminated"


def machines(look: Look) -> tuple[Machine, ...] | None:
    """Every machine that is or may run again."""
    found = look.ask(lambda: look.pages("ec2", "describe_instances", "Reservations"))
    if found is None:
        return None
    return tuple(
        Machine(
            id=each["InstanceId"],
            public_address=each.get("PublicIpAddress") or "",
            token_required=_guarded(each.get("MetadataOptions", {})),
        )
        for reservation in found
        for each in reservation["Instances"]
        if each["State"]["Name"] != _GONE
    )


def _guarded(options: Plain) -> bool:
    return options.get("HttpEndpoint") == "disabled" or options.get("HttpTokens") == "required"


def volumes(look: Look) -> tuple[Volume, ...] | None:
    """Every disk, and the storage of every managed database."""
    disks = look.ask(lambda: look.pages("ec2", "describe_volumes", "Volumes"))
    bases = _databases(look)
    if disks is None or bases is None:
        return None
    return tuple(
        Volume(id=name, encrypted=encrypted, key=key or "")
        for name, encrypted, key in (
            *((f"volume {v['VolumeId']}", v["Encrypted"], v.get("KmsKeyId")) for v in disks),
            *((_name(b), b["StorageEncrypted"], b.get("KmsKeyId")) for b in bases),
        )
    )


def copies(look: Look, *, account: str) -> tuple[Copy, ...] | None:
    """Every snapshot and every image that belongs to the account."""
    snapshots = look.ask(
        lambda: look.pages("ec2", "describe_snapshots", "Snapshots", OwnerIds=["self"])
    )
    images = look.ask(lambda: look.pages("ec2", "describe_images", "Images", Owners=["self"]))
    if snapshots is None or images is None:
        return None
    return (
        *(_snapshot(look, each) for each in snapshots if each["OwnerId"] == account),
        *(Copy(each["ImageId"], _whole(each), each["Public"]) for each in images),
    )


def _snapshot(look: Look, snapshot: Plain) -> Copy:
    ec2, name, permission = look.client("ec2"), snapshot["SnapshotId"], "createVolumePermission"
    granted = look.ask(
        lambda: ec2.describe_snapshot_attribute(SnapshotId=name, Attribute=permission)
    )
    if granted is None:
        return Copy(name, snapshot["Encrypted"])
    public = any(each.get("Group") == "all" for each in granted["CreateVolumePermissions"])
    return Copy(name, snapshot["Encrypted"], public)


def _whole(image: Plain) -> bool:
    """Whether every disk of an image is encrypted."""
    disks = [each["Ebs"] for each in image.get("BlockDeviceMappings", ()) if "Ebs" in each]
    return all(disk.get("Encrypted") for disk in disks)


def databases(look: Look) -> tuple[ManagedDatabase, ...] | None:
    """Every managed database."""
    found = _databases(look)
    if found is None:
        return None
    return tuple(
        ManagedDatabase(
            name=each["DBInstanceIdentifier"],
            public=bool(each.get("PubliclyAccessible")),
            backup_days=each["BackupRetentionPeriod"],
            guarded=each["DeletionProtection"],
        )
        for each in found
    )


def _databases(look: Look) -> list[Plain] | None:
    return look.ask(lambda: look.pages("rds", "describe_db_instances", "DBInstances"))


def _name(database: Plain) -> str:
    return f"database {database['DBInstanceIdentifier']}"
