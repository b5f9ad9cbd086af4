"""The report where people read it: in a real browser from a file, on paper, and as PDF.

Chromium, Pango and the fonts come from Debian (``lab/setup.sh system``). The browser gets a profile
of its own and, by the page's own policy and ours, no network.
"""

from __future__ import annotations

import io
import json
import re
from base64 import b64decode
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from pypdf import PdfReader
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from console.inspection import declared
from policies.coverage import catalogue, coverage
from policies.earlier import read
from policies.formats import page, pdf
from policies.formats.reading import findings, legible
from policies.judgement import judge
from policies.records import not_shown
from policies.report import document
from policies.rules import all_rules
from policies.trend import compared

pytestmark = [
    pytest.mark.browser,
    # WeasyPrint 70.0 leaves the colour profile that PDF/A embeds to the garbage collector.
    pytest.mark.filterwarnings("ignore:.*sRGB2014.icc:pytest.PytestUnraisableExceptionWarning"),
]

ESTATE = Path(__file__).parent / "estates" / "abroad.yaml"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><style>body{display:none}",
    "</script><script>document.title='taken'</script>",
    "abc\u202egnp.exe",
    "ئۇيغۇر\u200fx",
    "x" * 300,
)


@cache
def report() -> dict[str, Any]:
    """A refused estate, some of whose names are hostile, some days after another report."""
    inspected = declared(ESTATE)
    made = document(
        judge(all_rules(), inspected.resources, today=date(2026, 11, 23)),
        inspected.resources,
        source=inspected.source,
        records=not_shown(catalogue()),
        covered=coverage(),
    )
    before = deepcopy(made) | {"date": "2026-11-20"}
    mended = next(rule for rule in before["rules"] if rule["judged"] and not rule["findings"])
    said = {"zh": "曾有问题", "en": "was wrong"}
    mended["findings"] = [
        {"resource": mended["judged"][0], "reason": said, "waiver": None, "place": "a.yaml:3"}
    ]
    told = compared(made, read(before))
    found = [finding for rule in told["rules"] for finding in rule["findings"]]
    for name, finding in zip(HOSTILE, found, strict=False):
        finding |= {"resource": name, "place": name, "reason": {"zh": name, "en": name}}
    return told


@pytest.fixture
def opened(browser: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
    path = tmp_path / "audit.html"
    path.write_bytes(page.render(report()))
    for kind in ("browser", "performance"):
        browser.get_log(kind)  # what other pages said is not ours
    browser.get(path.as_uri())
    return browser


def rows(browser: webdriver.Chrome) -> list[str]:
    """The findings that can be seen."""
    found = browser.find_elements(By.CSS_SELECTOR, "tr[data-result]")
    return [row.text for row in found if row.is_displayed()]


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(
    opened: webdriver.Chrome, requested: Callable[[webdriver.Chrome], list[str]]
) -> None:
    assert requested(opened) == [opened.current_url]
    assert opened.get_log("browser") == []


def test_the_policy_of_the_page_lets_no_script_reach_the_network(
    opened: webdriver.Chrome,
) -> None:
    said = opened.execute_async_script(
        "const done = arguments[0];"
        "document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));"
        "fetch('http://127.0.0.1:9/').catch(() => {});"
    )
    assert said == "connect-src"


def test_the_verdict_is_on_the_first_screen_in_both_languages(opened: webdriver.Chrome) -> None:
    verdict = opened.find_element(By.CSS_SELECTOR, ".verdict")
    assert verdict.text.split() == ["拒绝", "refused"]
    for selector in (".verdict", ".figures", ".halves", "nav"):
        place = opened.find_element(By.CSS_SELECTOR, selector).rect
        assert place["y"] + place["height"] <= 900 - 150  # what the window's own frame may take


def test_every_finding_can_be_seen_and_hostile_names_are_text(opened: webdriver.Chrome) -> None:
    text = "\n".join(rows(opened))
    found = list(findings(legible(report())))
    assert len(text.split("首见")) == len(found) + 1
    for one in found:
        assert one.finding["resource"].replace("\u200f", "") in text  # a driver's text lacks marks
        assert one.finding["reason"]["en"].replace("\u200f", "") in text
    assert "taken" not in opened.title
    assert opened.execute_script("return document.images.length") == 0
    assert opened.execute_script("return document.scripts.length") == 1
    assert opened.execute_script("return getComputedStyle(document.body).display") == "block"


def test_searching_keeps_what_matches_and_says_how_much(opened: webdriver.Chrome) -> None:
    every = rows(opened)
    query = opened.find_element(By.ID, "query")
    query.send_keys("residency_in_china")
    kept = rows(opened)
    assert 0 < len(kept) < len(every)
    heads = [
        head.text
        for head in opened.find_elements(By.CSS_SELECTOR, ".rule .head")
        if head.is_displayed()
    ]
    assert len(heads) == 1
    assert "data/residency_in_china" in heads[0]
    assert f"{len(kept)} of {len(every)}" in opened.find_element(By.ID, "count").text
    query.send_keys(" nothing has this")
    assert rows(opened) == []
    opened.find_element(By.ID, "all").click()
    assert rows(opened) == every


def test_choosing_narrows_by_result_severity_and_trend_together(opened: webdriver.Chrome) -> None:
    def choose(name: str, value: str) -> int:
        Select(opened.find_element(By.NAME, name)).select_by_value(value)
        return len(rows(opened))

    counts = report()["counts"]
    assert choose("result", "refused") == counts["mandatory"]
    expected = [
        one
        for one in findings(report())
        if one.result == "refused" and one.rule["severity"] == "critical"
    ]
    assert choose("severity", "critical") == len(expected)
    assert choose("change", "new") == 0
    assert choose("change", "open") == len(expected)


def test_all_of_it_can_be_reached_with_the_keyboard(opened: webdriver.Chrome) -> None:
    reached: list[str] = []
    for _ in range(40):
        opened.switch_to.active_element.send_keys(Keys.TAB)
        now = opened.switch_to.active_element
        reached.append(now.get_attribute("id") or now.get_attribute("name") or now.text)
    for name in ("query", "result", "severity", "change", "all"):
        assert name in reached
    assert any("skip to findings" in each for each in reached)
    opened.find_element(By.ID, "query").send_keys("residency")
    opened.switch_to.active_element.send_keys(Keys.TAB)
    opened.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    chosen = Select(opened.find_element(By.NAME, "result")).first_selected_option
    assert chosen.get_attribute("value") == "refused"


def test_without_its_script_the_page_shows_everything(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    path = tmp_path / "audit.html"
    path.write_bytes(page.render(report()))
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(path.as_uri())
        assert len(rows(browser)) == len(list(findings(report())))
        assert not browser.find_element(By.ID, "filter").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("width", [1280, 760, 390])
def test_nothing_sticks_out_of_the_page(opened: webdriver.Chrome, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        wide = opened.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


CLIPPED = """
const out = [];
for (const cell of document.querySelectorAll("td, th, h1, h2, h3, p, .tag, .stand, .figure")) {
  if (cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth)
    out.push(`${cell.tagName}.${cell.className}: ${cell.textContent.slice(0, 60)}`);
}
return out;
"""


def test_print_clips_no_text_and_leaves_no_finding_out_though_the_screen_is_narrowed(
    opened: webdriver.Chrome,
) -> None:
    opened.find_element(By.ID, "query").send_keys("residency_in_china")
    paper = {"width": 703, "height": 1000, "deviceScaleFactor": 1, "mobile": False}  # A4, 12 mm off
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", paper)
    try:
        assert len(rows(opened)) == len(list(findings(report())))
        assert opened.execute_script(CLIPPED) == []
        paged = opened.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    finally:
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert_whole(b64decode(paged["data"]))


CONTRASTS = """
const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
  .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parts(getComputedStyle(at).backgroundColor);
    if (colour.length === 3) return colour;
  }
  return [255, 255, 255];
};
const poor = new Set();
for (const element of document.body.querySelectorAll("*")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility()) continue;
  const pair = [light(parts(getComputedStyle(element).color)), light(behind(element))];
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < 4.5) poor.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
}
return [...poor];
"""


def test_every_text_of_the_page_stands_out_from_what_is_behind_it(
    opened: webdriver.Chrome,
) -> None:
    assert opened.execute_script(CONTRASTS) == []


@cache
def printed() -> bytes:
    return pdf.render(report())


def test_the_pdf_says_the_verdict_and_every_finding() -> None:
    assert_whole(printed())


def test_the_same_report_gives_the_same_bytes_of_pdf() -> None:
    assert pdf.render(json.loads(json.dumps(report()))) == printed()


def test_the_pdf_is_dated_by_the_judgement_and_carries_its_fonts() -> None:
    found = PdfReader(io.BytesIO(printed()))
    assert found.metadata is not None
    assert found.metadata["/CreationDate"].startswith("D:20261123")
    assert "审计报告" in str(found.metadata.title)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for sheet in found.pages
        for font in sheet["/Resources"]["/Font"].values()
    }
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in fonts)  # a subset that is embedded
    assert any("CJK" in name for name in fonts)
    assert found.trailer["/Root"].get("/OpenAction") is None


def assert_whole(content: bytes) -> None:
    """The PDF has pages, and on them the verdict, every finding and every clause."""
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages]
    assert len(sheets) > 5
    text = plain("".join(sheets))
    assert plain("拒绝") in plain(sheets[0])
    assert "refused" in sheets[0]
    for one in findings(legible(report())):
        if one.finding["resource"] not in HOSTILE:  # those are broken over lines, or run leftwards
            assert plain(one.finding["resource"]) in text
            assert plain(one.finding["reason"]["zh"]) in text
    assert plain("<script>alert(1)</script>") in text
    for item in report()["coverage"]:
        assert plain(item["clause"]) in text


def plain(text: str) -> str:
    """Without spaces, line ends and dashes, ligatures as letters, radicals as characters.

    Fonts share a glyph between 目 and the radical ⽬, or two dashes: a PDF may say either.
    """
    return re.sub(r"[\s\u00ad\u2010-\u2015-]", "", normalize("NFKC", text))
