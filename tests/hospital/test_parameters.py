"""What an estate may set of the rules: within the law, exactly told, and the same everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hospital.codec import encode, estate_from, hub_objects
from hospital.errors import DeclarationError
from hospital.estate import Policy, ResourceWaiver
from hospital.form import POLICY
from hospital.kinds import Notes
from hospital.parameters import PARAMETERS, of
from hospital.rule import Parameter
from policies.rules import all_rules
from stacks.estate import read_estate, read_policy

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


def problems(rule: str, name: str, value: object) -> list[str]:
    notes = Notes(lambda path: "here")
    POLICY.read({"parameters": {rule: {name: value}}}, (), notes)
    return [problem.message for problem in notes.problems]


def edge(parameter: Parameter, number: int) -> Any:
    return number if isinstance(parameter.default, int) else [number]


def test_the_table_and_the_rules_name_the_same_parameters() -> None:
    held = {found.rule.id: found.rule.parameters for found in all_rules() if found.rule.parameters}
    assert held == {each.rule: of(each.rule) for each in PARAMETERS}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda it: f"{it.rule}.{it.name}")
def test_a_default_is_lawful_and_what_is_beyond_the_bounds_is_not(parameter: Parameter) -> None:
    default = encode(parameter.default)
    assert problems(parameter.rule, parameter.name, default) == []
    if parameter.least is not None and parameter.most is not None:
        for number in (parameter.least - 1, parameter.most + 1):
            (said,) = problems(parameter.rule, parameter.name, edge(parameter, number))
            assert f"{number} is outside" in said
    for item in parameter.never:
        (said,) = problems(parameter.rule, parameter.name, [item])
        assert said == f"{item} can never be allowed"


@pytest.mark.parametrize("value", [True, "3", 2.5, None, [3]])
def test_another_type_is_told(value: object) -> None:
    (said,) = problems("replicas_redundant", "replicas", value)
    assert "expected a whole number" in said


def test_unknown_rules_and_parameters_are_told_with_file_line_field_and_the_nearest(
    tmp_path: Path,
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(
        "parameters:\n  replica_redundant: {replicas: 3}\n  only_https_open: {port: [443]}\n"
    )
    with pytest.raises(DeclarationError) as raised:
        read_policy(path)
    assert [(it.where, it.field, it.remedy) for it in raised.value.problems] == [
        (f"{path}:2:3", "parameters.replica_redundant", "did you mean 'replicas_redundant'?"),
        (f"{path}:3:21", "parameters.only_https_open.port", "did you mean 'ports'?"),
    ]


def test_the_hub_loses_nothing_of_it() -> None:
    words = {"reason": "迁移中", "owner": "王主任", "control": "每日备份"}
    waiver = ResourceWaiver("second_site", until=date(2027, 1, 1), resource="Host/a", **words)
    policy = Policy({"only_https_open": {"ports": (443, 8443)}}, (waiver,))
    estate = replace(read_estate(LAB), policy=policy)
    assert estate_from(hub_objects(estate)).policy == policy


def test_an_estate_that_says_nothing_puts_nothing_into_the_hub() -> None:
    estate = read_estate(LAB)
    assert all("policy" not in item.spec["estate"] for item in hub_objects(estate)[:1])
    assert estate_from(hub_objects(estate)).policy == Policy()
