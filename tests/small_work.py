"""A work for tests of what is selected, compared and judged: every kind of test, and nothing that must be trained."""

from __future__ import annotations

from dataclasses import replace

import repository
from reensayo import registry, settings
from reensayo.spec import (
    Alike,
    Claim,
    Equals,
    Exceeds,
    Exercise,
    Experiment,
    FinishedTrial,
    Happens,
    Metric,
    Original,
    Quick,
    Reaches,
    Reading,
    Recipe,
    Setting,
    Test,
    Times,
    curve,
    script,
    text,
)
from reensayo.text import Text

TOY = registry.find(repository.TOY)
LINE, DRAWN = TOY.experiments.values()

# ---------------------------------------------------------------- experiments

COMMON = (settings.DROPOUT, settings.FROM_LOGITS, settings.examples(1000), *settings.TRAINING)
TEXT = Recipe(
    "text",
    text(hidden=100, dropout=0.15, from_logits=False, examples=1000, loss="CategoricalCrossentropy")
    | text(optimizer="SGD", learning_rate=0.05, batch_size=128, epochs=20),
)
SCRIPT = TEXT.but("script", script(from_logits=True, learning_rate=0.01))


def with_filters(recipe: Recipe, **changes: float) -> Recipe:
    """The same for a network with filters in place of hidden units."""
    sourced = {name: item for name, item in recipe.sourced.items() if name != "hidden"}
    return replace(recipe, sourced=sourced | text(filters=16) | text(**changes))


def of_map(name: str, l2: float) -> Recipe:
    data_and_network = text(source="all points", hidden=5, l2=l2)
    training = text(loss="MeanSquaredError", optimizer="Adam", learning_rate=0.01, batch_size=10, epochs=50)
    return Recipe(name, data_and_network | training)


SOURCE = Setting("source", Text("fuente", "source"), str, choices=("all points", "long trajectory"))

dense = replace(
    LINE,
    id="one.dense",
    metrics=("CategoricalAccuracy",),
    settings=(settings.HIDDEN, *COMMON),
    recipes=(TEXT, SCRIPT),
    baselines=(),
    quick=Quick(seeds=3),
)
hinge = replace(
    dense,
    id="one.hinge",
    recipes=tuple(r.but(r.name, script(loss="Hinge", learning_rate=0.1)) for r in dense.recipes),
)
conv = replace(
    dense,
    id="one.conv",
    settings=(settings.FILTERS, *COMMON),
    recipes=(
        with_filters(TEXT, dropout=0.5, batch_size=64, learning_rate=0.02),
        with_filters(SCRIPT, dropout=0.5, batch_size=64),
        with_filters(SCRIPT.but("sound", {}), dropout=0.25),
    ),
    quick=Quick(seeds=3, changes={"examples": 128}),
)
plain = replace(conv, id="one.plain", recipes=conv.recipes[:2])
map_ = replace(
    DRAWN,
    id="two.map",
    settings=(SOURCE, settings.HIDDEN, settings.L2, *settings.TRAINING),
    recipes=(of_map("text", 0.01), of_map("script", 0.01), of_map("sound", 0.0)),
)
wide = replace(conv, id="two.wide", quick=Quick(seeds=1, changes={"examples": 128, "epochs": 1}))
narrow = replace(
    conv,
    id="two.narrow",
    recipes=tuple(with_filters(recipe, batch_size=256) for recipe in (TEXT, SCRIPT)),
    quick=Quick(seeds=1, changes={"examples": 384, "epochs": 2}),
)

# ---------------------------------------------------------------- claims

TOP1 = Metric("val_categorical_accuracy", "last")
SECONDS = Metric("seconds_per_epoch", "measured", per_block=True)


def claim(id_: str, *tests: tuple[str, Test]) -> Claim:
    return Claim(id_, Text("lo dicho", "what is said"), "§1", tuple(Reading(test, name) for name, test in tests))


def falls(trial: FinishedTrial) -> bool:
    error = trial.history["val_mean_squared_error"]
    return bool(error[-1] < error[0])


def learns(trial: FinishedTrial) -> bool:
    return trial.measures["test_mean_squared_error"] < 0.06


ONE = Exercise(
    "one",
    Text("Uno", "One"),
    Text("¿Qué da?", "What does it give?"),
    (dense, hinge, conv, plain),
    (
        claim("1a", ("", Reaches(dense, TOP1, 0.9, 0.005, margin=0.02, figure=curve(1, "validation_loss", TOP1)))),
        claim("1b", ("", Reaches(conv, TOP1, 0.93, 0.005, margin=0.02))),
        claim("1c", ("", Exceeds(conv, dense, TOP1, margin=0.005))),
        claim("1d", ("", Equals(Metric("parameters", "measured"), {dense: 79_510, conv: 94_650}))),
        claim("1e", ("", Exceeds(dense, conv, SECONDS, margin=0.0))),
        claim("1f", ("", Alike(conv, plain, TOP1, margin=0.005))),
        claim("1g", ("", Exceeds(dense, hinge, TOP1, margin=0.005, compares=("loss",)))),
    ),
)
TWO = Exercise(
    "two",
    Text("Dos", "Two"),
    Text("¿Qué más da?", "What else does it give?"),
    (map_, wide, narrow),
    (
        claim(
            "2a",
            ("as said", Happens(map_, falls, Text("el error baja", "the error falls"))),
            ("the map is learned", Happens(map_, learns, Text("la red lo aprende", "the network learns it"))),
        ),
        claim(
            "2b",
            ("seconds", Times(wide, narrow, SECONDS, 2, 3)),
            ("multiply-adds", Times(wide, narrow, Metric("multiply_adds", "measured"), 2, 3, exact=True)),
        ),
        claim("2c", ("", Reaches(narrow, Metric(TOP1.name, 20), 0.5, 0.005, margin=0.02))),
        claim("2d", ("", Exceeds(wide, narrow, TOP1, margin=0.005))),
    ),
)
WORK = registry.find(
    Original(
        name="small",
        title=Text("Un trabajo pequeño", "A small work"),
        about=Text("Un trabajo inventado, para las pruebas.", "An invented work, for the tests."),
        exercises=(ONE, TWO),
        folder=TOY.folder,
        recipes={name: Text(name, name) for name in ("text", "script", "sound")},
        judged=("text", "script"),
        drew_figures="script",
        option="",
    )
)


def with_another(new: Experiment) -> Original:
    """The same work with another experiment in the place of the one of its name, wherever that is named."""
    old = WORK.experiments[new.id]

    def renewed(test: Test) -> Test:
        if isinstance(test, Equals):
            return replace(test, published={new if e is old else e: n for e, n in test.published.items()})
        return replace(test, **{name: new for name, value in vars(test).items() if value is old})

    exercises = [
        replace(
            exercise,
            experiments=tuple(new if e is old else e for e in exercise.experiments),
            claims=tuple(
                replace(claim, test=tuple(replace(r, test=renewed(r.test)) for r in claim.readings))
                for claim in exercise.claims
            ),
        )
        for exercise in WORK.exercises
    ]
    return replace(WORK, exercises=tuple(exercises))
