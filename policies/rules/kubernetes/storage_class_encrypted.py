"""Volumes are encrypted, by the storage class that makes them.

Why: disks are replaced, stolen and returned; a volume in the cloud lies on somebody else's. Only
advisory: a disk can be encrypted below Kubernetes (LUKS, the array, the cloud's default), and a
class does not say whether patient data are kept in it.
Clause: GB/T 22239-2019 8.1.4.8 b; GB/T 39786-2021 8.4 e.
Fix: set the provisioner's parameter, with a key of the hospital's; for local disks, encrypt those.
Waiver: the security administrator, who knows what encrypts the disk instead.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="storage_class_encrypted",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"), Clause("GB/T 39786-2021", "8.4 e")),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("StorageClass",),
    title=Text("存储类启用加密", "A storage class encrypts its volumes"),
    remedy=Text(
        "设置存储插件的加密参数并使用医院自有密钥",
        "set the provisioner's parameter for encryption, with a key of the hospital's",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

SWITCHES = {  # lower case, as drivers read them
    ("encrypted", "true"),  # Alibaba Cloud, AWS, Ceph, Longhorn
    ("encryption", "true"),
    ("encrypt", "encrypt"),  # Tencent Cloud
    ("secure", "true"),  # Portworx
}
KEYS = {"diskencryptionsetid", "disk-encryption-kms-key", "everest.io/crypt-key-id"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no parameter asks for encryption."""
    item = resource.inputs["object"]
    told = {(key.lower(), str(value).lower()) for key, value in item.get("parameters", {}).items()}
    if not SWITCHES & told and not any(key in KEYS and value for key, value in told):
        name, maker = name_of(item), item.get("provisioner", "?")
        yield Text(f"{name}（{maker}）未要求加密", f"{name} ({maker}) does not ask for encryption")
