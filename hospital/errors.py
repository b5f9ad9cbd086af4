"""Four ways to fail, and what each asks of the person or program that sees it.

::

    HospitalError
    ├ DeclarationError   our files contradict themselves           fix the files
    ├ UnavailableError   the world does not answer (.retry_after)  try again
    ├ RefusedError       the world said no                         retrying is useless
    └ UnsafeError        WE say no: could lose or fork data        needs a decision by a person

Adapters translate every exception of their SDK into one of these; nothing else
leaves ``providers``. Facts are attributes, the message is for a human on call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class HospitalError(Exception):
    """Root of all errors that Xinglin raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a declaration: where (file:line), which field, what, and what to do."""

    where: str
    field: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.field}: {self.message}"
        return f"{text} ({self.remedy})" if self.remedy else text


class DeclarationError(HospitalError):
    """Our own files contradict themselves or each other; nothing was changed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class UnavailableError(HospitalError):
    """The world does not answer; the same call may succeed later."""

    def __init__(
        self, endpoint: str, message: str, *, retry_after: timedelta = timedelta(seconds=1)
    ) -> None:
        self.endpoint = endpoint
        self.retry_after = retry_after
        super().__init__(f"{endpoint}: {message}")


class RefusedError(HospitalError):
    """The world answered no (permission, conflict, invalid); repeating the call is useless."""

    def __init__(self, endpoint: str, message: str) -> None:
        self.endpoint = endpoint
        super().__init__(f"{endpoint}: {message}")


class UnsafeError(HospitalError):
    """We refuse: going on could lose or fork patient data. ``remedy`` says what a person can do."""

    def __init__(self, message: str, *, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(message)
