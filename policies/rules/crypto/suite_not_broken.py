"""No cipher suite is accepted whose encryption, digest or authentication is broken.

Why: RC4, DES, 3DES and export keys are read by whoever records enough; NULL hides nothing; an
anonymous server is anybody. One that is accepted can be forced.
Clause: GB/T 39786-2021 chapter 5 (algorithms), 8.2 c; GB/T 22239-2019 8.1.2.2 b.
Fix: offer suites with ECDHE and AEAD only, and for TLCP those with SM4 and SM3.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.ciphers import broken, listed, suites
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="suite_not_broken",
    clauses=(
        Clause("GB/T 39786-2021", "第5章 密码算法"),
        Clause("GB/T 39786-2021", "8.2 c"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ENDPOINT,),
    title=Text("不接受已被攻破的密码套件", "No broken cipher suite is accepted"),
    remedy=Text(
        "仅保留 ECDHE 与 AEAD 套件，TLCP 仅保留 SM4 与 SM3 套件",
        "keep suites with ECDHE and AEAD, and for TLCP those with SM4 and SM3",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per broken thing, with the suites that have it."""
    address, found = resource.inputs["address"], dict[str, list[str]]()
    for _, suite in suites(resource.inputs["facts"]):
        for flaw in broken(suite):
            found.setdefault(flaw, []).append(suite)
    for flaw, having in sorted(found.items()):
        names = listed(having)
        yield Text(f"{address} 接受 {flaw}：{names}", f"{address} accepts {flaw}: {names}")
