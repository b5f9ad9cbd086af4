"""The line is as the estate declares it: decisions of placement rest on those figures."""

from __future__ import annotations

from hospital.latency import link_between
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    milliseconds,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

FACTOR = 2.0  # practice


def check(facts: Facts) -> Answer:
    path = known(facts.path, "path")
    link = link_between(facts.estate, facts.source_site, facts.target_site)
    if link is None:
        return failed("两站点间没有声明线路", "no line between the sites is declared")
    latency = known(path.latency_seconds, "path.latency_seconds")
    band = known(path.bandwidth_bytes_per_second, "path.bandwidth_bytes_per_second")
    said, bits = link.latency.total_seconds(), link.bandwidth_mbps * 1e6
    zh = (
        f"往返 {milliseconds(latency)}（声明 {milliseconds(said)}），带宽 {band * 8 / 1e6:.3g} Mbps"
    )
    en = (
        f"round trip {milliseconds(latency)} (declared {milliseconds(said)}), "
        f"{band * 8 / 1e6:.3g} Mbps"
    )
    zh, en = f"{zh}（声明 {link.bandwidth_mbps}）", f"{en} (declared {link.bandwidth_mbps})"
    worse = latency > said * FACTOR or band * 8 * FACTOR < bits
    return failed(zh, en) if worse else passed(zh, en)


CHECK = Precheck(
    id="line_as_declared",
    part=Part.NETWORK,
    title=Text("线路与声明相符", "The line is as declared"),
    severity=Severity.WARNING,
    remedy=Text("查明线路，或更正 links 的声明", "find out why, or declare the line as it is"),
    function=check,
)
