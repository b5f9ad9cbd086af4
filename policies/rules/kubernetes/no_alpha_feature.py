"""The control plane runs nothing that its community calls alpha.

Why: an alpha feature may lose data, has had no review of its security, and can vanish with the next
version. Advisory: one may be needed and watched.
Clause: GB/T 22239-2019 8.1.4.4 a (only what is needed is installed).
Fix: take it out of `--feature-gates`; serve no `api/all` or alpha version by `--runtime-config`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_alpha_feature",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("不启用 Alpha 功能", "No alpha feature is on"),
    remedy=Text(
        "从 --feature-gates 与 --runtime-config 移除 Alpha 功能",
        "take alpha features out of --feature-gates and --runtime-config",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per alpha feature or version that is on; one if neither could be read."""
    features = resource.inputs["facts"].get("alphaFeatures")
    served = flag(resource, "runtime-config")
    if features is None or served is None:
        yield unread("kubernetes_feature_enabled, runtime-config")
        return
    for feature in features:
        yield Text(f"启用了 Alpha 功能 {feature}", f"alpha feature {feature} is on")
    for item in served.split(","):
        name, _, value = item.partition("=")
        if value == "true" and ("alpha" in name or name == "api/all"):
            yield Text(f"提供 Alpha 接口 {name}", f"alpha version {name} is served")
