"""Gathers what an audit of plain manifests judges, and nothing that only other audits need.

Apart from ``console/inspection.py`` because that imports a cluster's SDK, which takes longer than a
thousand objects take to judge. A manifest that was not read is named in the source as unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.manifests import Manifest, Skipped, Unread, read
from hospital.rule import Plain, Resource
from policies.intake import from_object
from policies.report import Source


@dataclass(frozen=True, slots=True)
class Inspected:
    """The resources to judge and where they come from."""

    resources: tuple[Resource, ...]
    source: Source
    read: tuple[Path, ...] = ()  # the files and directories that they were read from
    policy: Plain | None = None  # what the estate says of the rules; None where nothing is said


def files(path: Path) -> Inspected:
    """The Kubernetes objects in a file, a directory or, for ``-``, on standard input.

    DeclarationError names every file that cannot be read exactly.
    """
    found = tuple(read(path))
    resources = tuple(
        from_object(each.item, place=each.place) for each in found if isinstance(each, Manifest)
    )
    unseen = tuple(f"{each.place}: {each.why}" for each in found if isinstance(each, Unread))
    skipped = tuple(f"{each.place}: {each.why}" for each in found if isinstance(each, Skipped))
    source = Source("manifests", str(path), unseen=unseen, skipped=skipped)
    return Inspected(resources, source, (path,))
