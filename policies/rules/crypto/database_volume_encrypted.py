"""The volume below the data directory is encrypted, where the declaration says so.

Why: a declaration encrypts nothing; a disk that leaves the room is read wherever it arrives.
Clause: GB/T 22239-2019 8.1.4.8 b; GB/T 39786-2021 8.4 e.
Fix: put the data directory on a dm-crypt volume whose key is in the hospital's custody.
Waiver: not needed: advisory, because what a cloud or a disk array encrypts cannot be seen here.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_volume_encrypted",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"), Clause("GB/T 39786-2021", "8.4 e")),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据目录所在卷已加密", "The volume of the data directory is encrypted"),
    remedy=Text(
        "数据目录置于 dm-crypt 加密卷；由云或阵列加密的，请出示证明",
        "use a dm-crypt volume; where a cloud or an array encrypts, show that",
    ),
)

ENCRYPTED = "crypt"  # as lsblk calls a dm-crypt device


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no layer of the volume is encrypted, or the layers cannot be read."""
    storage = resource.inputs["facts"]["storage"]
    directory, layers = storage["directory"], storage["layers"]
    if not resource.inputs["database"]["encryptedAtRest"] or ENCRYPTED in layers:
        return
    if layers:
        zh = f"{directory} 所在设备（{', '.join(layers)}）未见加密层"
        yield Text(zh, f"no layer below {directory} is encrypted ({', '.join(layers)})")
    else:
        yield Text(f"无法读取 {directory} 的设备", f"the device of {directory} could not be read")
