"""The lab's health as a table for a terminal: 状态 / state, part by part, sites side by side."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from lab.health import HostHealth, LabHealth, NodeHealth, SiteHealth

NOT_RUNNING = "实验环境未启动 / the lab does not run: xinglin lab up"
KINDS = {
    "real": "真实 real",
    "emulated": "真实（仿真 CPU）real, emulated CPU",
    "simulated": "模拟 simulated (KWOK)",
}


def table(health: LabHealth) -> Table:
    """One column per site, one row per part; a node that KWOK plays is called simulated."""
    title = "实验环境 / lab" if health.running else NOT_RUNNING
    quorum = "有 yes" if health.hub_quorum else "无 NO"
    made = Table(title=title, caption=f"中枢法定多数 / hub quorum: {quorum}")
    made.add_column("")
    for site in health.sites:
        made.add_column(site.name)
    rows = {
        "电源 power": [_mark(site.powered) for site in health.sites],
        "集群 API / site API": [_mark(site.api) for site in health.sites],
        "中枢 API / hub API": [_mark(site.hub_api) for site in health.sites],
        "中枢成员 / hub member": [_mark(site.hub_member) for site in health.sites],
        "域名 DNS": [_mark(site.names) for site in health.sites],
        "准入 admission": [_mark(site.admission) for site in health.sites],
        "云 API（模拟）/ cloud API (simulated)": [_mark(site.cloud) for site in health.sites],
        "操作员 operator": [_mark(site.operator) for site in health.sites],
        "节点 nodes": [_nodes(site) for site in health.sites],
        "主机 hosts (SSH, BMC)": [_hosts(site) for site in health.sites],
    }
    for name, cells in rows.items():
        made.add_row(name, *cells)
    return made


def _mark(good: bool | None) -> str:
    if good is None:
        return "—"
    return "[green]✓[/]" if good else "[red]✗[/]"


def _nodes(site: SiteHealth) -> str:
    def described(node: NodeHealth) -> tuple[str, str, bool]:
        return node.kind, node.architecture, node.ready

    counted = Counter(map(described, site.nodes))
    return "\n".join(
        f"{_mark(ready)} {count} × {KINDS[kind]} {architecture}"
        for (kind, architecture, ready), count in sorted(counted.items())
    )


def _hosts(site: SiteHealth) -> str:
    return "\n".join(map(_host, site.hosts))


def _host(host: HostHealth) -> str:
    return f"{_mark(host.powered)} {host.id} ({_mark(host.ssh)}, {_mark(host.bmc)})"
