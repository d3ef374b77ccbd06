"""The report as people meet it: opened from disk, in a window and on a phone, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest

from invented import invent
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.pages import write
from reensayo.store import Store
from reensayo.text import LANGUAGES

pytestmark = pytest.mark.browser
TALLEST = 60_000
"""Pixels in a window 1200 wide, with everything folded."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory, nothing_shipped) -> dict[str, Path]:
    """A report with trials in each language, and one without any."""
    root = tmp_path_factory.mktemp("reports")
    store = Store(root / "store")
    for experiment in ORIGINAL.experiments.values():
        for recipe in experiment.recipes:
            for seed in range(3):
                invent(store, ORIGINAL, experiment, recipe, seed)
        invent(store, ORIGINAL, experiment, experiment.recipes[-1].reduce({"epochs": 3}), 0)
    found = {lang: write(ORIGINAL, store.trials(), root / lang, lang) for lang in LANGUAGES}
    return {**found, "empty": write(ORIGINAL, [], root / "empty", "en")}


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("es", 1280, "light"),
        ("es", 390, "dark"),
        ("en", 1280, "dark"),
        ("en", 390, "light"),
        ("empty", 1600, "light"),
        ("empty", 390, "dark"),
    ],
)
def test_it_opens_quietly_fits_and_can_be_used_by_everyone(page, reports, name, width, scheme):
    opened = page(reports[name], width=width, color_scheme=scheme)
    opened.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.axe() == []
    assert opened.console == []
    assert opened.errors == []
    assert opened.requests == []


@pytest.mark.parametrize("name", ["es", "en", "empty"])
def test_it_is_not_too_long_to_be_read(page, reports, name):
    opened = page(reports[name], width=1200)
    assert opened.page.evaluate("document.documentElement.scrollHeight") < TALLEST


def test_a_number_leads_to_its_trials(page, reports):
    opened = page(reports["en"])
    opened.page.locator("#claim-1 > tr:first-child a[href='#trials-ex01.linear-script']").click()
    table = opened.page.locator("tbody:target")
    assert table.locator("tr").count() == 4  # a head, three seeds
    assert table.is_visible()


@pytest.mark.parametrize("width", [390, 1200])
def test_a_headline_says_why(page, reports, width):
    opened = page(reports["es"], width=width)
    why = opened.page.locator("#claim-1 details")
    reason = why.locator(".lines p").last
    assert not reason.is_visible()
    why.locator("summary").press("Enter")
    assert reason.is_visible()


def test_figures_follow_the_dark(page, reports):
    def of_ticks(scheme: str) -> str:
        opened = page(reports["en"], color_scheme=scheme)
        return opened.page.locator("#fig-01 svg text").first.evaluate("text => getComputedStyle(text).fill")

    assert of_ticks("light") == "rgb(93, 104, 116)"
    assert of_ticks("dark") == "rgb(160, 171, 184)"


def test_figures_are_no_wider_than_a_phone_unless_they_scroll(page, reports):
    opened = page(reports["en"], width=390)
    assert opened.page.locator("#fig-15 svg").evaluate("svg => svg.getBoundingClientRect().right") <= 390
    scrolls = "box => getComputedStyle(box).overflowX === 'auto' && box.scrollWidth > box.clientWidth"
    assert opened.page.locator("#fig-01 .scroll").evaluate(scrolls)


def test_nothing_that_is_put_into_the_page_runs_or_loads(page, tmp_path):
    evil = (
        """<script>window.ran = 1</script><img src="x" onerror="window.ran = 2"><svg onload="window.ran = 3"></svg>"""
    )
    path = write(ORIGINAL, [], tmp_path, "en")
    path.write_text(path.read_text("utf-8").replace("<body>", f"<body>{evil}"), "utf-8")
    opened = page(path)
    assert opened.page.evaluate("window.ran") is None
    assert len(opened.console) == 4  # three that would run and an image
    assert all("Content Security Policy" in said for said in opened.console)
