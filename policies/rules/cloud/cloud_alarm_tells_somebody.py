"""An alarm in the cloud reaches somebody.

Why: an alarm without an action turns red on a screen that nobody looks at.
Clause: GB/T 22239-2019 8.1.5.4 c, 8.1.5.4 f, 8.2.3.2 d, 8.2.5.1 d.
Fix: give the alarm an action, and turn its actions on. What else watches the cloud is not seen
here.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_alarm_tells_somebody",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.5.4 c"),
        Clause("GB/T 22239-2019", "8.1.5.4 f"),
        Clause("GB/T 22239-2019", "8.2.3.2 d"),
        Clause("GB/T 22239-2019", "8.2.5.1 d"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("云告警通知到人", "Alarms in the cloud tell somebody"),
    remedy=Text(
        "为告警设置并启用通知动作",
        "give the alarm an action that is on",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per alarm that tells nobody."""
    yield from unread(resource, "alarms", "告警")
    for alarm in each(resource, "alarms"):
        if not alarm["tells"]:
            yield Text(f"告警 {alarm['name']} 不通知任何人", f"alarm {alarm['name']} tells nobody")
