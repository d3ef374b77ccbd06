"""The report as a page: whole, self-contained, escaped, in both languages, with trials and without."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from fresh_python import in_a_fresh_python
from invented import IN_ENGLISH, invent, two_seeds_each
from reensayo import registry
from reensayo.errors import InputError
from reensayo.evidence import current
from reensayo.evidence.current import standing
from reensayo.evidence.judge import verdicts
from reensayo.figures.draw import LACKING
from reensayo.files import draft_of
from reensayo.pages import write
from reensayo.pages.claims import line, sparkline
from reensayo.pages.drawing import every_figure
from reensayo.pages.trial_table import tables
from reensayo.pages.verdicts import MEANINGS
from reensayo.spec import Happens, Reaches
from reensayo.store import Store, StoredTrial
from reensayo.text import LANGUAGES, Text

ORIGINAL = registry.find()
EXERCISES, EXPERIMENTS = ORIGINAL.exercises, ORIGINAL.experiments
pytestmark = pytest.mark.usefixtures("nothing_shipped")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; elements that are not closed in order are an error."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.html = path.read_text("utf-8")
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(self.html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data + " "

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.tags if attrs.get("id")]


@pytest.fixture(scope="module")
def stored(shared_folder, tmp_path_factory) -> list[StoredTrial]:
    """Two seeds of every recipe, a diverged one, a reduced one and one that a user changed."""
    store = Store(tmp_path_factory.mktemp("store"))
    experiment = EXPERIMENTS["ex01.linear"]
    recipe = experiment.recipe("script")
    invent(store, ORIGINAL, experiment, recipe, 2, status="diverged")
    invent(store, ORIGINAL, experiment, recipe.set({"epochs": 3}), 0)
    map_ = EXPERIMENTS["ex05.map"]
    invent(store, ORIGINAL, map_, map_.recipe("script").set({"source": "long trajectory"}), 0)
    conv = EXPERIMENTS["ex08.conv"]
    invent(store, ORIGINAL, conv, conv.recipe("script").reduce(conv.quick.changes), 0)
    trials = [*two_seeds_each(Store(shared_folder / "invented"), ORIGINAL), *store.trials()]
    return sorted(trials, key=lambda t: (t.experiment, t.recipe, t.reduced, t.seed))  # as a store gives them


@pytest.fixture(scope="module")
def shown(stored) -> dict[str, list[StoredTrial]]:
    """What is in the page of a language: everything, or a few exercises."""
    return {"es": stored, "en": [trial for trial in stored if trial.experiment.startswith(IN_ENGLISH)]}


@pytest.fixture(scope="module")
def pages(shown, tmp_path_factory, shared_figures) -> dict[str, Page]:
    here = tmp_path_factory.mktemp("pages")
    for lang in LANGUAGES:
        if (drawn := shared_figures / lang).is_dir():  # by the tests of the figures
            shutil.copytree(drawn, here / lang / "figures", ignore=shutil.ignore_patterns(".*"))  # what is half written
    return {lang: Page(write(ORIGINAL, shown[lang], here / lang, lang)) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def empty(pages, tmp_path_factory) -> dict[str, Page]:
    here = tmp_path_factory.mktemp("empty")
    for lang, page in pages.items():  # the networks are the same
        shutil.copytree(page.path.parent / "figures", here / lang / "figures")
    return {lang: Page(write(ORIGINAL, [], here / lang, lang)) for lang in LANGUAGES}


@pytest.fixture(params=["with trials", "without"])
def both(request, pages, empty) -> dict[str, Page]:
    return pages if request.param == "with trials" else empty


# ---------------------------------------------------------------- the page itself


def test_it_says_its_language_and_speaks_it(both):
    for lang, page in both.items():
        assert page.all("html") == [{"lang": lang}]
        for text in (
            Text(es="Cómo leerlo", en="How to read it"),
            Text(es="Todas las afirmaciones", en="All claims"),
            Text(es="Cómo ejecutarlo de nuevo", en="How to run it again"),
            Text(es=f"Qué se sostiene de «{ORIGINAL.title.es}»", en=f"What holds up in “{ORIGINAL.title.en}”"),
        ):
            assert text(lang) in page.text
        assert ORIGINAL.about(lang) in page.text
    assert both["es"].text != both["en"].text


def test_nothing_in_it_asks_a_network(both):
    for page in both.values():
        for tag, attrs in page.tags:
            for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
                assert not re.match(r"(?:[a-z]+:)?//", attrs.get(name) or ""), (tag, attrs)
            assert "src" not in attrs
            assert tag not in {"script", "iframe", "object", "embed", "img"}
        assert "@import" not in page.html
        assert not re.search(r"url\((?!#)", page.html)


def test_it_lets_nothing_run_or_load(both):
    for page in both.values():
        (meta,) = [attrs for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"]
        assert dict(rule.split(" ", 1) for rule in meta["content"].split("; ")) == {
            "default-src": "'none'",
            "style-src": "'unsafe-inline'",
            "img-src": "data:",
            "base-uri": "'none'",
            "form-action": "'none'",
        }


def test_every_link_inside_it_leads_somewhere_and_ids_are_unique(both):
    for page in both.values():
        ids = page.ids
        assert len(ids) == len(set(ids))
        assert not [name for name in ids if re.search(r"\s", name)]
        targets = [unquote(attrs["href"][1:]) for attrs in page.all("a") if attrs["href"].startswith("#")]
        assert targets
        assert set(targets) <= set(ids)


def test_its_files_exist(pages):
    page = pages["es"]
    directory = page.path.parent
    for attrs in page.all("a"):
        if not attrs["href"].startswith("#"):
            assert (directory / attrs["href"]).is_file()
    assert {f.name for x in EXERCISES for f in x.figures} <= {p.stem for p in (directory / "figures").glob("*.svg")}
    assert page.path.stat().st_size < 10_000_000


def test_headings_go_down_one_at_a_time(both):
    for page in both.values():
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_have_scopes_and_what_scrolls_can_be_reached(both):
    for page in both.values():
        assert all(attrs.get("scope") for attrs in page.all("th"))
        for attrs in page.all("div"):
            if attrs.get("class") == "scroll":
                assert attrs["tabindex"] == "0"
                assert attrs["role"] == "region"
                assert attrs["aria-label"]
        assert all(a.get("aria-label") or a.get("aria-hidden") for a in page.all("svg"))


def test_no_cell_of_a_table_is_missing(pages):
    html = re.sub(r"<svg.*?</svg>", "", "".join(page.html for page in pages.values()), flags=re.DOTALL)
    for table in re.findall(r"<table.*?</table>", html, flags=re.DOTALL):
        widths = set()
        for row in re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL):
            cells = re.findall(r"<t[hd]\b([^>]*)>", row)
            widths.add(sum(int((re.search(r'colspan="(\d+)"', cell) or [0, 1])[1]) for cell in cells))
        assert len(widths) == 1, table[:300]


@pytest.mark.slow
def test_the_whole_page_is_there_in_english_too(stored, tmp_path):
    page = Page(write(ORIGINAL, stored, tmp_path, "en"))
    assert {f"trial-{trial.id}" for trial in stored} <= set(page.ids)
    drawn = {path.stem: path.read_text("utf-8") for path in (tmp_path / "figures").glob("*.svg")}
    assert drawn.keys() == every_figure(ORIGINAL).keys()
    assert not [name for name, svg in drawn.items() if LACKING.en.split("{")[0] in svg or 'href="http' in svg]


# ---------------------------------------------------------------- what it says


def test_every_claim_is_there_with_every_row(both, stored):
    headlines = verdicts(ORIGINAL, stored)
    columns = [column for headline in headlines for column in headline.columns.values() if not column.same_as]
    rows = sum(len(headline.rows) for headline in headlines)
    for lang, page in both.items():
        for exercise in EXERCISES:
            assert exercise.question(lang) in page.text
            assert all(mistake.what(lang) in page.text for mistake in exercise.mistakes)
            for claim in exercise.claims:
                assert f"claim-{claim.id}" in page.ids
                assert page.text.count(claim.statement(lang)) == 1
        badges = sum("badge" in (attrs.get("class") or "").split() for attrs in page.all("span"))
        # the column at the top and at its exercise, the row beneath, and each is explained, with two directions
        assert badges == 2 * len(columns) + rows + len(MEANINGS) + 2


def test_every_trial_is_in_the_table_and_every_one_named_is(pages, shown):
    for lang, page in pages.items():
        listed = {name.removeprefix("trial-") for name in page.ids if name.startswith("trial-")}
        assert listed == {trial.id for trial in shown[lang]}
        named = {name for attrs in page.all("a") for name in (attrs.get("title") or "").split()}
        assert named
        assert named <= listed


def test_changed_diverged_and_reduced_trials_are_marked(pages, shown):
    assert "script+epochs=3" in pages["en"].text
    assert "excluded" in pages["en"].text
    assert "diverged in epoch 2" in pages["en"].text
    assert "divergió en la época 2" in pages["es"].text
    assert re.search(r"Of these, \d+ trials? of the quick profile, shortened", pages["en"].text)
    excluded = len(standing(ORIGINAL, shown["en"]).changed)
    assert f"Excluded, used in no verdict and no figure: {excluded}." in pages["en"].text
    assert excluded > 0


def test_trials_that_come_with_the_work_are_named_as_such_and_listed(empty, stored, tmp_path, monkeypatch):
    shutil.copytree(empty["en"].path.parent, tmp_path, dirs_exist_ok=True)
    dense = [trial for trial in stored if (trial.experiment, trial.recipe) == ("ex08.dense", "script")]
    packed = tuple(
        replace(t, directory=ORIGINAL.folder / "shipped" / "a.zip" / t.id, at_hand={n: t.content(n) for n in t.sha256})
        for t in dense
    )
    monkeypatch.setattr(current, "_packs", lambda original: current._Packs(packed, (), ()))
    page = Page(write(ORIGINAL, dense[:1], tmp_path, "en"))
    assert {f"shipped-{trial.id}" for trial in packed} | {f"trial-{dense[0].id}"} <= set(page.ids)
    assert "This page rests on 2 trials, shipped with the original, and on 1 trial of this store." in page.text
    claim = page.html[page.html.index('<tbody id="claim-8a">') :]
    assert 'n = 2</a>, <span class="evidence shipped">evidence: shipped</span>' in claim[: claim.index("</tbody>")]


def test_spanish_numbers_have_commas(pages):
    table = re.search(r'<table class="headlines">.*?</table>', pages["es"].html, flags=re.DOTALL)[0]
    shown = re.sub(r"<svg.*?</svg>|<code>.*?</code>|<[^>]+>|§[\d.]+|ex\d\d\.\w+", " ", table, flags=re.DOTALL)
    assert re.search(r"\d,\d", shown)
    assert not re.findall(r"\d\.\d+", shown)


def test_networks_that_are_only_counted_stand_with_their_counts(pages):
    words = " ".join(pages["es"].text.split())  # thin spaces, too
    assert "nunca entrenadas: AlexNet a tamaño completo (227 × 227 píxeles, 1000 clases), 62 378 344 par" in words
    assert "138 357 544 parámetros, 15 470 264 320 multiplicaciones por imagen." in words


def test_settings_that_differ_stand_side_by_side_and_the_others_in_a_line(pages):
    linear = EXPERIMENTS["ex01.linear"]
    values = {s.name: {recipe.settings[s.name] for recipe in linear.recipes} for s in linear.settings}
    html = re.search(r'<table class="settings">.*?</table>\s*</div>\s*<p.*?</p>', pages["en"].html, flags=re.DOTALL)[0]
    table, alike = html.split("</table>")
    in_table = re.findall(r'<th scope="row">.*?<code>(.*?)</code>', table)
    assert in_table == [name for name, found in values.items() if len(found) > 1]
    assert [s.name for s in linear.settings if s.about.en in alike] == [n for n in values if n not in in_table]
    reference = linear.recipe("script").settings
    others = [recipe for recipe in linear.recipes if recipe.settings != reference]
    assert table.count('<td class="differs">') >= len(others) > 0


def test_without_trials_it_says_which_commands_to_run(empty):
    for page in empty.values():
        for exercise in EXERCISES:
            for figure in exercise.figures:
                assert figure.name in page.ids
            assert f"reensayo run {exercise.id}" in page.text
        assert "reensayo run ex08.conv@script" in page.text
        assert "reensayo run --profile quick" in page.text


def test_texts_are_escaped(stored, pages, tmp_path):
    evil = '<script>alert("1")</script>\ud800'  # with half a character, which no encoding has
    first = stored[0]
    about = {**first.about, "hardware": {"processor": evil}, "versions": {evil: evil}, "finished": evil}
    strange = replace(first, id=f"{first.id}{evil}", recipe=evil, about=about)
    unknown = replace(first, id=evil, experiment=evil)
    shutil.copytree(pages["es"].path.parent, tmp_path, dirs_exist_ok=True)
    page = Page(write(ORIGINAL, [strange, unknown, *stored[1:]], tmp_path, "es"))
    assert "<script" not in page.html
    assert page.html.count("&lt;script&gt;") >= 5


def test_what_was_put_into_an_old_figure_does_not_come_into_the_page(empty, tmp_path):
    shutil.copytree(empty["en"].path.parent, tmp_path, dirs_exist_ok=True)
    figures = sorted((tmp_path / "figures").glob("*.svg"))
    for path, evil in zip(figures, ("<script>alert(1)</script>", "<g onclick='alert(1)'/>", "damaged"), strict=False):
        path.write_text(path.read_text("utf-8").replace("</svg>", f"{evil}</svg>"), "utf-8")
    assert write(ORIGINAL, [], tmp_path, "en").read_bytes() == empty["en"].path.read_bytes()


def test_the_page_is_written_whole_or_stays(empty, tmp_path, monkeypatch):
    shutil.copytree(empty["en"].path.parent, tmp_path, dirs_exist_ok=True)
    old = (tmp_path / "index.html").read_bytes() + b"<!-- old -->"
    (tmp_path / "index.html").write_bytes(old)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match=rf"cannot write to {tmp_path} \(No space left on device: free some\)"):
        write(ORIGINAL, [], tmp_path, "en")
    assert (tmp_path / "index.html").read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "index.html"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot write to .*file/report \(Not a directory\).*-o"):
        write(ORIGINAL, [], tmp_path / "file" / "report", "en")


def test_what_killed_processes_left_is_cleared_and_what_is_not_ours_stays(empty, tmp_path):
    shutil.copytree(empty["en"].path.parent, tmp_path, dirs_exist_ok=True)
    with draft_of(tmp_path / "figures" / "fig-01.png") as draft:
        pass
    old = re.sub(r"-\d+-", "-999999999-", draft.name)  # of a process that there is not
    ours = [tmp_path / "figures" / old, tmp_path / old.replace("fig-01.png", "index.html")]
    others = [tmp_path / ".nojekyll", tmp_path / "figures" / ".mine.png", tmp_path / ".git" / "HEAD"]
    for path in [*ours, *others]:
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (0, 0))
        os.utime(path.parent, (0, 0))
    write(ORIGINAL, [], tmp_path, "en")
    assert not [path for path in ours if path.exists()]
    assert all(path.exists() for path in others)


# ---------------------------------------------------------------- rows


def test_a_row_is_told_in_numbers(stored):
    rows = [row for headline in verdicts(ORIGINAL, stored) for row in headline.rows]
    found = {(row.claim.id, row.recipe, row.reading.name): line(ORIGINAL, row, "en") for row in rows}
    published = found["8a", "script", ""]
    trials = [t for t in stored if (t.experiment, t.recipe) == ("ex08.dense", "script")]
    values = [t.history["val_categorical_accuracy"][-1] for t in trials]
    assert published.published == "0.90"
    assert published.row.reading.test.tolerance == 0.005
    assert float(published.estimate) == pytest.approx(np.mean(values), rel=1e-3)
    assert published.row.n == 2
    assert published.trials == [trials]
    counted = found["8d", "text", ""]
    assert counted.estimate == counted.published == "79\u202f510 94\u202f650"
    happened = next(one for key, one in found.items() if key[:2] == ("5", "text"))
    assert re.fullmatch(r"\d / 2", happened.estimate)


def test_a_sparkline_has_everything_inside_its_axis(stored):
    drawn = [(row, sparkline(row)) for headline in verdicts(ORIGINAL, stored) for row in headline.rows]
    assert any(found for _, found in drawn)
    for row, found in drawn:
        if found:
            assert found.keys() == {"low", "high", "estimate", "published", "figure", "limit"}
            assert all(0 <= mark <= 100 for mark in found.values() if mark is not None)
            assert found["low"] <= found["estimate"] <= found["high"]
            assert (found["published"] is not None) == isinstance(row.reading.test, Reaches)
            if isinstance(row.reading.test, Happens):
                assert found["limit"] == pytest.approx(50)


# ---------------------------------------------------------------- what it costs


def test_the_table_of_trials_looks_at_each_trial_a_few_times(stored):
    asked = Counter()

    class Asked:
        def __init__(self, number: int) -> None:
            self.number = number

        def __getattr__(self, name: str) -> object:
            asked[name] += 1
            return f"script+epochs={self.number}" if name == "recipe" else getattr(stored[0], name)

    ((_, _, groups),) = tables(ORIGINAL, [Asked(number) for number in range(100)])
    assert len(groups) == sum(map(len, groups.values())) == 100
    assert max(asked["recipe"], asked["reduced"], asked["seed"]) <= 5 * 100


def test_the_report_starts_cheaply_and_never_imports_keras(empty, tmp_path):
    started = in_a_fresh_python("import reensayo.pages, sys; print(*sys.modules)", cwd=tmp_path)
    assert (started.code, started.heavy) == (0, [])
    assert not {"matplotlib", "jinja2", "scipy", "numpy"} & set(started.out.split())
    shutil.copytree(empty["es"].path.parent, tmp_path / "report")
    (tmp_path / "report" / "figures" / "net-ex08.dense-text.svg").unlink()  # one network is drawn, and what follows
    for seed in range(2):
        dense = EXPERIMENTS["ex08.dense"]
        invent(Store(tmp_path / "runs"), ORIGINAL, dense, dense.recipe("script"), seed)
    done = in_a_fresh_python("from reensayo.cli import main; main()", "report", "--lang", "es", cwd=tmp_path)
    assert (done.code, done.heavy) == (0, []), done.err
    assert {"net-ex08.dense-text.svg", "fig-20.svg"} <= {p.name for p in (tmp_path / "report" / "figures").iterdir()}
