"""From a number to the trials that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reensayo.store import StoredTrial


@dataclass(frozen=True)
class TrialsLink:
    """A recipe's trials: ``target`` is the anchor of their part of the table, ``ids`` names each of them."""

    name: str
    n: int
    target: str
    ids: str


def anchor(experiment: str, recipe: str) -> str:
    """Where the table of trials has those of one recipe; an anchor has no spaces, a changed setting may."""
    return f"trials-{experiment}-{recipe}".replace(" ", "_")


def links_to(trials: Sequence[StoredTrial]) -> tuple[TrialsLink, ...]:
    """One link a recipe."""
    groups: dict[tuple[str, str], list[str]] = {}
    for trial in trials:
        groups.setdefault((trial.experiment, trial.recipe), []).append(trial.id)
    return tuple(
        TrialsLink(f"{experiment}@{recipe}", len(ids), anchor(experiment, recipe), "\n".join(ids))
        for (experiment, recipe), ids in groups.items()
    )
