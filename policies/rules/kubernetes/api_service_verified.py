"""The API server knows to whom it hands requests.

Why: an aggregated API sees the requests and who made them. Without a check of its certificate,
whoever answers at that address sees them, and answers in the cluster's name.
Clause: GB/T 39786-2021 8.2 a (the other side is authenticated); GB/T 22239-2019 8.1.2.2 b.
Fix: remove `insecureSkipTLSVerify` and give the authority in `caBundle`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="api_service_verified",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 22239-2019", "8.1.2.2 b")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("APIService",),
    title=Text("聚合 API 须校验证书", "The certificate of an aggregated API is verified"),
    remedy=Text(
        "删除 insecureSkipTLSVerify 并填写 caBundle",
        "remove insecureSkipTLSVerify and give the authority in caBundle",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the certificate is not looked at."""
    item = resource.inputs["object"]
    if item.get("spec", {}).get("insecureSkipTLSVerify"):
        name = name_of(item)
        yield Text(f"{name} 未校验证书", f"the certificate of {name} is not verified")
