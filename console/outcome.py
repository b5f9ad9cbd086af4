"""How a command ends: five exit codes, and one place that turns errors into them.

Scripts rely on the codes, so they may never change their meaning. What a person reads goes to
standard error, so that ``--json`` on standard output stays JSON whatever happens. ``stderr`` is
made when something is said there: what draws it takes longer to import than half of our commands
take to do their work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

import typer

from hospital.errors import (
    DeclarationError,
    HospitalError,
    RefusedError,
    UnavailableError,
    UnsafeError,
)

if TYPE_CHECKING:
    from rich.console import Console

    stderr: Console

EXIT_CODES = (
    "Exit codes: 0 as it should be, 1 findings or failed, 2 usage or declaration, "
    "3 the world does not answer, 4 refused as unsafe."
)


class Exit(IntEnum):
    """What the exit code of every command means."""

    OK = 0  # done, and everything is as it should be
    FAILED = 1  # findings, a verdict not met, or the world said no
    USAGE = 2  # the command line or a declaration is wrong; nothing was changed
    SILENT = 3  # the world does not answer; the same command may work later
    UNSAFE = 4  # WE say no: it could lose or fork patient data


_CODES: dict[type[HospitalError], Exit] = {
    DeclarationError: Exit.USAGE,
    UnavailableError: Exit.SILENT,
    RefusedError: Exit.FAILED,
    UnsafeError: Exit.UNSAFE,
}


def code_of(error: HospitalError) -> Exit:
    """The exit code for an error of ours."""
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    return Exit.FAILED


@contextmanager
def told() -> Iterator[None]:
    """Errors of ours end the command with their message and their code, never a traceback."""
    try:
        yield
    except HospitalError as error:
        _tell(error)
        raise typer.Exit(code_of(error)) from error


def _tell(error: HospitalError) -> None:
    from rich.markup import escape  # noqa: PLC0415

    _stderr().print(f"[red]✗[/] {escape(str(error))}")
    if isinstance(error, UnsafeError):
        _stderr().print(f"  → {escape(error.remedy)}")


@cache
def _stderr() -> Console:
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True)


def __getattr__(name: str) -> Console:
    if name == "stderr":
        return _stderr()
    raise AttributeError(name)
