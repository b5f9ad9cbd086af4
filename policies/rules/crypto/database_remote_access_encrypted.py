"""Whoever comes to the database over a network must come through TLS.

Why: a line `host` in pg_hba.conf leaves it to the client; the one program that does not ask for TLS
sends records, and its password's proof, in clear.
Clause: GB/T 22239-2019 8.1.2.2 b, 8.1.4.8 a, 8.2.4.5 c (replication of a move is one of them); GB/T
39786-2021 8.2 c, 8.4 d; GB/T 39725-2020, data of level 3.
Fix: write `hostssl` (or `hostgssenc`) where the line now says `host` or `hostnossl`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.hba import admitting, from_afar
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_remote_access_encrypted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.8 a"),
        Clause("GB/T 39786-2021", "8.2 c"),
        Clause("GB/T 39786-2021", "8.4 d"),
        Clause("GB/T 39725-2020", "第3级数据"),
        Clause("GB/T 22239-2019", "8.2.4.5 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("远程访问数据库必须加密", "Remote access to the database must be encrypted"),
    remedy=Text("pg_hba.conf 中改用 hostssl", "write hostssl in pg_hba.conf"),
)

ENCRYPTED = ("hostssl", "hostgssenc")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per line that lets somebody in over a network in clear."""
    for line in admitting(resource.inputs["facts"]["access"]):
        if from_afar(line) and line["type"] not in ENCRYPTED:
            number, way = line["line"], line["type"]
            yield Text(
                f"pg_hba.conf 第 {number} 行（{way}）允许明文连接",
                f"line {number} of pg_hba.conf ({way}) admits connections in clear",
            )
