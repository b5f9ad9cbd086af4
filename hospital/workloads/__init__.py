"""The catalogue of hospital systems, one file each.

A new system is a new file here with one value ``WORKLOAD``; nothing else lists
them. What an estate declares of a workload (home, standbys, database, or any
figure that differs) is laid over the value found here. A file must never do
anything but describe: importing the catalogue has no effect on the world.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from hospital.estate import Workload
from hospital.load import Endpoints


def _modules() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [import_module(f"{__name__}.{name}") for name in names]


CATALOGUE: dict[str, Workload] = {each.WORKLOAD.name: each.WORKLOAD for each in _modules()}
"""Workload name → its catalogue entry, in the order of the file names."""

_LOADS: dict[str, Endpoints] = {
    each.WORKLOAD.name: getattr(each, "ENDPOINTS", Endpoints()) for each in _modules()
}


def endpoints_of(workload: str) -> Endpoints:
    """The load by which a workload is rehearsed."""
    return _LOADS.get(workload, Endpoints())
