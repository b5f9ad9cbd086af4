"""When a home's failure domain is lost, its standbys have room for everything that plans bring.

Why: the sites that are left carry their own load and the lost one's; what finds no room stays down.
Clause: GB/T 20988-2025 level 4 and above (complete standby processing equipment).
Fix: add capacity at a standby, name another standby, or take what can wait out of the plans.
Waiver: nobody; a workload without a surviving standby is said by other rules.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import on_hosts, plans, sites, span, workloads

RULE = Rule(
    id="standby_capacity_suffices",
    clauses=(Clause("GB/T 20988-2025", "第4级"), Clause("GB/T 20988-2025", "备用数据处理系统")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("备用站点容量充足", "Standby sites have room for what plans bring"),
    remedy=Text("扩充备用站点容量或增加备用站点", "add capacity, or another standby"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per workload of the plan that would find no room."""
    plan = resource.inputs["plan"]
    home = sites(facts).get(plan["home"])
    if home is not None:
        domain = home["failureDomain"]
        for name in (each for each in plan["workloads"] if each in _homeless(facts, domain)):
            yield Text(
                f"失去故障域 {domain} 时，备用站点容不下 {name}",
                f"without {domain}, {name} finds no room at its standbys",
            )


def _homeless(facts: Facts, lost: str) -> set[str]:
    """What no standby can hold, the most urgent being placed first, as a recovery does it."""
    left = {key: site for key, site in sites(facts).items() if site["failureDomain"] != lost}
    room = {key: (it["capacityMillicores"], it["capacityMebibytes"]) for key, it in left.items()}
    planned = {name for plan in plans(facts).values() for name in plan["workloads"]}
    known = workloads(facts).values()
    homeless: set[str] = set()
    for item in known:
        if item["home"] in left:
            room[item["home"]] = _after(room[item["home"]], item, left[item["home"]])
    for item in sorted(known, key=lambda each: (each["tier"], span(each["rto"]))):
        able = [site for site in item["standbys"] if site in left]
        if item["home"] not in left and item["name"] in planned and able:
            fitting = [each for each in able if min(_after(room[each], item, left[each])) >= 0]
            room |= {each: _after(room[each], item, left[each]) for each in fitting[:1]}
            homeless |= set() if fitting else {item["name"]}
    return homeless


def _after(room: tuple[int, int], item: Plain, site: Plain) -> tuple[int, int]:
    count = 0 if on_hosts(item, site) else item["replicas"]
    return room[0] - item["cpuMillicores"] * count, room[1] - item["memoryMebibytes"] * count
