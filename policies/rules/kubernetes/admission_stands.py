"""What Kubernetes checks at admission by itself is not turned off.

Why: each of these plugins is a wall that others lean on: PodSecurity holds a namespace's level,
ServiceAccount binds a pod to its account, two call our gate and its policies, two stop signing
requests from making administrators, and AlwaysAdmit is no check at all.
Clause: GB/T 22239-2019 8.1.4.2 e (access policy holds for every access), 8.1.4.2 d.
Fix: take the plugin out of `--disable-admission-plugins`; remove AlwaysAdmit.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, listed, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="admission_stands",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 e"), Clause("GB/T 22239-2019", "8.1.4.2 d")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("内置准入检查未被关闭", "Built-in admission is not turned off"),
    remedy=Text(
        "从 --disable-admission-plugins 移除所列插件，不启用 AlwaysAdmit",
        "take the plugins out of --disable-admission-plugins and remove AlwaysAdmit",
    ),
)

WALLS = (
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "NamespaceLifecycle",
    "PodSecurity",
    "ResourceQuota",
    "ServiceAccount",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per wall that is down."""
    off, on = (flag(resource, f"{verb}-admission-plugins") for verb in ("disable", "enable"))
    if off is None or on is None:
        yield unread("disable-admission-plugins, enable-admission-plugins")
        return
    for plugin in sorted(set(WALLS).intersection(listed(off))):
        yield Text(f"准入插件 {plugin} 已关闭", f"admission plugin {plugin} is turned off")
    if "AlwaysAdmit" in listed(on):
        yield Text("启用了 AlwaysAdmit", "admission plugin AlwaysAdmit is turned on")
