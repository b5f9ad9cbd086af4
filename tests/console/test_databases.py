"""Databases that nobody knows how to ask are named, and nothing is asked of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from console.databases import PRODUCTS, look
from console.desk import DECLARATION, Desk
from hospital.estate import Database, Estate
from providers.access import Access
from stacks.estate import read_estate


def with_databases(*held: Database) -> Estate:
    return replace(read_estate(DECLARATION), databases=held)


def test_a_vendors_product_is_named_as_unseen_at_every_member(tmp_path: Path) -> None:
    database = replace(read_estate(DECLARATION).databases[0], product="db-dm8")
    seen, unseen = look(Desk(with_databases(database), Access(tmp_path)))
    assert seen == ()
    assert [each.partition(": ")[0] for each in unseen] == [
        f"hospital-db@{host}" for host in database.members
    ]
    assert all("db-dm8" in each for each in unseen)
    assert "db-dm8" not in PRODUCTS


def test_without_a_key_to_the_hosts_every_member_is_named(tmp_path: Path) -> None:
    estate = read_estate(DECLARATION)
    seen, unseen = look(Desk(estate, Access(tmp_path)))
    assert seen == ()
    assert len(unseen) == sum(len(each.members) for each in estate.databases)
    assert "ssh_key" in unseen[0]
