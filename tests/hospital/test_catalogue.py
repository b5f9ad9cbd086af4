"""The catalogue contradicts neither itself nor the lab's declaration."""

from __future__ import annotations

from datetime import date

from hospital.catalogue import CATALOGUE, PRODUCTS, THIRD_2025, Known


def test_no_two_products_share_an_id() -> None:
    assert len(CATALOGUE) == len(PRODUCTS)


def test_every_id_begins_with_its_kind_and_every_product_runs_somewhere() -> None:
    for product in PRODUCTS:
        assert product.id.startswith(f"{product.kind}-")
        assert product.architectures


def test_a_listing_holds_three_years_from_its_announcement() -> None:
    assert THIRD_2025.valid_until == date(2028, 9, 12)
    assert CATALOGUE["cpu-hygon"].valid_until == date(2027, 5, 20)


def test_only_a_seen_announcement_gives_a_last_day() -> None:
    dated = {product.known for product in PRODUCTS if product.valid_until}
    assert dated == {Known.SEEN}
