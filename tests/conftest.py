"""How deep the property tests look, and a real browser for tests of pages.

The same few examples each time, or many new ones: ``XINGLIN_FUZZ=deep`` (``make fuzz``) looks for
what the quick ones did not find.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

QUICK = settings(
    max_examples=40,
    derandomize=True,  # a change that has nothing to do with it must not fail
    database=None,
    deadline=None,  # the machine is shared
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", QUICK)
settings.register_profile("deep", QUICK, max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("XINGLIN_FUZZ", "quick"))

BROWSER_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,900",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's Chromium with a profile of its own."""
    from selenium import webdriver  # noqa: PLC0415 - only tests of pages wait for it
    from selenium.webdriver.chrome.service import Service  # noqa: PLC0415

    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*BROWSER_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    driver.get("about:blank")  # so that the page of a new tab, still loading, asks for nothing more
    yield driver
    driver.quit()


@pytest.fixture
def requested() -> Callable[[Any], list[str]]:
    """What a browser asked for since it was last asked."""

    def urls(browser: Any) -> list[str]:
        events = [json.loads(each["message"])["message"] for each in browser.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    return urls
