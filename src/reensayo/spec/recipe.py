"""A recipe: what an experiment is trained with, every value with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reensayo.spec.functions import Fit
from reensayo.spec.settings import Settings, Sourced, Value, in_words, ours
from reensayo.text import Text


@dataclass(frozen=True)
class Recipe:
    """One full setting of an experiment. ``changed`` holds what ``--set`` changed, ``reduced`` what quick reduced.

    A baseline is a recipe that trains no network: ``fit`` stands in its place. ``tried`` are the values of settings
    that were compared on validation data, every combination, before this recipe took one of each: by the metric
    ``chosen_by``, which is the first of the experiment's where it is left out.
    """

    name: str
    sourced: Mapping[str, Sourced]
    about: Text | None = None
    changed: Mapping[str, Value] = field(default_factory=dict)
    reduced: bool = False
    fit: Fit | None = None
    tried: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    chosen_by: str = ""

    @property
    def settings(self) -> Settings:
        return Settings({name: item.value for name, item in self.sourced.items()})

    @property
    def label(self) -> str:
        """``script``, or ``script+epochs=3`` where ``--set`` changed it."""
        return "+".join([self.name, *(f"{name}={in_words(value)}" for name, value in self.changed.items())])

    def but(
        self,
        name: str,
        changes: Mapping[str, Sourced],
        about: Text | None = None,
        tried: Mapping[str, tuple[Value, ...]] | None = None,
        chosen_by: str = "",
    ) -> Recipe:
        """Another recipe that differs from this one in the settings given; an experiment knows which there are."""
        return Recipe(name, {**self.sourced, **changes}, about, tried=tried or {}, chosen_by=chosen_by)

    def set(self, changes: Mapping[str, Value]) -> Recipe:
        """This recipe as changed by a user; values that are no change are left out."""
        real = {name: value for name, value in sorted(changes.items()) if self.settings[name] != value}
        return replace(self, sourced={**self.sourced, **ours(**real)}, changed=real)

    def reduce(self, changes: Mapping[str, Value]) -> Recipe:
        """This recipe as the quick profile runs it; ``reduced`` only if something is indeed less.

        Fewer epochs are the first ones of as many as planned: a learning rate that changes does so as if all came.
        """
        real = {name: value for name, value in changes.items() if self.settings.get(name, value) != value}
        if "epochs" in real and self.settings.get("schedule", "constant") != "constant":
            real["planned_epochs"] = self.settings["epochs"]
        return replace(self, sourced={**self.sourced, **ours(**real)}, reduced=bool(real))
