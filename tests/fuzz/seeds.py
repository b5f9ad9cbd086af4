"""Where fuzzing starts: the objects of the rules' fixtures, one file each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris
import yaml

FIXTURES = Path(__file__).parents[1] / "policies" / "fixtures"


def fuzz(arguments: list[str], once: Callable[[bytes], None]) -> None:
    """Run ``once`` on bytes made of the seeds until the time is over."""
    with TemporaryDirectory() as directory:
        for number, content in enumerate(_seeds()):
            (Path(directory) / str(number)).write_bytes(content)
        atheris.Setup([*arguments, directory], once)
        atheris.Fuzz()


def _seeds() -> list[bytes]:
    found = [
        item
        for path in sorted(FIXTURES.glob("*/*.yaml"))
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get("objects", ())
    ]
    dumped = [json.dumps(item) for item in found] + [yaml.safe_dump(item) for item in found]
    return [text.encode() for text in dumped]
