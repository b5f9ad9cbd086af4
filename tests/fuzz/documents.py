"""``python -m tests.fuzz.documents [-max_total_time=SECONDS]``: any bytes as a manifest."""

from __future__ import annotations

import io
import sys

import atheris

from tests.fuzz.seeds import fuzz

with atheris.instrument_imports(include=["console", "hospital", "yaml"]):
    from console.documents import Allowance, documents
    from hospital.errors import DeclarationError
    from hospital.manifest import normal


def once(content: bytes) -> None:
    """Values, or a DeclarationError; whatever else is raised ends the run and is shown."""
    try:
        for value, line in documents(io.BytesIO(content), "x", allowance=Allowance()):
            normal(value)
            if line < 1:
                raise AssertionError("a document before the first line")
    except DeclarationError:
        return


if __name__ == "__main__":
    fuzz(sys.argv, once)
