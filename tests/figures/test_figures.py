"""Every figure of every exercise, drawn from invented trials of the real experiments."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import rc_context, rcParams
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure as MatplotlibFigure
from PIL import Image

from fresh_python import in_a_fresh_python
from invented import EPOCHS, IN_ENGLISH, invent, saved_at, splits, two_seeds_each
from reensayo.errors import InputError
from reensayo.figures import View, draw, network_figure, save
from reensayo.figures.draw import LACKING, share
from reensayo.figures.network import connections
from reensayo.figures.numerals import grouped, interval, localised, number
from reensayo.figures.save import lay_out
from reensayo.figures.svg import inline, is_drawing, sealed
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.outline import Layer, outline, parameters
from reensayo.spec import Figure, NetworkDiagram
from reensayo.store import Kept, Lacking, Store, StoredTrial, UnderWay
from reensayo.text import LANGUAGES, Text

EXPERIMENTS = ORIGINAL.experiments
FIGURES = {figure.name: figure for figure in ORIGINAL.figures()}
pytestmark = pytest.mark.usefixtures("nothing_shipped")


@pytest.fixture(scope="module")
def stored(shared_folder) -> tuple[StoredTrial, ...]:
    return tuple(two_seeds_each(Store(shared_folder / "invented"), ORIGINAL))


def content_of(path: Path) -> str:
    """The digest of what an SVG says that it shows."""
    return re.match(r'<svg data-content="(\w+)"', path.read_text("utf-8"))[1]


@pytest.fixture(scope="module")
def drawn(stored, shared_figures) -> dict[str, dict[str, Path]]:
    """Where the report's tests, with the same trials, find them drawn."""
    figures = {"es": list(FIGURES.values())}
    figures["en"] = [figure for figure in figures["es"] if figure.experiment.id.startswith(IN_ENGLISH)]
    return {
        lang: {
            figure.name: saved_at(figure, View(ORIGINAL, stored, lang), shared_figures / lang)
            for figure in figures[lang]
        }
        for lang in LANGUAGES
    }


@pytest.fixture
def never_drawn(drawn, networks, monkeypatch) -> None:
    """From here on."""
    monkeypatch.setattr(sys.modules[save.__module__], "draw", None)


# ---------------------------------------------------------------- what a view shows


def test_a_view_prefers_full_length_and_leaves_out_what_was_changed(tmp_path):
    store, experiment = Store(tmp_path), EXPERIMENTS["ex01.linear"]
    recipe = experiment.recipe("script")
    trials = [
        invent(store, ORIGINAL, experiment, recipe, 1),
        invent(store, ORIGINAL, experiment, recipe, 0),
        invent(store, ORIGINAL, experiment, recipe, 2, status="diverged"),
        invent(store, ORIGINAL, experiment, recipe.set({"epochs": 3}), 3),
        invent(store, ORIGINAL, experiment, recipe.reduce({"epochs": 2}), 4),
    ]
    view = View(ORIGINAL, tuple(trials), "en")
    assert [t.seed for t in view.trials(EXPERIMENTS["ex01.linear"], "script")] == [0, 1]
    assert view.diverged(EXPERIMENTS["ex01.linear"], "script") == 1
    reduced = View(ORIGINAL, (trials[4], trials[3]), "en")
    assert [t.seed for t in reduced.trials(EXPERIMENTS["ex01.linear"], "script")] == [4]


# ---------------------------------------------------------------- drawing


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_is_drawn_and_not_drawn_twice(stored, drawn, lang, never_drawn):
    for name, path in drawn[lang].items():
        root = ElementTree.fromstring(path.read_text("utf-8"))
        assert root.tag.endswith("svg")
        assert 'href="http' not in path.read_text("utf-8")
        assert LACKING.es.split("{")[0] not in path.read_text("utf-8")
        assert LACKING.en.split("{")[0] not in path.read_text("utf-8")
        with Image.open(path.with_suffix(".png")) as image:
            assert image.width > 800
        assert saved_at(FIGURES[name], View(ORIGINAL, stored, lang), path.parent) == path


def test_the_same_content_gives_the_same_bytes(stored, drawn, tmp_path):
    files = [drawn["es"]["fig-01"], saved_at(FIGURES["fig-01"], View(ORIGINAL, stored, "es"), tmp_path)]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].with_suffix(".png").read_bytes() == files[1].with_suffix(".png").read_bytes()


def test_a_figure_is_drawn_again_when_its_trials_language_or_declaration_change(stored, tmp_path):
    figure = FIGURES["fig-16"]

    seen = []
    for changed, view in (
        (figure, View(ORIGINAL, stored, "en")),
        (figure, View(ORIGINAL, stored, "es")),
        (figure, View(ORIGINAL, tuple(t for t in stored if t.seed == 0), "en")),
        (
            replace(figure, panels=(replace(figure.panels[0], log=not figure.panels[0].log),)),
            View(ORIGINAL, stored, "en"),
        ),
    ):
        seen.append(content_of(saved_at(changed, view, tmp_path)))
    assert len(set(seen)) == len(seen)


def test_a_damaged_or_lost_file_only_means_drawing_again(stored, tmp_path):
    figure, view = network_figure(EXPERIMENTS["ex01.linear"], "script"), View(ORIGINAL, stored, "en")
    path = saved_at(figure, view, tmp_path)
    svg, png = path.read_bytes(), path.with_suffix(".png").read_bytes()
    head, body = svg.split(b"\n", 1)
    for damage in (b"", b"<svg>", b"\xff", head, head + b"\n" + body.replace(b"1", b"2", 1), svg[:-20], svg + b"<"):
        path.write_bytes(damage)
        assert saved_at(figure, view, tmp_path).read_bytes() == svg
    for damage in (b"", png[:-1], png.replace(b"IEND", b"IENd"), svg):
        path.with_suffix(".png").write_bytes(damage)
        assert saved_at(figure, view, tmp_path).with_suffix(".png").read_bytes() == png
    for lost in (path, path.with_suffix(".png")):
        lost.unlink()
        assert saved_at(figure, view, tmp_path).read_bytes() == svg
        assert path.with_suffix(".png").read_bytes() == png


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<style>body { display: none }</style>",
        '<g onload="alert(1)"/>',
        '<g\nonload="alert(1)"/>',
        '<foreignObject><iframe src="https://example.org"/></foreignObject>',
        '<a xlink:href="https://example.org"><text>here</text></a>',
        '<image xlink:href="https://example.org/seen.png"/>',
        '<image xlink:href="data:image/svg+xml;base64,AAAA"/>',
        '<image href="data:image/png;base64,AAAA"/>',
        '<use xlink:href="other.svg#a"/>',
        '<rect style="fill: url(https://example.org)"/>',
        '<rect style="fill: URL(other)"/>',
        '<rect clip-path="url(other.svg#a)"/>',
        '<rect id="a&quot;b"/>',
        '<rect\nid="trials"/>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
        "</svg><p>reproduced</p><svg>",
        "<!-- -->",
        "<![CDATA[ ]]>",
        "<?xml-stylesheet href='x'?>",
    ],
)
def test_whatever_sum_a_file_has_only_a_drawing_is_believed(evil, stored, tmp_path):
    figure, view = network_figure(EXPERIMENTS["ex01.linear"], "script"), View(ORIGINAL, stored, "en")
    path = saved_at(figure, view, tmp_path)
    whole, png, content = path.read_text("utf-8"), path.with_suffix(".png").read_bytes(), content_of(path)
    plain = re.sub(r' data-(content|sum)="\w+"', "", whole)
    assert sealed(plain, content, png) == whole
    crafted = sealed(plain.replace("</svg>", f"{evil}</svg>"), content, png)
    assert is_drawing(whole, content, png)
    assert not is_drawing(crafted, content, png)
    assert not is_drawing(sealed(plain.replace("<svg", '<svg onload="alert(1)"', 1), content, png), content, png)
    path.write_text(crafted, "utf-8")
    assert saved_at(figure, view, tmp_path).read_text("utf-8") == whole


def test_what_cannot_be_written_is_told_with_its_folder_and_what_was_there_stays(stored, tmp_path, monkeypatch):
    figure, view = network_figure(EXPERIMENTS["ex01.linear"], "script"), View(ORIGINAL, stored, "en")
    before = saved_at(figure, view, tmp_path).read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match=rf"cannot write to {tmp_path} \(No space left on device: free some\)"):
        saved_at(figure, View(ORIGINAL, stored, "es"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{figure.name}.png", f"{figure.name}.svg"]
    assert (tmp_path / f"{figure.name}.svg").read_bytes() == before


def test_a_figure_is_drawn_again_when_anything_stored_of_its_trials_changes(tmp_path):
    experiment = EXPERIMENTS["ex08.dense"]

    def shown(name: str, **about: object) -> str:
        trial = invent(Store(tmp_path / name), ORIGINAL, experiment, experiment.recipe("script"), 0, **about)
        return content_of(saved_at(FIGURES["fig-20"], View(ORIGINAL, (trial,), "en"), tmp_path))

    first, again, other = shown("first"), shown("again"), shown("other", measures={"parameters": 1.0})
    assert first == again != other


def test_first_epochs_are_drawn_again_when_any_value_changes(tmp_path):
    def shown(loss: float) -> str:
        experiment = EXPERIMENTS["ex08.dense"]
        history = {column: np.array([0.5, loss]) for column in experiment.columns}
        under_way = UnderWay(
            id="a",
            original=ORIGINAL.name,
            experiment=experiment.id,
            recipe="script",
            seed=0,
            epochs=20,
            history=history,
        )
        return content_of(saved_at(FIGURES["fig-20"], View(ORIGINAL, (), "en", under_way=(under_way,)), tmp_path))

    assert shown(0.25) != shown(0.125)


def test_without_trials_there_is_no_figure_and_no_older_one_stays(stored, tmp_path):
    figure = FIGURES["fig-01"]
    assert draw(figure, View(ORIGINAL, (), "en")) is None
    path = saved_at(figure, View(ORIGINAL, stored, "en"), tmp_path)
    assert save(figure, View(ORIGINAL, (), "en"), tmp_path) is None
    assert not path.exists()
    assert not path.with_suffix(".png").exists()


def test_a_trial_that_lacks_an_array_costs_one_panel_and_says_so(stored, tmp_path):
    figure = FIGURES["fig-01"]
    trial = next(t for t in stored if (t.experiment, t.recipe) == ("ex01.linear", "script"))
    older = replace(trial)
    older.__dict__["arrays"] = Kept()
    svg = saved_at(figure, View(ORIGINAL, (older,), "es"), tmp_path).read_text("utf-8")
    assert "Estos ensayos no tienen 'test_actual'" in svg.replace("&#x27;", "'")
    assert "entrenamiento, media de n semillas" in svg


@pytest.mark.parametrize(
    ("name", "lacking"), [("ex08-conv-errors", ["confusion", "mistaken"]), ("ex08-dense-weights", ["first_kernels"])]
)
def test_trials_from_before_an_array_was_kept_crash_no_figure(name, lacking, stored, tmp_path):
    figure = FIGURES[name]
    trial = next(t for t in stored if (t.experiment, t.recipe) == (figure.experiment.id, "script"))
    older = replace(trial)
    older.__dict__["arrays"] = Kept(test_predicted=np.zeros(10_000, np.uint8))
    svg = saved_at(figure, View(ORIGINAL, (older,), "en"), tmp_path).read_text("utf-8").replace("&#x27;", "'")
    assert all(f"These trials do not have '{array}'" in svg for array in lacking)


def test_any_other_missing_key_is_an_error_of_the_panel_and_no_lack_of_the_trials(stored):
    def panel(axes, view, recipe):
        return {}["slope"]

    with pytest.raises(KeyError, match="slope"):
        draw(replace(FIGURES["fig-01"], panels=(panel,)), View(ORIGINAL, stored, "en"))


def test_what_a_trial_did_not_measure_is_told_as_it_is_asked_for(stored):
    for kept in (stored[0].measures, stored[0].arrays):
        assert kept.get("slope") is None
        with pytest.raises(Lacking, match="slope"):
            kept["slope"]


def test_a_figure_that_compares_is_drawn_again_when_any_of_its_experiments_changes(stored, tmp_path):
    figure = FIGURES["ex09-effect"]
    seen = set()
    for left_out in ("", "ex09.dense-plain", "ex09.conv", "ex09.conv-plain"):
        view = View(ORIGINAL, tuple(t for t in stored if (t.experiment, t.seed) != (left_out, 1)), "en")
        saved_at(figure, view, tmp_path)
        seen.add(content_of(tmp_path / f"{figure.name}.svg"))
    assert len(seen) == 4


def test_differences_are_between_runs_of_the_same_seed(stored):
    figure = FIGURES["ex09-effect"]
    without = tuple(t for t in stored if (t.experiment, t.seed) != ("ex09.conv-plain", 1))
    axes = draw(figure, View(ORIGINAL, without, "en")).get_axes()[0]
    dense, conv = (each.get_offsets()[:, 0] for each in axes.collections if isinstance(each, PathCollection))
    ours = [t for t in stored if t.experiment.startswith("ex09") and t.recipe == "script"]
    ends = {(t.experiment, t.seed): t.history["val_categorical_accuracy"][-1] for t in ours}
    assert np.allclose(dense, [ends["ex09.dense", seed] - ends["ex09.dense-plain", seed] for seed in (0, 1)])
    assert np.allclose(conv, ends["ex09.conv", 0] - ends["ex09.conv-plain", 0])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["dense\nn = 2", "convolutional\nn = 1"]


def test_differences_have_one_scale_and_no_row_without_trials(stored):
    without = tuple(t for t in stored if (t.experiment, t.recipe) != ("ex09.conv-plain", "script"))
    drawn = draw(FIGURES["ex09-effect"], View(ORIGINAL, without, "en")).get_axes()
    assert len(drawn) > 1
    assert len({axes.get_xlim() for axes in drawn}) == 1
    assert [tick.get_text() for tick in drawn[0].get_yticklabels()] == ["dense\nn = 2"]


def test_weights_are_drawn_in_one_scale_that_is_written_below_them(stored):
    figure = FIGURES["ex08-conv-filters"]
    (trial, *_) = (t for t in stored if (t.experiment, t.recipe) == ("ex08.conv", "script"))
    axes = draw(figure, View(ORIGINAL, (trial,), "en")).get_axes()[0]
    largest = np.abs(trial.arrays["first_kernels"]).max()
    assert {image.get_clim() for image in axes.images} == {(-largest, largest)}
    assert [text.get_text() for text in axes.texts] == [f"blue −{largest:.2g}, white 0, red {largest:.2g}"]


def test_an_interval_of_differences_stays_within_what_is_possible(put, store):
    for arm, values in {"ex09.dense@script": (0.9, 0.1), "ex09.dense-plain@script": (0.1, 0.9)}.items():
        put(arm, history=[{"val_categorical_accuracy": [value]} for value in values])
    axes = draw(FIGURES["ex09-effect"], View(ORIGINAL, tuple(store.trials()), "en")).get_axes()[0]
    (bar,) = [each for each in axes.collections if isinstance(each, LineCollection)]
    assert bar.get_segments()[0][:, 0].tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_labels_make_a_legend_higher_and_not_wider_than_its_figure(stored, lang):
    drawn = draw(FIGURES["fig-16"], View(ORIGINAL, stored, lang))
    (legend,) = drawn.legends
    assert len(legend.get_texts()) > 4
    assert legend.get_window_extent().width <= drawn.bbox.width


@pytest.mark.parametrize("name", ["ex08-conv-errors", "ex10-vgg16-cifar10-errors"])
def test_the_names_of_a_square_matrix_s_axes_are_not_cut_off(name, stored):
    drawn = draw(FIGURES[name], View(ORIGINAL, stored, "en"))
    lay_out(drawn)
    axes = drawn.get_axes()[0]
    assert axes.xaxis.label.get_window_extent().y0 >= 0
    assert axes.yaxis.label.get_window_extent().x0 >= 0


def test_a_confusion_matrix_gives_shares_of_all_seeds(stored):
    figure = FIGURES["ex08-dense-errors"]
    axes = draw(figure, View(ORIGINAL, stored, "en")).get_axes()[0]
    trials = View(ORIGINAL, stored, "en").trials(EXPERIMENTS["ex08.dense"], "script")
    labels = splits(EXPERIMENTS["ex08.dense"], "script")[0].y_test
    threes = np.concatenate([t.arrays["test_predicted"][labels == 3] for t in trials])
    written = {text.get_position(): text.get_text() for text in axes.texts}
    for given in range(10):
        assert written[given, 3] == f"{100 * np.mean(threes == given):.1f}"


@pytest.mark.parametrize(("lang", "names"), [("en", ["airplane", "automobile"]), ("es", ["avión", "automóvil"])])
def test_the_classes_of_a_confusion_matrix_have_their_names(stored, lang, names):
    figure = FIGURES["ex10-alexnet-cifar10-errors"]
    axes = draw(figure, View(ORIGINAL, stored, lang)).get_axes()[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()][:2] == names


def test_many_classes_are_shown_by_their_groups(stored):
    figure = FIGURES["ex10-alexnet-cifar100-errors"]
    axes = draw(figure, View(ORIGINAL, stored, "en")).get_axes()[0]
    trials = View(ORIGINAL, stored, "en").trials(figure.experiment, "script")
    group = np.array(figure.panels[0].groups)
    actual = group[splits(figure.experiment, "script")[0].y_test]
    given = np.concatenate([group[t.arrays["test_predicted"]][actual == 3] for t in trials])
    written = {text.get_position(): text.get_text() for text in axes.texts}
    for each in range(20):
        share = 100 * np.mean(given == each)
        assert written.get((each, 3), "0") == f"{share:.0f}"


def test_an_image_stands_above_its_caption(stored):
    figure = FIGURES["ex08-conv-errors"]
    axes = draw(figure, View(ORIGINAL, stored, "en")).get_axes()[1]
    arrays = View(ORIGINAL, stored, "en").trials(EXPERIMENTS["ex08.conv"], "script")[0].arrays
    assert len(axes.images) == len(axes.texts) == 20
    for place in (0, 7):
        np.testing.assert_array_equal(axes.images[place].get_array(), arrays["mistaken"][place])
        words = f"{arrays['mistaken_actual'][place]} → {arrays['mistaken_predicted'][place]}"
        assert axes.texts[place].get_text() == words
        left, right, bottom, _ = axes.images[place].get_extent()
        x, y = axes.texts[place].get_position()
        assert left < x < right
        assert y > bottom  # the axis points downwards


def test_a_row_says_its_recipe_its_seeds_and_what_is_reduced(tmp_path):
    store, experiment = Store(tmp_path / "store"), EXPERIMENTS["ex08.conv"]
    recipe = experiment.recipe("script").reduce({"epochs": EPOCHS, "examples": 12_000})
    view = View(
        ORIGINAL,
        (invent(store, ORIGINAL, experiment, recipe, 0), invent(store, ORIGINAL, experiment, recipe, 1, "diverged")),
        "en",
    )
    figure = FIGURES["fig-21"]
    svg = saved_at(figure, view, tmp_path).read_text("utf-8")
    assert "recipe script, n = 1 seed (1 more diverged)" in svg
    assert "REDUCED" in svg
    assert "epochs 4 / 20".replace(" ", "\N{NO-BREAK SPACE}") in svg


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("fig-14", ["recipe script, seed 0", "recipe text, seed 0"]),  # it shows nothing of the other seed
        ("ex08-dense-weights", ["recipe script, seed 0", "recipe text, seed 0"]),
        ("fig-12", ["recipes script and text (the same settings), n = 2 seeds"]),
        ("fig-17", ["recipe script, n = 2 seeds", "recipe text, n = 2 seeds · another loss than the original's"]),
        ("ex04-against-ex03", ["recipe script", "recipe text"]),  # the nets of exercise 3 differ by recipe
    ],
)
def test_what_the_rows_of_a_figure_are_called(name, titles, stored):
    drawn = draw(FIGURES[name], View(ORIGINAL, stored, "en"))
    found = [cell.get_suptitle().replace("\n", " ").split(":")[0] for cell in drawn.subfigs]
    assert found == titles


def test_recipes_with_the_same_settings_and_seeds_are_drawn_once(tmp_path):
    store, experiment = Store(tmp_path / "store"), EXPERIMENTS["ex04.dense"]
    figure = FIGURES["fig-12"]
    text, script = (experiment.recipe(name) for name in ("text", "script"))
    trials = [invent(store, ORIGINAL, experiment, text, 0), invent(store, ORIGINAL, experiment, script, 0)]
    together = draw(figure, View(ORIGINAL, tuple(trials), "en"))
    assert len(together.get_axes()) == len(figure.panels)
    (title,) = [cell.get_suptitle() for cell in together.subfigs]
    assert "recipes script and text (the same settings), n = 1 seed" in title

    trials.append(invent(store, ORIGINAL, experiment, script, 1))
    apart = draw(figure, View(ORIGINAL, tuple(trials), "en"))
    assert len(apart.get_axes()) == 2 * len(figure.panels)


def test_the_original_is_beside_ours_and_epochs_count_from_one(stored):
    figure = FIGURES["fig-20"]
    axes = draw(figure, View(ORIGINAL, stored, "en")).get_axes()[0]
    labelled = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    assert set(labelled) == {
        "training, mean of n seeds",
        "validation, mean of n seeds",
        "training of the original",
        "validation of the original",
    }
    assert labelled["validation, mean of n seeds"].get_xdata()[0] == 1
    values = [
        t.history["val_categorical_accuracy"]
        for t in View(ORIGINAL, stored, "en").trials(EXPERIMENTS["ex08.dense"], "script")
    ]
    assert np.allclose(labelled["validation, mean of n seeds"].get_ydata(), np.mean(values, axis=0))
    assert labelled["validation of the original"].get_ydata()[-1] == pytest.approx(0.897, abs=1e-3)


def test_the_originals_curves_are_thin_and_each_has_its_colour(stored):
    view = View(ORIGINAL, stored, "en")
    lines = [line for line in draw(FIGURES["fig-20"], view).get_axes()[0].lines if "original" in line.get_label()]
    assert [line.get_color() for line in lines] == [view.colours.original_training, view.colours.original_validation]
    assert {line.get_linewidth() for line in lines} == {1.1}


def test_recipes_stand_side_by_side_on_one_scale_and_another_loss_beside_no_curve_of_the_original(stored):
    drawn = draw(FIGURES["fig-20"], View(ORIGINAL, stored, "en"))
    accuracy, loss, accuracy_of_text, loss_of_text = drawn.get_axes()
    assert accuracy.get_ylim() == accuracy_of_text.get_ylim()
    assert [sum("original" in line.get_label() for line in axes.lines) for axes in (loss, loss_of_text)] == [2, 0]
    lay_out(drawn)
    ends = [axes.get_window_extent() for axes in drawn.get_axes()]
    assert all(left.x1 < right.x0 for left, right in pairwise(ends))


def test_what_is_too_unlike_has_its_own_scale():
    axes = MatplotlibFigure().subplots(1, 3)
    for each, high in zip(axes, (1, 3, 2), strict=True):
        each.set_ylim(0, high)
    share(axes, "y")
    assert [each.get_ylim() for each in axes] == [(0, 3)] * 3
    axes[0].set_ylim(0, 100)
    share(axes, "y")
    assert [each.get_ylim() for each in axes] == [(0, 100), (0, 3), (0, 3)]


def test_spanish_figures_have_decimal_commas(drawn):
    words = re.findall(r"<text[^>]*>([^<]*)<", "".join(path.read_text("utf-8") for path in drawn["es"].values()))
    assert any(re.fullmatch(r"\d,\d+", word) for word in words)
    assert not [word for word in words if re.search(r"\d\.\d", word)]


# ---------------------------------------------------------------- networks


@pytest.fixture(scope="module")
def networks(shared_figures) -> dict[str, Path]:
    """That of each experiment, drawn without trials."""
    figures = {e.id: network_figure(e, e.recipes[0].name) for e in EXPERIMENTS.values()}
    return {
        experiment: saved_at(figure, View(ORIGINAL, (), "es"), shared_figures / "es")
        for experiment, figure in figures.items()
    }


def test_networks_say_how_many_weights_they_have(networks):
    for name, path in networks.items():
        total = parameters(ORIGINAL, EXPERIMENTS[name], EXPERIMENTS[name].recipes[0].name)
        assert grouped(total) in path.read_text("utf-8")


def test_networks_are_not_drawn_again_when_there_are_trials(networks, stored, never_drawn):
    for name, path in networks.items():
        figure = network_figure(EXPERIMENTS[name], EXPERIMENTS[name].recipes[0].name)
        assert saved_at(figure, View(ORIGINAL, stored, "es"), path.parent) == path


def test_a_network_that_skips_goes_round_the_layer_between():
    assert list(connections(outline(ORIGINAL, EXPERIMENTS["ex05.map"], "text"))) == [
        (0, 1, 0),
        (1, 2, 0),
        (2, 3, 0),
        (0, 2, 1),
    ]


def test_skips_that_overlap_take_lanes_of_their_own():
    def layer(name: str, *inputs: str) -> Layer:
        return Layer(name, "Add", "", (3,), 0, 0, inputs)

    layers = (layer("a"), layer("b", "a"), layer("c", "b", "a"), layer("d", "c", "b"), layer("e", "d", "a"))
    assert {(0, 2, 1), (1, 3, 2), (0, 4, 3)} < set(connections(layers))


def test_a_figure_of_a_network_shows_every_layer(tmp_path):
    figure = Figure("net", Text("", ""), EXPERIMENTS["ex08.conv"], (NetworkDiagram(),), ("script",))
    svg = saved_at(figure, View(ORIGINAL, (), "en"), tmp_path).read_text("utf-8")
    assert svg.count(">Conv2D<") == 2
    assert "26 × 26 × 16" in svg


# ---------------------------------------------------------------- settings of a user

SAVE = (
    "from pathlib import Path; from reensayo import registry; from reensayo.figures import View, network_figure, save; "
    "original = registry.find(); figure = network_figure(original.experiments['ex01.linear'], 'script'); "
    "save(figure, View(original, (), 'en'), Path('figures'))"
)
OTHERS = """
font.size: 30
axes.grid: False
lines.linewidth: 9
svg.fonttype: path
text.usetex: True
no such line
no.such.key: 1
"""


@pytest.mark.parametrize("place", ["matplotlibrc", "settings/matplotlibrc"])
def test_a_users_settings_do_not_change_a_figure_nor_are_they_talked_about(place, networks, tmp_path, monkeypatch):
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(OTHERS)
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "settings"))
    monkeypatch.setenv("MPLBACKEND", "svg")
    done = in_a_fresh_python(SAVE, cwd=tmp_path)
    assert (done.code, done.err) == (0, "heavy\n")
    plain = saved_at(network_figure(EXPERIMENTS["ex01.linear"], "script"), View(ORIGINAL, (), "en"), tmp_path / "plain")
    for path in (plain, plain.with_suffix(".png")):
        assert (tmp_path / "figures" / path.name).read_bytes() == path.read_bytes()


def test_figures_leave_a_users_settings_as_they_were():
    with rc_context({"font.size": 30}):
        draw(network_figure(EXPERIMENTS["ex01.linear"], "script"), View(ORIGINAL, (), "en"))
        assert rcParams["font.size"] == 30


def test_settings_that_keep_matplotlib_from_starting_are_named(tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe")
    done = in_a_fresh_python("from reensayo.cli import main; main()", "report", "--lang", "en", cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith("reensayo: matplotlib cannot start with its settings (")
    assert "matplotlibrc" in done.err
    assert len(done.err.splitlines()) == 2  # and what a fresh Python says of itself


# ---------------------------------------------------------------- SVG in a page


def test_inlined_figures_share_no_id_and_take_the_pages_colours(drawn):
    pages = [inline(path.read_text("utf-8"), path.stem, 'a "label"') for path in drawn["es"].values()]
    ids = [name for page in pages for name in re.findall(r' id="([^"]+)"', page)]
    assert len(ids) == len(set(ids))
    for page in pages:
        assert page.startswith("<svg ")
        assert 'role="img" aria-label="a &quot;label&quot;"' in page
        assert not re.search(r"#[0-9a-f]{6}\b(?=[;\"])", page.replace("url(#", ""))
        assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', page)) <= set(ids)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("value", "spanish"),
    [
        (None, "–"),
        (0.12641, "0,1264"),
        (79510.0, "79\u202f510"),
        (2320, "2320"),
        (-1.5, "−1,5"),
        (3.1e-7, "3,1·10⁻⁷"),
        (float("inf"), "∞"),
        (float("nan"), "–"),
    ],
)
def test_numbers(value, spanish):
    assert number(value, "es") == spanish
    assert number(value, "en") == spanish.replace(",", ".")


def test_intervals_and_words():
    assert interval(0.1, 0.25, "es") == "[0,1; 0,25]"
    assert interval(0.1, 0.25, "en") == "[0.1, 0.25]"
    assert localised("0.01 en ex08.conv", "es") == "0,01 en ex08.conv"
    assert localised("0.01 in ex08.conv", "en") == "0.01 in ex08.conv"
