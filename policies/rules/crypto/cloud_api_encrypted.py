"""A public cloud's API is called over TLS.

Why: what is declared there, names and tags included, and every backup pass over this line.
Clause: GB/T 39786-2021 8.2 a, 8.3 b; GB/T 22239-2019 8.1.2.2 b.
Fix: use the cloud's https endpoint. It is advisory because a simulated cloud on the same machine
speaks plain http; in production treat it as refused.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_api_encrypted",
    clauses=(
        Clause("GB/T 39786-2021", "8.2 a"),
        Clause("GB/T 39786-2021", "8.3 b"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.SITE,),
    title=Text("云接口使用加密通道", "A cloud's API is called over TLS"),
    remedy=Text("endpoints.cloud 改用 https 地址", "use an https address in endpoints.cloud"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the site has a cloud whose API is in clear."""
    url = resource.inputs["site"]["endpoints"].get("cloud", "")
    if url and not url.startswith("https://"):
        yield Text(f"云接口为明文：{url}", f"the cloud's API is called in clear: {url}")
