"""Stories on the laboratory hospital: what is compiled, in which order, and when we say no."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hospital.estate import Mode, Replication
from hospital.recovery import SETTLED, advance, compile_steps, judge, old_primary, propose
from hospital.story import (
    Action,
    ActionKind,
    ActionPhase,
    DatabaseSeen,
    HostSeen,
    Seen,
    SiteSeen,
    Step,
    StepKind,
    StepRecord,
    StepState,
)
from hospital.verdict import Block, Finish, Refuse, Take, Verdict, Wait
from stacks.estate import read_estate

LAB = read_estate(Path(__file__).parents[2] / "stacks/estates/lab.yaml")
CLINICAL = LAB.plan("clinical")
SITES = ("campus-x86", "campus-arm", "cloud")
HOMES = {workload.name: workload.home for workload in LAB.workloads}
X86, CLOUD = "campus-x86-db-1", "cloud-db-1"
CALM = DatabaseSeen("hospital-db", X86, "7a", (CLOUD,), X86, 0.0)
DARK = replace(CALM, writable="")


def asked(kind: ActionKind = ActionKind.FAILOVER, **changes: object) -> Action:
    action = Action("act", "clinical", kind, "", "flood", "li.wei", 100.0)
    return replace(action, **changes)  # type: ignore[arg-type]


def looking(
    *lost: str, database: DatabaseSeen = CALM, silent_host: str = "", quorum: bool = True
) -> Seen:
    sites = tuple(
        SiteSeen(site, observer, site not in lost, 2.0 if site in lost else 0.3)
        for site in SITES
        for observer in SITES
        if observer != site and observer not in lost
    )
    hosts = tuple(
        HostSeen(host, observer, host != silent_host, 0.8 if host == silent_host else 0.0)
        for host in (X86, CLOUD)
        for observer in SITES
        if observer not in lost
    )
    return Seen(quorum, sites, hosts, (database,), active=tuple(HOMES.items()))


def told(action: Action, seen: Seen, *, others: tuple[Action, ...] = ()) -> Verdict:
    plan = LAB.plan(action.plan)
    steps = compile_steps(LAB, plan, action, seen)
    return advance(LAB, plan, action, steps, seen, 101.0, others=others)


def kinds_of(steps: tuple[Step, ...]) -> set[StepKind]:
    return {step.kind for step in steps}


def played(action: Action, seen: Seen) -> list[list[str]]:
    """The story when every step taken succeeds at once: ids by turn."""
    turns = []
    while True:
        verdict = told(action, seen)
        if isinstance(verdict, Finish):
            return turns
        assert isinstance(verdict, Take), verdict
        taken = {step.id for step in verdict.steps}
        turns.append(sorted(taken))
        fresh = {step.subject for step in verdict.steps if step.kind is StepKind.WITHDRAW}
        off = {step.subject for step in verdict.steps if step.kind is StepKind.FENCE}
        if StepKind.PRIMARY in {step.kind for step in verdict.steps}:
            database = replace(seen.databases[0], leader=CLOUD, writable=CLOUD)
            seen = replace(seen, databases=(database,))
        seen = replace(seen, withdrawn=seen.withdrawn | fresh, fenced=seen.fenced | off)
        action = replace(
            action,
            records=tuple(
                replace(record, state=StepState.DONE) if record.id in taken else record
                for record in verdict.records
            ),
        )


def turn_of(turns: list[list[str]], step: str) -> int:
    return next(number for number, ids in enumerate(turns) if step in ids)


def test_a_dark_site_is_withdrawn_from_and_needs_no_step_there() -> None:
    seen = looking("campus-x86", database=DARK)
    steps = compile_steps(LAB, CLINICAL, asked(), seen)
    assert old_primary(steps) == X86
    assert StepKind.FENCE not in kinds_of(steps)
    assert StepKind.STOP not in kinds_of(steps)
    acting = [step for step in steps if step.kind not in (StepKind.EXPIRE, StepKind.EVIDENCE)]
    assert {step.site for step in acting} == {"cloud", "campus-arm"}


def test_the_whole_hospital_comes_up_in_the_order_of_its_dependencies() -> None:
    turns = played(asked(), looking("campus-x86", database=DARK))
    first = turns[0]
    assert f"WithdrawAcknowledgement/{CLOUD}" in first
    assert {f"StartWorkload/{name}" for name in CLINICAL.workloads} <= set(first)
    assert turn_of(turns, f"ExpireLease/{X86}") == 1
    assert turn_of(turns, "AwaitPrimary/hospital-db") == 2
    assert turn_of(turns, f"RestoreReception/{CLOUD}") == 3
    for name in CLINICAL.workloads:
        ready = turn_of(turns, f"AwaitWorkload/{name}")
        assert ready > 2
        assert turn_of(turns, f"SwitchName/{name}") > ready
        for needed in LAB.workload(name).depends_on:
            assert ready > turn_of(turns, f"SwitchName/{needed}")
    assert turns[-1] == ["RecordEvidence/act"]


def test_the_same_story_is_compiled_again_from_its_records_alone() -> None:
    seen = looking("campus-x86", database=DARK)
    verdict = told(asked(), seen)
    first = compile_steps(LAB, CLINICAL, asked(), seen)
    later = looking(database=replace(CALM, leader=CLOUD, writable=CLOUD))
    again = compile_steps(LAB, CLINICAL, asked(records=verdict.records), later)
    assert again == first


def test_a_silent_host_at_a_living_site_is_fenced_and_the_workloads_stay() -> None:
    steps = compile_steps(LAB, CLINICAL, asked(), looking(database=DARK, silent_host=X86))
    assert {StepKind.FENCE, StepKind.WITHDRAW, StepKind.EXPIRE} <= kinds_of(steps)
    assert not {StepKind.START, StepKind.NAME, StepKind.STOP} & kinds_of(steps)


def test_a_refused_fence_is_passed_over_with_its_reason() -> None:
    seen = looking(database=DARK, silent_host=X86)
    begun = told(asked(), seen)
    refused = replace(seen, fence_refused=frozenset({X86}))
    verdict = told(asked(records=begun.records), refused)
    fence = next(each for each in verdict.records if each.id == f"FenceHost/{X86}")
    assert fence.state is StepState.SKIPPED
    assert "BMC" in fence.detail


@pytest.mark.parametrize("proof", [{"fenced": {X86}}, {"withdrawn": {CLOUD}}])
def test_the_lease_is_expired_on_a_proof_and_on_nothing_else(proof: dict[str, set[str]]) -> None:
    seen = looking(database=DARK, silent_host=X86)
    records = told(asked(), seen).records
    without = told(asked(records=records), seen)
    assert isinstance(without, Take)
    assert StepKind.EXPIRE not in {step.kind for step in without.steps}
    proven = replace(seen, **{name: frozenset(hosts) for name, hosts in proof.items()})  # type: ignore[arg-type]
    verdict = told(asked(records=records), proven)
    assert isinstance(verdict, Take)
    assert StepKind.EXPIRE in {step.kind for step in verdict.steps}


def test_a_withdrawal_that_leaves_a_candidate_out_proves_nothing() -> None:
    database = replace(DARK, synchronous=(CLOUD, "campus-x86-db-2"))
    seen = replace(looking("campus-x86", database=database), withdrawn=frozenset({CLOUD}))
    records = told(asked(), seen).records
    verdict = told(asked(records=records), seen)
    assert isinstance(verdict, Take)
    assert StepKind.EXPIRE not in {step.kind for step in verdict.steps}


def test_without_fence_and_without_synchronous_replication_consensus_decides() -> None:
    hosts = tuple(replace(host, bmc=None) for host in LAB.site("campus-x86").hosts)
    sites = tuple(
        replace(site, hosts=hosts) if site.name == "campus-x86" else site for site in LAB.sites
    )
    database = replace(LAB.database("hospital-db"), replication=Replication.ASYNCHRONOUS)
    estate = replace(LAB, sites=sites, databases=(database,))
    steps = compile_steps(estate, CLINICAL, asked(), looking("campus-x86", database=DARK))
    assert StepKind.CONSENSUS in kinds_of(steps)
    assert not {StepKind.EXPIRE, StepKind.FENCE, StepKind.WITHDRAW} & kinds_of(steps)


def test_a_plan_whose_database_leads_elsewhere_moves_workloads_only() -> None:
    database = replace(CALM, leader=CLOUD, writable=CLOUD, synchronous=())
    steps = compile_steps(LAB, CLINICAL, asked(), looking("campus-x86", database=database))
    assert not {StepKind.EXPIRE, StepKind.WITHDRAW, StepKind.PRIMARY} & kinds_of(steps)
    assert len([step for step in steps if step.kind is StepKind.NAME]) == 6


def test_a_switchover_starts_the_target_first_and_stops_the_old_site_last() -> None:
    turns = played(asked(ActionKind.SWITCHOVER, target="cloud"), looking())
    handover = turn_of(turns, "HandOver/hospital-db")
    for name in CLINICAL.workloads:
        assert turn_of(turns, f"AwaitWorkload/{name}") < handover
        assert handover < turn_of(turns, f"SwitchName/{name}")
        assert turn_of(turns, f"StopWorkload/{name}") > turn_of(turns, f"SwitchName/{name}")
    assert not any(step.startswith("ExpireLease") for turn in turns for step in turn)


def test_a_failback_moves_home_what_is_elsewhere_and_nothing_else() -> None:
    moved = {**HOMES, "his": "cloud", "lis": "campus-arm"}
    database = replace(CALM, leader=CLOUD, writable=CLOUD, synchronous=(X86,))
    seen = replace(looking(database=database), active=tuple(moved.items()))
    steps = compile_steps(LAB, CLINICAL, asked(ActionKind.FAILBACK), seen)
    names = {step.subject: step.site for step in steps if step.kind is StepKind.NAME}
    assert names == {"his": "campus-x86", "lis": "campus-x86"}
    stops = {step.subject: step.site for step in steps if step.kind is StepKind.STOP}
    assert stops == {"his": "cloud", "lis": "campus-arm"}


def test_a_lag_beyond_the_rpo_blocks_until_a_person_accepts_the_loss() -> None:
    seen = looking("campus-x86", database=replace(DARK, synchronous=(), lag_seconds=42.0))
    verdict = told(asked(), seen)
    assert isinstance(verdict, Block)
    assert "42.0" in verdict.reason_zh
    assert "42.0" in verdict.reason_en
    assert "--accept-loss" in verdict.remedy
    assert isinstance(told(asked(accept_loss=True), seen), Take)


def test_an_unknown_lag_without_a_synchronous_candidate_blocks_too() -> None:
    seen = looking("campus-x86", database=replace(DARK, synchronous=(), lag_seconds=None))
    assert isinstance(told(asked(), seen), Block)


def test_a_switchover_to_a_standby_that_is_not_synchronous_blocks() -> None:
    seen = looking(database=replace(CALM, synchronous=()))
    assert isinstance(told(asked(ActionKind.SWITCHOVER, target="cloud"), seen), Block)


def test_without_the_quorum_of_the_hub_nothing_is_begun_and_nothing_proposed() -> None:
    seen = looking("campus-x86", database=DARK, quorum=False)
    verdict = told(asked(), seen)
    assert isinstance(verdict, Wait)
    assert verdict.phase is ActionPhase.PENDING
    assert propose(LAB, HOMES, seen, (), 100.0) is None


def test_consensus_that_was_quicker_ends_the_wait_for_a_proof() -> None:
    seen = looking("campus-x86", database=DARK)
    records = told(asked(), seen).records
    decided = looking("campus-x86", database=replace(DARK, leader=CLOUD, writable=CLOUD))
    verdict = told(asked(records=records), decided)
    expire = next(each for each in verdict.records if each.id == f"ExpireLease/{X86}")
    assert expire.state is StepState.SKIPPED
    assert CLOUD in expire.detail


def test_a_target_that_is_lost_on_the_way_is_given_up_and_never_named() -> None:
    begun = told(asked(ActionKind.SWITCHOVER, target="cloud"), looking())
    verdict = told(
        asked(ActionKind.SWITCHOVER, target="cloud", records=begun.records), looking("cloud")
    )
    states = {record.id: record.state for record in verdict.records}
    for name in ("his", "identity"):
        assert states[f"SwitchName/{name}"] is StepState.SKIPPED
        assert states[f"StopWorkload/{name}"] is StepState.SKIPPED
    assert states["HandOver/hospital-db"] is StepState.SKIPPED


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"plan": "clinicall"}, "no plan"),
        ({"target": "moon"}, "no site"),
        ({"kind": ActionKind.SWITCHOVER, "target": "cloud"}, "is down"),
        ({"kind": ActionKind.FAILBACK, "target": "cloud"}, "home"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(changes: dict[str, object], word: str) -> None:
    assert word in judge(LAB, asked(**changes), seen=looking("cloud"))  # type: ignore[arg-type]


def test_the_second_of_two_opposite_actions_is_refused() -> None:
    running = asked(
        name="first",
        phase=ActionPhase.RUNNING,
        records=(StepRecord("StartWorkload/his", StepState.INTENDED, site="cloud"),),
    )
    second = asked(ActionKind.FAILBACK, name="second", requested_at=100.5)
    assert isinstance(told(second, looking(), others=(running, second)), Refuse)
    assert judge(LAB, running, seen=looking(), others=(running, second)) == ""


def test_an_accepted_loss_takes_the_place_of_the_blocked_action() -> None:
    blocked = asked(name="blocked", phase=ActionPhase.BLOCKED)
    accepted = asked(name="accepted", requested_at=105.0, accept_loss=True)
    both = (blocked, accepted)
    assert judge(LAB, accepted, seen=looking(), others=both) == ""
    assert "superseded" in judge(LAB, blocked, seen=looking(), others=both)


def test_a_lost_site_proposes_one_failover_per_plan_that_it_hit() -> None:
    seen = looking("campus-x86", database=DARK)
    first = propose(LAB, HOMES, seen, (), 100.0, by="operator/cloud")
    assert first is not None
    assert (first.plan, first.kind) == ("clinical", ActionKind.FAILOVER)
    assert "campus-x86" in first.reason
    assert propose(LAB, HOMES, seen, (first,), 100.1) is None


def test_a_silent_primary_host_proposes_a_failover_of_its_plan() -> None:
    action = propose(LAB, HOMES, looking(database=DARK, silent_host=X86), (), 100.0)
    assert action is not None
    assert X86 in action.reason


def test_nothing_is_proposed_on_one_observer_or_on_an_old_heartbeat_alone() -> None:
    seen = looking("campus-x86", database=DARK)
    one = replace(seen, sites=tuple(e for e in seen.sites if e.observer != "cloud"), hosts=())
    assert propose(LAB, HOMES, one, (), 100.0) is None
    probed = replace(seen, sites=tuple(replace(e, reachable=True) for e in seen.sites), hosts=())
    assert propose(LAB, HOMES, probed, (), 100.0) is None
    fresh = replace(seen, sites=tuple(replace(e, silent_seconds=0.4) for e in seen.sites), hosts=())
    assert propose(LAB, HOMES, fresh, (), 100.0) is None


def test_a_plan_to_be_confirmed_waits_for_a_person() -> None:
    plans = tuple(replace(plan, mode=Mode.CONFIRM) for plan in LAB.plans)
    seen = looking("campus-x86", database=DARK)
    assert propose(replace(LAB, plans=plans), HOMES, seen, (), 100.0) is None


def test_after_a_failed_automatic_action_the_plan_is_left_alone_for_a_minute() -> None:
    seen = looking("campus-x86", database=DARK)
    failed = asked(phase=ActionPhase.FAILED, requested_by="operator/cloud")
    assert propose(LAB, HOMES, seen, (failed,), 130.0) is None
    assert propose(LAB, HOMES, seen, (failed,), 161.0) is not None


def test_every_story_settles_each_step_and_closes_with_a_count() -> None:
    seen = looking("campus-x86", database=DARK)
    records = told(asked(), seen).records
    done = tuple(replace(record, state=StepState.DONE) for record in records)
    decided = looking("campus-x86", database=replace(DARK, leader=CLOUD, writable=CLOUD))
    verdict = told(asked(records=done), decided)
    assert isinstance(verdict, Finish)
    assert all(record.state in SETTLED for record in verdict.records)
    assert f"{len(done)} steps done" in verdict.message
