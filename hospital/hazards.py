"""What a person should know of a move before it begins, and what no move of ours covers.

Facts of the declaration and of where everything runs now, in words; the checks
(``hospital/precheck.py``) say what must be mended, this says what is accepted by going on. Nothing
is left out because it is unpleasant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from hospital.estate import Estate, Replication
from hospital.move import Method
from hospital.proposal import Proposal
from hospital.rule import Text

NOT_COVERED = (
    Text(
        "Oracle、SQL Server、DM8、KingbaseES、openGauss 数据库",
        "databases of Oracle, SQL Server, DM8, KingbaseES and openGauss",
    ),
    Text(
        "外部系统里写死的地址（只切换域名）",
        "addresses written into other systems: only the DNS name moves",
    ),
)

_LOGICAL = (
    Text(
        "同步期间请勿改表结构：两端定义不同时拒绝切换",
        "leave tables as they are during the sync: no cutover while the ends' definitions differ",
    ),
    Text(
        "源库为同步保留预写日志，超过上限自动安全停止",
        "the source keeps write-ahead log for the stream; above the bound the migration stops "
        "itself safely",
    ),
    Text(
        "从隔离源端到完成，灾难恢复不移动该系统（M7）",
        "from the fence until it is over, recovery does not move this workload (M7)",
    ),
    Text(
        "完成后须在声明中改写主站点和数据库",
        "when it is completed its home and its database are to be changed in the declaration",
    ),
)


def hazards(estate: Estate, move: Proposal, active: Mapping[str, str]) -> tuple[Text, ...]:
    """What going on accepts; ``active`` is workload → site where it runs now."""
    found = [*(_LOGICAL if move.method is Method.LOGICAL else ())]
    if move.method is Method.PHYSICAL:
        found += _companions(estate, move)
    found += _stretched(estate, move, active)
    found += _alone(estate, move)
    return tuple(found)


def _companions(estate: Estate, move: Proposal) -> Iterator[Text]:
    """A switchover moves the whole cluster: the others' writes pause too, then cross the link."""
    others = [
        each.name
        for each in estate.workloads
        if each.database == move.database and each.name != move.workload
    ]
    if others:
        names = ", ".join(others)
        yield Text(
            f"数据库 {move.database} 整体切换：{names} 的写入同时停顿，之后跨链路访问主库",
            f"{move.database} is handed over as a whole: writes of {names} pause with it, and "
            "reach their primary over the link afterwards",
        )


def _stretched(estate: Estate, move: Proposal, active: Mapping[str, str]) -> Iterator[Text]:
    """Calls that crossed no link before, and will."""
    workload = estate.workload(move.workload)
    behind = [one for one in workload.depends_on if active.get(one) == move.source]
    callers = [
        each.name
        for each in estate.workloads
        if move.workload in each.depends_on and active.get(each.name) == move.source
    ]
    latency = _latency(estate, move.source, move.target)
    for names, zh, en in (
        (behind, "它依赖的系统留在源站点", "what it depends on stays behind"),
        (callers, "调用它的系统留在源站点", "what calls it stays behind"),
    ):
        if names:
            yield Text(
                f"{zh}：{', '.join(names)}，每次调用多 {latency}",
                f"{en}: {', '.join(names)}; each call takes {latency} more",
            )


def _alone(estate: Estate, move: Proposal) -> Iterator[Text]:
    """How well the data are kept where they go."""
    database, workload = estate.database(move.database), estate.workload(move.workload)
    sites = {estate.host(member).site for member in database.members}
    if len(sites) < 2:
        yield Text(
            f"{database.name} 只在 {move.target}：该站点失去时没有别处可接管",
            f"{database.name} is at {move.target} only: nothing can take over if that site is lost",
        )
    if database.replication is not Replication.SYNCHRONOUS and workload.rpo == timedelta(0):
        yield Text(
            f"{database.name} 不是同步复制，达不到声明的 RPO 0",
            f"{database.name} is not synchronous: the declared RPO of 0 is not kept there",
        )


def _latency(estate: Estate, one: str, other: str) -> str:
    for link in estate.links:
        if set(link.sites) == {one, other}:
            return f"{link.latency / timedelta(milliseconds=1):g} ms"
    return "? ms"
