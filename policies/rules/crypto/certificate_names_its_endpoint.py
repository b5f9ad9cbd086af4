"""A certificate names what the endpoint is called by.

Why: a caller that checks goes no further, so that callers are told not to check; from then on any
certificate will do, an attacker's too.
Clause: GB/T 39786-2021 8.2 a (peers prove who they are); GB/T 22239-2019 8.1.4.1 c for management.
Fix: issue it with every name and address at which it is called, as subject alternative names; the
common name alone counts for nobody any more (RFC 9525).
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.certificates import called, covers, own_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_names_its_endpoint",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 22239-2019", "8.1.4.1 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("证书与端点名称一致", "A certificate names its endpoint"),
    remedy=Text(
        "在证书的主体备用名称中列出全部名称与地址",
        "list every name and address among the subject alternative names",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per name that the certificate shown for it does not hold."""
    for shown in resource.inputs["facts"]["shown"]:
        for certificate in own_of(shown):
            for name in shown["names"]:
                if not covers(certificate, name):
                    who = called(certificate)
                    yield Text(f"{who} 不含名称 {name}", f"{who} does not name {name}")
