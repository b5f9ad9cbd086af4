"""How a command ends: five exit codes, and one place that turns errors into them.

Scripts rely on the codes, so they may never change their meaning. What a person reads goes to
standard error, so that ``--json`` on standard output stays JSON whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer
from rich.console import Console
from rich.markup import escape

from hospital.errors import (
    DeclarationError,
    HospitalError,
    RefusedError,
    UnavailableError,
    UnsafeError,
)

stderr = Console(stderr=True)

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
        stderr.print(f"[red]✗[/] {escape(str(error))}")
        if isinstance(error, UnsafeError):
            stderr.print(f"  → {escape(error.remedy)}")
        raise typer.Exit(code_of(error)) from error
