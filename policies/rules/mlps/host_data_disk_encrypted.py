"""Where a database keeps its files, a layer of the host encrypts.

Why: a disk that is sent for repair, or a copied volume, is then no leak of patients.
Clause: GB/T 22239-2019 8.1.4.8 b; GB/T 39786-2021 8.4 e.
Fix: a LUKS volume below the directory. An array or a cloud disk that encrypts is not seen from the
host: it only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_data_disk_encrypted",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"), Clause("GB/T 39786-2021", "8.4 e")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("数据库文件在加密的设备上", "A database's files are on an encrypted device"),
    remedy=Text(
        "将数据目录置于 LUKS 卷，或由存储、云盘加密并登记",
        "put the directory on a LUKS volume, or let the storage encrypt and keep a record",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per directory of a host for databases that is not on an encrypted device."""
    if "database" not in resource.inputs["host"]["roles"]:
        return
    devices = facts_of(resource).get("dataDevices")
    if not devices:
        yield unread("数据目录所在设备", "where a database keeps its files")
    for path, state in (devices or {}).items():
        if state != "encrypted":
            yield Text(f"{path} 所在设备：{state}", f"{path} is on a device that is {state}")
