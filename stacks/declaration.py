"""The declaration that a stack names in its configuration.

A contradiction in the files stops the program before any resource is made, with every problem
at once and no stack trace.
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from hospital.errors import DeclarationError
from hospital.estate import Estate
from stacks.estate import read_estate

HERE = Path(__file__).resolve().parent


def declared() -> Estate:
    """The estate of ``xinglin:estate`` (relative to ``stacks/``); RunError if it is refused."""
    named = pulumi.Config("xinglin").require("estate")
    try:
        return read_estate(HERE / named)
    except DeclarationError as error:
        raise pulumi.RunError(str(error)) from error
