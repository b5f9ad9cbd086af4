"""What leaves a site is encrypted: links between sites, and the endpoints that carry secrets.

Why: a line between two campuses is dug up, tapped and rerouted by others; credentials and patient
data pass over it.
Clause: GB/T 22239-2019 8.1.2.2 b, 8.2.4.5 c; GB/T 39786-2021 8.2 c.
Fix: encrypt the line (`encrypted: true` when it is) and use https endpoints.
Waiver: nobody. This rule sees that it is encrypted, not with which algorithm: whether it is SM4
stays with the assessment.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="transport_encrypted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 39786-2021", "8.2 c"),
        Clause("GB/T 22239-2019", "8.2.4.5 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.SITE,),
    title=Text("站点间传输加密", "Traffic between sites is encrypted"),
    remedy=Text(
        "启用线路加密并填写 encrypted: true；端点改用 https",
        "encrypt the line and declare `encrypted: true`; use https endpoints",
    ),
)

CONTROL = ("kubernetes", "hub", "etcd")  # endpoints through which credentials and data pass


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per link and per endpoint in clear."""
    for link in resource.inputs.get("links", ()):
        if not link["encrypted"]:
            pair = " – ".join(link["sites"])
            yield Text(f"线路 {pair} 未加密", f"the link {pair} is not encrypted")
    endpoints = resource.inputs["site"]["endpoints"]
    for name in CONTROL:
        url = endpoints.get(name, "")
        if url and not url.startswith("https://"):
            yield Text(f"端点 {name} 为明文：{url}", f"endpoint {name} is in clear: {url}")
