"""A request of a client stays within its tier's bound when it travels to the target.

Clients stay where they are, so each request gains one round trip, and one more for its connection.
"""

from __future__ import annotations

from hospital.latency import CLASSES
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

ROUND_TRIPS = 2  # a connection and a request; keep-alive saves the first


def check(facts: Facts) -> Answer:
    now = known(facts.request_seconds, "request_seconds")
    latency = known(known(facts.path, "path").latency_seconds, "path.latency_seconds")
    bound = CLASSES[facts.workload.tier]
    added = latency * ROUND_TRIPS
    then = now + added
    zh = f"p95 {milliseconds(now)} 增至 {milliseconds(then)}，上限 {bound.request_seconds:g} 秒"
    en = f"p95 {milliseconds(now)} becomes {milliseconds(then)}, bound {bound.request_seconds:g} s"
    over = then > bound.request_seconds or added > bound.added_seconds
    return failed(zh, en) if over else passed(zh, en)


CHECK = Precheck(
    id="request_budget",
    part=Part.NETWORK,
    title=Text("请求时延在等级上限内", "Requests stay within their tier's bound"),
    severity=Severity.WARNING,
    remedy=Text(
        "缩短线路时延，或选择更近的站点", "choose a nearer site, or a line with less latency"
    ),
    function=check,
)
