"""A lab's control groups are ready for a kubelet in both versions, and go with the lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.control_groups import make, remove, renew


@pytest.fixture
def version_one(tmp_path: Path) -> Path:
    (tmp_path / "memory").mkdir()
    (tmp_path / "cpuset").mkdir()
    (tmp_path / "cpuset" / "cpuset.cpus").write_text("0-1\n")
    (tmp_path / "cpuset" / "cpuset.mems").write_text("0\n")
    return tmp_path


def test_version_one_gets_the_group_in_every_hierarchy(version_one: Path) -> None:
    make("/xinglin-x/cloud", root=version_one)

    assert (version_one / "memory" / "xinglin-x" / "cloud").is_dir()
    assert (version_one / "cpuset" / "xinglin-x" / "cloud").is_dir()


def test_version_two_hands_down_the_controllers_that_exist(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory rdma\n")
    (tmp_path / "cgroup.subtree_control").write_text("")

    make("xinglin-x", root=tmp_path)

    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu +memory"
    assert (tmp_path / "xinglin-x").is_dir()


def test_removal_takes_the_whole_tree_and_only_it(version_one: Path) -> None:
    make("xinglin-x/cloud/kubepods/pod1", root=version_one)
    make("xinglin-y/cloud", root=version_one)

    remove("xinglin-x", root=version_one)
    remove("xinglin-x", root=version_one)

    assert not (version_one / "memory" / "xinglin-x").exists()
    assert (version_one / "memory" / "xinglin-y").is_dir()


def test_a_machine_that_starts_finds_its_group_empty(version_one: Path) -> None:
    make("xinglin-x/cloud/kubepods/pod1", root=version_one)

    renew("xinglin-x/cloud", root=version_one)

    left = sorted((version_one / "memory" / "xinglin-x" / "cloud").iterdir())
    assert left == []
