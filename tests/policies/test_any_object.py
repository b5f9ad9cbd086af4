"""Rules on objects that nobody foresaw: whatever is changed, somebody is told, and nothing breaks.

Objects are those of the lab and of the rules' fixtures, with some part left out, emptied, made
null or made something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from hospital.manifest import normal
from hospital.rule import Kind
from lab import rbac
from policies.intake import from_object
from policies.judgement import Judgement, judge
from policies.rules import all_rules
from providers.objects import objects
from stacks.estate import read_estate

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
RULES = [found for found in all_rules() if Kind.OBJECT in found.rule.kinds]

Object = dict[str, Any]
Step = str | int

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
"""Any JSON."""


def known() -> list[Object]:
    estate = read_estate(ROOT / "stacks" / "estates" / "lab.yaml")
    his = estate.workload("his")
    found: list[Object] = [*objects(his, estate.site("campus-x86")), *rbac.site_objects()]
    for path in sorted((ROOT / "tests" / "policies" / "fixtures").glob("*/*.yaml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8")).get("objects", ())
    return found


KNOWN = known()


def places(value: Any, here: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Where something stands in an object; its kind and metadata are what makes it one."""
    if here and here not in (("kind",), ("metadata",)):
        yield here
    if not isinstance(value, dict | list):
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from places(item, (*here, key))


@st.composite
def changed(draw: st.DrawFn, *, values: bool) -> Object:
    """A known object with parts absent, null or empty; with ``values``, also of any other type."""
    item = deepcopy(draw(st.sampled_from(KNOWN)))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(item))
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        holder: Any = item
        for key in way:
            holder = holder[key]
        old = holder[last]
        acts = ["drop", "null"] + (["empty"] if isinstance(old, dict | list) else [])
        act = draw(st.sampled_from(acts + (["other"] if values else [])))
        if act == "drop":
            del holder[last]
        else:
            holder[last] = (
                draw(PLAIN) if act == "other" else type(old)() if act == "empty" else None
            )
    return item


def asked(*items: Object) -> Judgement:
    return judge(RULES, [from_object(item) for item in items], today=TODAY)


@given(changed(values=False))
def test_a_rule_copes_with_whatever_may_be_absent_null_or_empty(item: Object) -> None:
    failed = [each for each in asked(item).findings if each.reason.en.startswith("the rule failed")]
    assert failed == []


@given(changed(values=True))
def test_any_value_anywhere_gives_findings_and_never_an_error(item: Object) -> None:
    judgement = asked(item)
    judged = {tally.rule.id for tally in judgement.tallies if tally.judged}
    assert judged == {found.rule.id for found in RULES if item["kind"] in found.rule.objects}


@given(st.data())
def test_the_order_of_objects_lists_and_keys_changes_no_verdict(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(KNOWN), min_size=2, max_size=6))
    mixed = [shuffled(item, data) for item in data.draw(st.permutations(chosen))]
    assert refusing(asked(*mixed)) == refusing(asked(*chosen))


def refusing(judgement: Judgement) -> set[tuple[str, str]]:
    """Which rule refuses in which namespace: the first object there may speak for all of it."""
    return {
        (each.rule.id, each.resource.inputs["object"]["metadata"].get("namespace", ""))
        for each in judgement.findings
        if each.refuses
    }


def shuffled(value: Any, data: st.DataObject) -> Any:
    """The same with mappings in another order; lists too where Kubernetes takes them for sets."""
    if isinstance(value, dict):
        keys = data.draw(st.permutations(list(value)))
        return {key: shuffled(value[key], data) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, data) for item in data.draw(st.permutations(value))]
    return value


@given(PLAIN)
def test_what_is_normal_holds_no_null_and_is_its_own_normal_form(value: Any) -> None:
    once = normal(value)
    assert normal(once) == once
    assert value is None or all(item is not None for item in leaves(once))


def leaves(value: Any) -> Iterator[Any]:
    if not isinstance(value, dict | list):
        yield value
        return
    for item in value.values() if isinstance(value, dict) else value:
        yield from leaves(item)
