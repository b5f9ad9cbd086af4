"""No password, token or private key stands in a ConfigMap.

Why: ConfigMaps are read by whoever may look at a namespace, auditors and monitors included, and are
not encrypted in etcd as Secrets can be.
Clause: GB/T 22239-2019 8.1.4.8 b (authentication data are stored in confidence).
Fix: move it into a Secret and mount that; then change it, for it has been seen. The finding names
the key and the setting, never the value.
Waiver: the security administrator, for one workload (a setting that only looks like a secret).
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.plaintext import plain_secrets
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_plain_secret_in_config_map",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=("ConfigMap",),
    title=Text("ConfigMap 不含明文密钥或口令", "No secret stands in a ConfigMap in clear"),
    remedy=Text(
        "移入 Secret 后挂载，并更换已暴露的口令或密钥",
        "move it into a Secret, mount that, and change what has been seen",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per setting, address or key."""
    item = resource.inputs["object"]
    for key, value in item.get("data", {}).items():
        for found in plain_secrets(key, str(value)):
            name = name_of(item)
            yield Text(f"{name} 明文保存 {found}", f"{name} holds in clear: {found}")
