"""The JSON Schema of a declaration, for editors.

Derived from the same table as validation (``hospital/form.py``), so an editor
never accepts a field that reading refuses. It cannot know what must hold between
fields: ``xinglin estate validate`` does.
"""

from __future__ import annotations

from typing import Any

from hospital.form import ESTATE

SCHEMA_ID = "https://xinglin.dev/schemas/v1alpha1/estate.json"


def estate_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of ``stacks/estates/*.yaml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **ESTATE.schema(),
    }
