"""A document for programs and a page for people beside it, drawn from the same values.

The page is one file: it loads nothing and names its time with the zone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from hospital.local_time import local

HERE = Path(__file__).parent


def write(found: dict[str, Any], page: str, *, directory: Path, name: str) -> tuple[Path, Path]:
    """Write ``NAME.json`` and ``NAME.html`` into ``directory``; returns their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    data, drawn = directory / f"{name}.json", directory / f"{name}.html"
    text = json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False)
    data.write_text(text + "\n", encoding="utf-8")
    drawn.write_text(page, encoding="utf-8")
    return data, drawn


def template(name: str, **filters: Callable[..., Any]) -> Template:
    """A page's template; a value that is not there is an error, never a blank."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(filters)
    return environment.get_template(name)


def moment(epoch: float) -> str:
    """Epoch seconds as the hospital's local time."""
    return f"{local(epoch):%Y-%m-%d %H:%M:%S} +08:00"
