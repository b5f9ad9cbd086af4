"""No password, token or private key stands in a container's environment.

Why: whoever may read the Deployment, its history in Git or a backup of etcd can then log in.
Clause: GB/T 22239-2019 8.1.4.8 b (authentication data are stored in confidence).
Fix: put it into a Secret and refer to it by `valueFrom.secretKeyRef`; then change it, for it has
been seen. The finding names the variable, never the value.
Waiver: the security administrator, for one workload (a setting that only looks like a secret).
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of
from hospital.plaintext import plain_secrets
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_plain_secret_in_environment",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("环境变量不含明文密钥或口令", "No secret stands in the environment in clear"),
    remedy=Text(
        "改用 Secret 并以 valueFrom.secretKeyRef 引用，随后更换已暴露的口令或密钥",
        "move it to a Secret, refer to it by valueFrom.secretKeyRef, and change what has been seen",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per variable, or per address or setting within one."""
    item = resource.inputs["object"]
    for container in containers(item):
        for variable in container.get("env", ()):
            for found in plain_secrets(variable["name"], str(variable.get("value", ""))):
                where = f"{name_of(item)}/{container['name']}"
                yield Text(f"容器 {where} 明文保存 {found}", f"{where} holds in clear: {found}")
