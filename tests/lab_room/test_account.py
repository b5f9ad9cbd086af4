"""Who may do what in the cloud's account: each identity its own key, and no more than its work."""

from __future__ import annotations

from pathlib import Path

from lab.access import issue
from lab.account import grants, users
from lab.places import Places
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
SITE = ESTATE.site("cloud")


def test_every_identity_has_a_key_of_its_own_that_its_directory_holds(tmp_path: Path) -> None:
    places = Places(state=tmp_path / "state", cache=tmp_path / "cache")
    keys = issue(ESTATE, places).cloud
    holders = {path.parent.name for path in places.access("").glob("*/cloud.json")}
    assert keys.keys() == holders
    assert len({key["access_key"] for key in keys.values()}) == len(keys)
    assert len({key["secret_key"] for key in keys.values()}) == len(keys)
    told = users(ESTATE, SITE, keys)
    assert told["region"] == "cn-north-1"
    assert {name: user["key"] for name, user in told["users"].items()} == keys


def test_nobody_may_do_everything_and_objects_are_read_as_copies_of_evidence_only() -> None:
    for identity in ("pulumi", "auditor", "operator-cloud"):
        for statement in grants(ESTATE, SITE, identity):
            assert statement["Effect"] == "Allow"
            assert "*" not in statement["Action"]
    changes = ("Create", "Delete", "Put", "Update", "Modify", ":*")
    (look, copies) = grants(ESTATE, SITE, "auditor")
    assert not [action for action in look["Action"] for word in changes if word in action]
    assert "s3:GetObject" not in look["Action"]
    assert copies["Resource"] == "arn:aws-cn:s3:::xinglin-lab-cloud/evidence/*"
    assert {each["Resource"] for each in grants(ESTATE, SITE, "operator-cloud")} == {
        "arn:aws-cn:s3:::xinglin-lab-cloud",
        "arn:aws-cn:s3:::xinglin-lab-cloud/evidence/*",
    }
