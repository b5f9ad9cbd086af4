"""Every page of the database carries a checksum.

Why: a disk that returns wrong bits is noticed by nothing else, and replication and backups carry
the damage on.
Clause: GB/T 22239-2019 8.1.4.7 b; GB/T 39725-2020, data of level 1 are kept whole.
Fix: stop the cluster and run `pg_checksums --enable` at each member; new ones: `initdb -k`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.database_settings import unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_checksums_on",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.7 b"),
        Clause("GB/T 39725-2020", "第1级数据"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据页校验已启用", "Pages of the database carry checksums"),
    remedy=Text("停库后执行 pg_checksums --enable", "stop it and run pg_checksums --enable"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if checksums are off, or that cannot be read."""
    yield from unlike(resource.inputs["facts"]["settings"], "data_checksums", good=("on",))
