"""The files of the database, and its private key, are its own to read.

Why: who reads the files needs no login at the database, and leaves no record there; who reads the
key can pose as the database. PostgreSQL looks at these modes when it starts, and not again.
Clause: GB/T 22239-2019 8.1.4.2 f; GB/T 39786-2021 chapter 5 (keys).
Fix: `chmod 0700` the data directory (0750 for a backup group), `chmod 0600` the key.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_files_private",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 f"),
        Clause("GB/T 39786-2021", "第5章 密钥管理"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库文件与私钥仅本用户可读", "Files and key of the database are its own"),
    remedy=Text(
        "数据目录权限设为 0700，私钥设为 0600",
        "chmod 0700 the data directory and 0600 the key",
    ),
)

# Bits beyond those that PostgreSQL itself starts with: 0750 of a directory, 0640 of root's key.
TOO_MANY = {"directoryMode": 0o027, "keyMode": 0o137}
NAMES = {"directoryMode": Text("数据目录", "data directory"), "keyMode": Text("私钥", "key")}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per mode that lets others in."""
    storage = resource.inputs["facts"]["storage"]
    for key, bits in TOO_MANY.items():
        mode = storage.get(key)
        if mode is not None and int(mode, 8) & bits:
            zh = f"{NAMES[key].zh}权限为 {mode}"
            yield Text(zh, f"the mode of the {NAMES[key].en} is {mode}")
