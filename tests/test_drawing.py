"""The figures of a report drawn by several processes."""

import pytest

from reensayo.figures import View, save
from reensayo.report import drawing
from reensayo.report.drawing import every_figure


@pytest.fixture
def view(put):
    return View(tuple(put("ex08.dense@script", measures=[{}] * 2)), "en")


def some(monkeypatch, *names):
    chosen = {name: every_figure()[name] for name in names}
    monkeypatch.setattr(drawing, "every_figure", lambda: chosen)
    monkeypatch.setattr(drawing, "FEW", len(names))
    return chosen


def test_they_are_those_of_one_process(view, monkeypatch, tmp_path):
    figures = some(monkeypatch, "net-ex08.dense-text", "fig-20")
    drawing.draw_side_by_side(view, tmp_path / "several", processes=2)
    for figure in figures.values():
        one = save(figure, view, tmp_path / "one")
        other = tmp_path / "several" / one.name
        assert other.read_bytes() == one.read_bytes()
        assert other.with_suffix(".png").read_bytes() == one.with_suffix(".png").read_bytes()


def test_where_there_is_little_to_draw_or_one_process_nothing_starts(view, monkeypatch, tmp_path):
    monkeypatch.setattr(drawing, "ProcessPoolExecutor", None)
    figures = some(monkeypatch, "net-ex08.dense-text", "fig-20")
    drawing.draw_side_by_side(view, tmp_path, processes=1)
    for figure in figures.values():
        save(figure, view, tmp_path)
    drawing.draw_side_by_side(view, tmp_path, processes=2)
    some(monkeypatch, "fig-20", "fig-24", "fig-25")  # of the latter two there are no trials
    drawing.draw_side_by_side(view, tmp_path, processes=2)


def test_where_no_process_is_to_be_had_the_figures_wait_for_their_turn(view, monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise OSError("no semaphores here")

    some(monkeypatch, "net-ex08.dense-text", "fig-20")
    monkeypatch.setattr(drawing, "ProcessPoolExecutor", refuse)
    drawing.draw_side_by_side(view, tmp_path, processes=2)
    assert list(tmp_path.iterdir()) == [tmp_path / "runs"]
