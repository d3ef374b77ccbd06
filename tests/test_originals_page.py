"""docs/originals.md is true: its commands and edits, exactly as they stand there, in this order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fresh_python import environment
from repository import ROOT

PAGE = (ROOT / "docs" / "originals.md").read_text("utf-8")
STEPS = re.findall(r"```(console|diff)\n(.*?)```", PAGE, re.DOTALL)


def commands(block):
    """(command, what it says: pieces of lines) of a block."""
    for part in block.removeprefix("$ ").split("\n$ "):
        command, *told = part.strip().splitlines()
        yield command, told


def edit(block):
    head, *lines = block.splitlines()
    path = Path(head.removeprefix("--- "))
    content = path.read_text("utf-8")
    for before, after in zip(lines[::2], lines[1::2], strict=True):
        assert (before[0], after[0]) == ("-", "+")
        assert content.count(before[1:]) == 1, before
        content = content.replace(before[1:], after[1:])
    path.write_text(content, "utf-8")


@pytest.mark.skipif(os.name == "nt", reason="the commands are those of a POSIX shell")
def test_every_step_of_the_page_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bin").mkdir()
    for name, words in (("reensayo", "-m reensayo"), ("python", "")):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o755)
    env = environment() | {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    env.pop("REENSAYO_ORIGINAL", None)
    assert len(STEPS) == 7
    for kind, block in STEPS:
        if kind == "diff":
            edit(block)
            continue
        for command, told in commands(block):
            done = subprocess.run(command, shell=True, capture_output=True, text=True, env=env)
            assert done.returncode == 0, (command, done.stderr)
            assert not [words for words in told if words not in done.stdout], (command, done.stdout)
