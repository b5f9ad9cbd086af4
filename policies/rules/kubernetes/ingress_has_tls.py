"""Every host of an Ingress is served with TLS only.

Why: what passes the edge in clear text is read and changed on the way: names, numbers, logins.
Clause: GB/T 22239-2019 8.1.2.2 b; GB/T 39786-2021 8.2 c.
Fix: list the host under `spec.tls` with a certificate, and let plain HTTP be redirected.
Waiver: nobody. Whether the algorithm is SM4 stays with the assessment.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="ingress_has_tls",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.2 b"), Clause("GB/T 39786-2021", "8.2 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Ingress",),
    title=Text("入口须启用 TLS", "Every host of an Ingress is served with TLS only"),
    remedy=Text(
        "在 spec.tls 中列出该域名与证书，并将 HTTP 重定向到 HTTPS",
        "list the host and its certificate under spec.tls; redirect HTTP to HTTPS",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per host without a certificate, and one if plain HTTP is served beside it."""
    item = resource.inputs["object"]
    name, spec = name_of(item), item.get("spec", {})
    sealed = spec.get("tls", ())
    hosts = dict.fromkeys(rule.get("host") or "*" for rule in spec.get("rules", ())) or ("*",)
    for host in hosts:
        if not any(_covers(one, host) for one in sealed):
            yield Text(f"{name} 的 {host} 未启用 TLS", f"{name} serves {host} without TLS")
    for key, value in item.get("metadata", {}).get("annotations", {}).items():
        if sealed and key.endswith("/ssl-redirect") and value == "false":
            yield Text(f"{name} 未重定向明文 HTTP", f"{name} serves plain HTTP beside TLS")


def _covers(sealed: Plain, host: str) -> bool:
    """An entry without hosts is the controller's own certificate, for every host."""
    wildcard = f"*.{host.partition('.')[2]}"
    return not sealed.get("hosts") or host in sealed["hosts"] or wildcard in sealed["hosts"]
