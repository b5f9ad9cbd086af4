"""The key that encrypts Secrets can be changed while the cluster runs.

Why: a key that changes only with a restart of every API server is not changed: a new one must be
known to all before the first writes with it. Advisory: a restart is a way, too.
Clause: GB/T 39786-2021 第5章 密钥管理 (keys are replaced).
Fix: `--encryption-provider-config-automatic-reload`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="store_key_changes_without_restart",
    clauses=(Clause("GB/T 39786-2021", "第5章 密钥管理"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.CLUSTER,),
    title=Text("静态加密密钥可在线更换", "The store's key changes without a restart"),
    remedy=Text(
        "设置 --encryption-provider-config-automatic-reload=true",
        "set --encryption-provider-config-automatic-reload",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if a configured key is read at the start only."""
    if not flag(resource, "encryption-provider-config"):
        return  # nothing is encrypted, which another rule finds
    if flag(resource, "encryption-provider-config-automatic-reload") != "true":
        yield Text("加密密钥仅在启动时读取", "the store's key is read at the start only")
