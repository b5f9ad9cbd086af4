"""The audit records changes of accounts and of rights.

Why: a new account or a line in sudoers is how an intruder stays; with no rule the audit is silent
about it.
Clause: GB/T 22239-2019 8.1.4.3 a.
Fix: `-w FILE -p wa` in `/etc/audit/rules.d` for `/etc/passwd`, `/etc/shadow`, `/etc/group` and
`/etc/sudoers`.
Waiver: nobody.
"""

import re
from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_audit_watches_accounts",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("审计账户与授权的变更", "Changes of accounts and rights are audited"),
    remedy=Text(
        "为 passwd、shadow、group、sudoers 添加审计规则",
        "add audit rules for passwd, shadow, group and sudoers",
    ),
)

WATCHED = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per file that no rule watches; a host without audit is `host_audit_runs`'s."""
    host = facts_of(resource)
    if not host.get("auditEnabled"):
        return
    if host.get("auditRules") is None:
        yield unread("审计规则", "the rules of the audit")
        return
    for path in WATCHED:
        watches = re.compile(rf"(-w |path=|dir=){re.escape(path)}( |$)|(-w |dir=)/etc/?( |$)")
        if not any(watches.search(line) for line in host["auditRules"]):
            yield Text(f"审计规则未监视 {path}", f"no audit rule watches {path}")
