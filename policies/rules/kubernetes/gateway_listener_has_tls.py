"""Every listener of a Gateway is encrypted, or does nothing but redirect.

Why: what passes the edge in clear text is read and changed on the way. Advisory: a TCP listener may
carry a protocol that encrypts by itself, which no Gateway shows.
Clause: GB/T 22239-2019 8.1.2.2 b; GB/T 39786-2021 8.2 c.
Fix: use HTTPS or TLS; let the routes of an HTTP listener redirect to https only.
Waiver: the security administrator, for one listener whose protocol encrypts by itself.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, namespace_of
from hospital.neighbours import at_site
from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Scope, Severity, Text

RULE = Rule(
    id="gateway_listener_has_tls",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.2 b"), Clause("GB/T 39786-2021", "8.2 c")),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Gateway",),
    title=Text("网关监听器须启用 TLS", "Every listener of a Gateway is encrypted"),
    remedy=Text(
        "改用 HTTPS 或 TLS；HTTP 监听器仅用于重定向到 https",
        "use HTTPS or TLS; let an HTTP listener redirect to https only",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
    scope=Scope.ESTATE,
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per listener in clear text; other kinds of Gateway (Istio's) have none."""
    item = resource.inputs["object"]
    for listener in item.get("spec", {}).get("listeners", ()):
        routes = [one for one in at_site(resource, facts, "HTTPRoute") if _on(one, item, listener)]
        rules = [rule for route in routes for rule in route["spec"].get("rules", ({},))]
        redirects = bool(rules) and all(map(_redirects, rules))
        if listener["protocol"] in ("HTTP", "TCP") and not redirects:
            where = f"{name_of(item)}/{listener['name']}"
            what = f"{listener['protocol']} {listener['port']}"
            yield Text(f"监听器 {where} 为明文 {what}", f"listener {where} is clear {what}")


def _on(route: Plain, gateway: Plain, listener: Plain) -> bool:
    """Whether the route hangs on that listener; only HTTP takes HTTPRoutes."""
    name, port = listener["name"], listener["port"]
    wanted = (namespace_of(gateway), name_of(gateway), name, port)
    for parent in route.get("spec", {}).get("parentRefs", ()):
        here = (parent.get("namespace", namespace_of(route)), parent["name"])
        if (*here, parent.get("sectionName", name), parent.get("port", port)) == wanted:
            return bool(listener["protocol"] == "HTTP")
    return False


def _redirects(rule: Plain) -> bool:
    filters = rule.get("filters", ())
    return any(one.get("requestRedirect", {}).get("scheme") == "https" for one in filters)
