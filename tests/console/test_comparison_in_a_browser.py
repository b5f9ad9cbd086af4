"""The comparison of a rehearsal where people read it: in a real browser from a file, and on paper.

Chromium and the fonts come from Debian (``lab/setup.sh system``). The browser gets a profile of its
own and, by the page's own policy, no network.
"""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moving import comparison_of, estate
from pypdf import PdfReader
from selenium import webdriver
from selenium.webdriver.common.by import By

from console import compared
from hospital.move import Method, Migration

pytestmark = pytest.mark.browser

HOSTILE = '"><script>document.title="taken"</script><img src=x onerror=alert(1)>' + "x" * 200


def found(*, emulated: bool | None = True) -> dict[str, Any]:
    """A report, one of whose endpoints has a hostile name."""
    migration = Migration(
        "his-campus-arm-1", "his", "campus-x86", "campus-arm", Method.LOGICAL,
        "hospital-db-arm", "x", "me", 1.0,
    )  # fmt: skip
    made = comparison_of(migration)
    hostile = replace(made.endpoints[0], name=HOSTILE, first_error=HOSTILE)
    made = replace(made, endpoints=(*made.endpoints, hostile), notes=(HOSTILE,))
    return compared.document(estate(), made, emulated=emulated)


@pytest.fixture
def opened(browser: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
    _, page = compared.write(found(), tmp_path)
    browser.get("about:blank")  # leaves the browser's own first page, which asks for pictures
    for kind in ("browser", "performance"):
        browser.get_log(kind)  # what other pages said is not ours
    browser.get(page.as_uri())
    return browser


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(
    opened: webdriver.Chrome, requested: Callable[[webdriver.Chrome], list[str]]
) -> None:
    assert requested(opened) == [opened.current_url]
    assert opened.get_log("browser") == []


def test_the_verdict_and_the_emulation_are_on_the_first_screen_in_both_languages(
    opened: webdriver.Chrome,
) -> None:
    assert opened.find_element(By.CSS_SELECTOR, ".verdict").text.split() == ["通过", "passed"]
    for selector in (".verdict", ".emulated", ".figures"):
        place = opened.find_element(By.CSS_SELECTOR, selector).rect
        assert place["y"] + place["height"] <= 900 - 150  # what the window's own frame may take


def test_a_target_that_is_not_emulated_is_not_said_to_be(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    for emulated in (False, None):
        _, page = compared.write(found(emulated=emulated), tmp_path)
        browser.get(page.as_uri())
        assert browser.find_elements(By.CSS_SELECTOR, ".emulated") == []
    assert "Nobody could see" in browser.find_element(By.TAG_NAME, "body").text


def test_each_measured_end_of_each_endpoint_has_a_curve_inside_its_plot(
    opened: webdriver.Chrome,
) -> None:
    curves = opened.find_elements(By.CSS_SELECTOR, "polyline.curve")
    assert [curve.get_attribute("class") for curve in curves] == [
        "curve source", "curve target", "curve target", "curve source", "curve target",
    ]  # fmt: skip
    inside = opened.execute_script(
        "return [...document.querySelectorAll('polyline.curve')].every(line => {"
        "const a = line.getBoundingClientRect(), b = line.closest('svg').getBoundingClientRect();"
        "return a.width > 20 && a.height > 20 && a.left >= b.left && a.right <= b.right"
        "  && a.top >= b.top && a.bottom <= b.bottom; })"
    )
    assert inside is True


def test_hostile_names_are_text(opened: webdriver.Chrome) -> None:
    assert "taken" not in opened.title
    assert opened.execute_script("return document.scripts.length + document.images.length") == 0
    assert HOSTILE in opened.find_element(By.CSS_SELECTOR, "ul").text


@pytest.mark.parametrize("width", [1280, 760, 390])
def test_nothing_sticks_out_of_the_page(opened: webdriver.Chrome, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        wide = opened.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_paper_shows_every_figure(opened: webdriver.Chrome) -> None:
    printed = opened.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    reader = PdfReader(io.BytesIO(b64decode(printed["data"])))
    text = "".join(page.extract_text() for page in reader.pages)
    for endpoint in found()["endpoints"]:
        assert compared.duration(endpoint["target"]["p95Seconds"]) in text
    assert "600" in text
