"""A database speaks TLS 1.2 or newer, with ciphers that hold.

Why: a connection to the database carries every password and every record; old protocols and ciphers
are read by who records them.
Clause: GB/T 22239-2019 8.1.2.2 a and b, 8.1.4.7 a, 8.1.4.8 a; GB/T 39786-2021 8.2 c.
Fix: `ssl = on`, `ssl_min_protocol_version = TLSv1.2`, no weak word in `ssl_ciphers`.
Waiver: nobody. Whether the algorithm is SM4 stays with the assessment.
"""

import re
from collections.abc import Iterator

from hospital.database_settings import unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_tls_strong",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 a"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.7 a"),
        Clause("GB/T 22239-2019", "8.1.4.8 a"),
        Clause("GB/T 39786-2021", "8.2 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("数据库启用强 TLS", "The database speaks strong TLS"),
    remedy=Text(
        "启用 ssl，最低 TLSv1.2，ssl_ciphers 去除弱算法",
        "set ssl on, at least TLSv1.2, and take weak words out of ssl_ciphers",
    ),
)

GOOD = ("TLSv1.2", "TLSv1.3")
# Words of OpenSSL's cipher list that bring in what is broken or unauthenticated (`man ciphers`).
WEAK = {"ALL", "COMPLEMENTOFALL", "MEDIUM", "LOW", "EXP", "EXPORT", "NULL", "ENULL", "ANULL"}
WEAK |= {"RC4", "DES", "3DES", "MD5", "IDEA", "SEED", "RC2"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per setting that is not good, or cannot be read."""
    settings = resource.inputs["facts"]["settings"]
    yield from unlike(settings, "ssl", good=("on",))
    yield from unlike(settings, "ssl_min_protocol_version", good=GOOD)
    ciphers = settings.get("ssl_ciphers")
    if ciphers is None:
        yield Text("无法读取 ssl_ciphers", "ssl_ciphers could not be read")
        return
    words = {word.lstrip("+").upper() for word in re.split("[: ,]", ciphers)}
    for word in sorted(words & WEAK):
        yield Text(f"ssl_ciphers 含 {word}", f"ssl_ciphers asks for {word}")
