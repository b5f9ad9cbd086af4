"""What of an account holds data outside the declared region: buckets, disks, databases.

Nobody chose those places, and nobody looks there; that is why every enabled region is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from hospital.surveyed.account import Elsewhere
from providers.account.buckets import region_of
from providers.account.look import Look


def elsewhere(look: Look) -> tuple[Elsewhere, ...] | None:
    """Everything that lies in another region; None if a region would not tell."""
    regions = look.ask(lambda: look.client("ec2").describe_regions()["Regions"])
    buckets = look.ask(lambda: look.client("s3").list_buckets()["Buckets"])
    if regions is None or buckets is None:
        return None
    others = sorted(filter(look.reaches, {each["RegionName"] for each in regions} - {look.region}))
    found = [look.ask(lambda region=region: tuple(_of(look, region))) for region in others]  # type: ignore[misc]
    lying = [(each["Name"], region_of(look, each["Name"])) for each in buckets]
    if None in found or None in [region for _, region in lying]:
        return None
    return (
        *(Elsewhere(at, f"bucket {name}") for name, at in lying if at and at != look.region),
        *(each for part in found for each in part or ()),
    )


def _of(look: Look, region: str) -> Iterator[Elsewhere]:
    for disk in look.pages("ec2", "describe_volumes", "Volumes", region=region):
        yield Elsewhere(region, f"volume {disk['VolumeId']}")
    for base in look.pages("rds", "describe_db_instances", "DBInstances", region=region):
        yield Elsewhere(region, f"database {base['DBInstanceIdentifier']}")
