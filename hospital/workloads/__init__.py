"""The catalogue of hospital systems, one file each.

A new system is a new file here with one value ``WORKLOAD``; nothing else lists
them. What an estate declares of a workload (home, standbys, database, or any
figure that differs) is laid over the value found here. A file must never do
anything but describe: importing the catalogue has no effect on the world.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from hospital.estate import Workload


def _found() -> dict[str, Workload]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    values: list[Workload] = [import_module(f"{__name__}.{name}").WORKLOAD for name in names]
    return {workload.name: workload for workload in values}


CATALOGUE: dict[str, Workload] = _found()
"""Workload name → its catalogue entry, in the order of the file names."""
