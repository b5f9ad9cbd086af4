"""Who manages the platform and the platform prove to each other who they are.

Why: a stolen password or token is enough where no key is asked for, and every pod, database and
site is in reach from there.
Clause: GB/T 22239-2019 8.2.4.1, 8.1.5.4 b (a secure path of management). The store must require a
certificate, for it knows no other proof. Of the others it is seen that they ask; who comes without
one needs another credential. A public cloud's API checks signatures of its callers instead, which
no stranger can see.
Fix: `--client-ca-file` of API servers, `--client-cert-auth` of etcd, `verify_client` of Patroni.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import asks_less
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="management_authenticates_mutually",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.4.1"),
        Clause("GB/T 22239-2019", "8.1.5.4 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("管理端点双向身份鉴别", "Management authenticates in both directions"),
    remedy=Text(
        "要求客户端证书：client-ca-file、client-cert-auth、verify_client",
        "ask for client certificates: client-ca-file, client-cert-auth, verify_client",
    ),
)

ENOUGH = {
    "kubernetes": ("requested", "required"),
    "hub": ("requested", "required"),
    "patroni": ("requested", "required"),
    "etcd": ("required",),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per management endpoint that asks too little, or of which it could not be read."""
    enough = ENOUGH.get(resource.inputs["purpose"].partition("-")[0])
    if enough is not None:
        address = resource.inputs["address"]
        zh, en = f"{address} 不要求客户端证书", f"{address} requires no certificate of its callers"
        yield from asks_less(resource, enough, Text(zh, en))
