"""Diffie-Hellman over a prime uses one of at least 2048 bits.

Why: 512 bits are computed in minutes and 1024 by a state (Logjam), once for all who share the
prime, and most do.
Clause: GB/T 39786-2021 chapter 5 (algorithms), 8.2 c; GB/T 22239-2019 8.1.2.2 b.
Fix: `ssl-dh-param-file` or `tune.ssl.default-dh-param 2048`, or no DHE suites: ECDHE is faster.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.ciphers import LEAST_DH_BITS
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="dh_group_strong",
    clauses=(
        Clause("GB/T 39786-2021", "第5章 密码算法"),
        Clause("GB/T 39786-2021", "8.2 c"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("DH 群不少于 2048 位", "Diffie-Hellman groups have at least 2048 bits"),
    remedy=Text("使用 2048 位以上的 DH 参数，或仅用 ECDHE", "use 2048 bits or more, or ECDHE only"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the smallest group is too small; without such suites there is none."""
    bits, address = resource.inputs["facts"].get("dhBits"), resource.inputs["address"]
    if bits is not None and bits < LEAST_DH_BITS:
        yield Text(f"{address} 使用 {bits} 位的 DH 群", f"{address} uses a DH group of {bits} bits")
