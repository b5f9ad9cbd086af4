"""The owner of the account has a second factor and no keys.

Why: the root of an account can do everything, and no policy binds it.
Clause: GB/T 22239-2019 8.1.4.1 d, 8.1.4.2 b (default accounts), 8.1.4.2 d.
Fix: register a second factor for root, delete its keys, lock both away.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_root_guarded",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.1 d"),
        Clause("GB/T 22239-2019", "8.1.4.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.2 d"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("云账户根用户受控", "The root of the account is guarded"),
    remedy=Text(
        "为根用户登记第二因素并删除其访问密钥",
        "give root a second factor and delete its keys",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason for a missing factor, one for keys."""
    yield from unread(resource, "root", "根用户")
    root = resource.inputs["facts"].get("root", {})
    if not root.get("secondFactor", True):
        yield Text("根用户没有第二因素", "root has no second factor")
    if root.get("keys"):
        yield Text("根用户有访问密钥", "root has access keys")
