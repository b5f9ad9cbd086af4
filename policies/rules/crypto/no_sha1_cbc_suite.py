"""No suite is accepted that protects its records by SHA-1 over CBC.

Why: the time that a server takes to reject a record tells what is in it (Lucky 13), and SHA-1 is no
digest of the allow-list. Advisory: HMAC with SHA-1 is not broken itself, and old devices know
nothing better.
Clause: GB/T 39786-2021 chapter 5 (algorithms), 8.2 b; GB/T 22239-2019 8.1.2.2 a.
Fix: take the suites that end in `_CBC_SHA` out of the list.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.ciphers import authenticates_by_sha1, listed, suites
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_sha1_cbc_suite",
    clauses=(
        Clause("GB/T 39786-2021", "第5章 密码算法"),
        Clause("GB/T 39786-2021", "8.2 b"),
        Clause("GB/T 22239-2019", "8.1.2.2 a"),
    ),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.ENDPOINT,),
    title=Text("不接受 CBC 与 SHA-1 套件", "No suite with CBC and SHA-1 is accepted"),
    remedy=Text("移除以 _CBC_SHA 结尾的套件", "take out the suites that end in _CBC_SHA"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per endpoint, with the suites."""
    accepted = suites(resource.inputs["facts"])
    found = [suite for _, suite in accepted if authenticates_by_sha1(suite)]
    if found:
        address, names = resource.inputs["address"], listed(found)
        yield Text(f"{address} 接受 {names}", f"{address} accepts {names}")
