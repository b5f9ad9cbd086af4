"""Reads a cloud account through calls that only read: what its API shows, without an opinion.

One file per part of an account. A call that the cloud refuses makes its facts None, and is named;
a cloud that does not answer at all is UnavailableError. Nothing here may create, change or delete.
"""

from __future__ import annotations

from collections.abc import Sequence

from hospital.surveyed.account import AccountBucket, AccountFacts, Volume
from providers.account import balancers, buckets, elsewhere, identities, machines, networks, records
from providers.account.look import Look
from providers.aws import Cloud


def survey(cloud: Cloud) -> tuple[AccountFacts, tuple[str, ...]]:
    """What the account holds, and the calls that were refused."""
    look = Look(cloud)
    named = look.ask(lambda: str(look.client("sts").get_caller_identity()["Account"]))
    attached = networks.attached(look)
    stores, disks = buckets.buckets(look), machines.volumes(look)
    facts = AccountFacts(
        account=named,
        passwords=identities.passwords(look),
        root=identities.root(look),
        users=identities.users(look),
        roles=identities.roles(look),
        trails=records.trails(look),
        log_groups=records.log_groups(look),
        alarms=records.alarms(look),
        crypto_keys=records.crypto_keys(look, _encrypted(stores, disks)),
        buckets=stores,
        networks=networks.networks(look, attached),
        groups=networks.groups(look, attached),
        subnets=networks.subnets(look, attached),
        machines=machines.machines(look),
        volumes=disks,
        copies=machines.copies(look, account=named or ""),
        balancers=balancers.balancers(look),
        databases=machines.databases(look),
        elsewhere=elsewhere.elsewhere(look),
    )
    return facts, tuple(look.refused)


def _encrypted(
    stores: Sequence[AccountBucket] | None, disks: Sequence[Volume] | None
) -> list[tuple[str, str]] | None:
    """Everything that names a key; None if a part of it could not be read."""
    if stores is None or disks is None or any(each.key is None for each in stores):
        return None
    found = [(f"bucket {each.name}", each.key or "") for each in stores]
    return [*found, *((each.id, each.key) for each in disks)]
