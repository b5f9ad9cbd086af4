"""``python -m bench``: every benchmark, ours and the peer's in one run, to ``build/bench/*.json``.

Those of programs run first, on this machine alone. The others use the lab that runs, if the stack
is up in it; otherwise one is started, the hospital declared, and all taken down afterwards. Exit
code 1 if a figure is not what is to be reached.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from bench import (
    admission,
    figures,
    files,
    hospital,
    logical,
    manifests,
    preview,
    recovery,
    slowdown,
    turns,
)
from bench.figures import Measured
from bench.stage import OURS, Stage
from console.desk import DECLARATION
from hospital.errors import HospitalError, UnavailableError
from lab import engine, lifecycle, root
from lab.places import Places
from stacks.estate import read_estate

Measure = Callable[..., Measured]

BENCHMARKS: dict[str, Measure] = {
    **{case.name: partial(recovery.measure, case) for case in recovery.CASES},
    hospital.NAME: hospital.measure,
}

PROGRAMS: dict[str, Measure] = {
    manifests.NAME: manifests.measure,
    admission.NAME: admission.measure,
    preview.NAME: preview.measure,
    **{case.name: partial(logical.measure, case) for case in logical.CASES},
    slowdown.NAME: slowdown.measure,
    turns.CUTOVER: turns.measure_cutover,
    turns.ROLLBACK: turns.measure_rollback,
    files.NAME: files.measure,
}
"""Need no lab."""

QUICKER: dict[str, Measure] = {files.NAME: partial(files.measure, files=files.QUICK)}
"""With less to do; its figures say how much less."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 if every target is met, 1 if not, 3 if something did not answer."""
    chosen, say = _options(arguments), _teller()
    try:
        met = _measure_programs(chosen, say)
        if chosen.only and PROGRAMS.keys() >= {*chosen.only}:
            return 0 if met else 1
        return 0 if _measure_recovery(chosen, say) and met else 1
    except HospitalError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 3


def _measure_programs(chosen: argparse.Namespace, say: Callable[[str], None]) -> bool:
    met = True
    programs = PROGRAMS | QUICKER if chosen.quick else PROGRAMS
    for name, measure in programs.items():
        if not chosen.only or name in chosen.only:
            met = _kept(measure(runs=chosen.runs, say=say), nodes="", say=say) and met
    return met


def _measure_recovery(chosen: argparse.Namespace, say: Callable[[str], None]) -> bool:
    places = Places.from_environment()
    ours = not _running(places)
    try:
        lifecycle.up(places=places, say=say)
        engine.select_stack(places)
        engine.pulumi(places, "up", "--yes", "--skip-preview", "--suppress-progress")
        root.enter(places)
        return _play(chosen, places, say)
    finally:
        if ours and not chosen.keep:
            lifecycle.down(places=places, say=say)


def _play(chosen: argparse.Namespace, places: Places, say: Callable[[str], None]) -> bool:
    stage = Stage(read_estate(DECLARATION), places)
    met = True
    try:
        for name, measure in BENCHMARKS.items():
            if chosen.only and name not in chosen.only:
                continue
            stage.wait(stage.whole, "the database is not whole")
            measured = measure(stage, runs=chosen.runs, say=say)
            met = _kept(measured, nodes=_nodes(places), say=say) and met
    finally:
        stage.declare(asynchronous=False)
        stage.take_duty(OURS)
        stage.close()
    return met


def _kept(measured: Measured, *, nodes: str, say: Callable[[str], None]) -> bool:
    """Write the figures and say them; whether the target is met."""
    path = figures.write(measured, nodes=nodes)
    ratios = "".join(f", {one:.3f} × {peer}" for peer, one in measured.ratios.items())
    say(f"{'met' if measured.met else 'NOT met'}{ratios}: {measured.target}; see {path}")
    return measured.met


def _nodes(places: Places) -> str:
    """Which kinds of nodes the lab has, such as ``real, simulated``."""
    sites = lifecycle.status(places=places).sites
    return ", ".join(sorted({node.kind for site in sites for node in site.nodes}))


def _running(places: Places) -> bool:
    try:
        root.running(places)
    except UnavailableError:
        return False
    return True


def _teller() -> Callable[[str], None]:
    began = time.monotonic()
    return lambda text: print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each, default 5")
    parser.add_argument(
        "--only", nargs="*", choices=[*PROGRAMS, *BENCHMARKS], help="these benchmarks"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the files")
    parser.add_argument("--keep", action="store_true", help="leave the lab running at the end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
