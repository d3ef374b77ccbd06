"""Times that come with a work: what was written is read, and what is damaged is told."""

from dataclasses import replace

import msgspec
import pytest

from reensayo.errors import InputError
from reensayo.evidence.times import Timing, place, times
from small_work import WORK

ONE = Timing("one.dense", "one.conv", "text", (100, 10), ((0.1, 1.0), (0.2, 1.1)), "2026", {"cores": 2}, {"jax": "1"})


@pytest.fixture
def work(tmp_path):
    work = replace(WORK, folder=tmp_path)
    place(work).parent.mkdir()
    return work


def test_without_a_file_there_are_none(work):
    assert times(work) == {}


def test_each_is_found_by_its_experiments_and_recipe(work):
    other = msgspec.structs.replace(ONE, recipe="script")
    place(work).write_bytes(msgspec.json.encode([ONE, other]))
    assert times(work) == {("one.dense", "one.conv", "text"): ONE, ("one.dense", "one.conv", "script"): other}


@pytest.mark.parametrize("content", [b"", b"{}", b"[3]", b'[{"first": "one.dense"}]', b"\xff", None])
def test_a_damaged_file_is_told(work, content):
    place(work).mkdir() if content is None else place(work).write_bytes(content)
    with pytest.raises(InputError, match=r"times\.json is not what reensayo\.shipping writes: "):
        times(work)
