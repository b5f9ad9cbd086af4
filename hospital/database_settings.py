"""What a rule says of one setting of a database that is in effect."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hospital.rule import Plain, Text


def unlike(settings: Plain, name: str, *, good: Collection[str]) -> Iterator[Text]:
    """One reason if the setting has none of the good values; not being read is none of them."""
    value = settings.get(name)
    if value is None:
        yield Text(f"无法读取 {name}", f"{name} could not be read")
    elif value not in good:
        yield Text(f"{name} 为 {value or '空'}", f"{name} is {value or 'empty'}")
