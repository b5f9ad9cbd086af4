"""Reads a cloud account through calls that only read: what its API shows, without an opinion.

One file per part of an account. A call that the cloud refuses makes its facts None, and is named;
a cloud that does not answer at all is UnavailableError. Nothing here may create, change or delete.
"""

from __future__ import annotations

from hospital.surveyed.account import AccountFacts
from providers.account import balancers, buckets, elsewhere, identities, machines, networks, records
from providers.account.look import Look
from providers.aws import Cloud


def survey(cloud: Cloud) -> tuple[AccountFacts, tuple[str, ...]]:
    """What the account holds, and the calls that were refused."""
    look = Look(cloud)
    named = look.ask(lambda: str(look.client("sts").get_caller_identity()["Account"]))
    attached = networks.attached(look)
    facts = AccountFacts(
        account=named,
        passwords=identities.passwords(look),
        root=identities.root(look),
        users=identities.users(look),
        roles=identities.roles(look),
        trails=records.trails(look),
        log_groups=records.log_groups(look),
        alarms=records.alarms(look),
        crypto_keys=records.crypto_keys(look),
        buckets=buckets.buckets(look),
        networks=networks.networks(look, attached),
        groups=networks.groups(look, attached),
        subnets=networks.subnets(look, attached),
        machines=machines.machines(look),
        volumes=machines.volumes(look),
        copies=machines.copies(look, account=named or ""),
        balancers=balancers.balancers(look),
        databases=machines.databases(look),
        elsewhere=elsewhere.elsewhere(look),
    )
    return facts, tuple(look.refused)
