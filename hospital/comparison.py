"""Are two members of a database the same, row by row, while clients go on writing?

One image cannot be taken of two members at the same moment, so the first member is read twice,
around the reading of the second, which has replayed everything of the first reading by then. A
row that was the same in both readings did not change in between and must be the same in the
second member. A row that changed meanwhile says nothing and is counted as *moving*, never as the
same. What must never happen: a difference explained away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Image = Mapping[tuple[str, str], str]
"""(table, primary key) → digest of the whole row, of everything that one member holds."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing two members came to."""

    first: str  # host id, the primary
    second: str  # host id
    tables: int
    rows: int  # compared and the same
    moving: int  # changed while they were compared
    different: tuple[str, ...]  # "<table> <key>: <what>", every difference


def compare(before: Image, second: Image, after: Image, *, names: tuple[str, str]) -> Comparison:
    """Compare ``second`` with the first member as it was ``before`` and ``after`` it was read.

    ``names`` are the two members' host ids.
    """
    same = moving = 0
    different: list[str] = []
    for row in sorted(before.keys() | second.keys() | after.keys()):
        steady = before.get(row) == after.get(row)
        if steady and before.get(row) == second.get(row):
            same += 1
        elif not steady and (row in second or row not in before or row not in after):
            moving += 1  # written, changed or deleted meanwhile: seen at some point of it
        else:
            different.append(f"{row[0]} {row[1]}: {_difference(before, second, row)}")
    tables = {table for image in (before, second) for table, _ in image}
    return Comparison(*names, len(tables), same, moving, tuple(different))


def _difference(first: Image, second: Image, row: tuple[str, str]) -> str:
    if row not in second:
        return "missing in the second"
    return "content differs" if row in first else "only in the second"
