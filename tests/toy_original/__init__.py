"""A small original that no line of the package knows: what the framework can do without the work that it ships with."""

from pathlib import Path

from reensayo.spec import NEVER_NEGATIVE, Named, Original
from reensayo.text import Text

from . import points

ORIGINAL = Original(
    name="toy",
    title=Text(es="Una recta por unos puntos", en="A line through some points"),
    about=Text(es="Un trabajo inventado, para las pruebas.", en="An invented work, for the tests."),
    exercises=(points.EXERCISE,),
    folder=Path(__file__).parent,
    recipes={
        "paper": Text(es="lo que dice el artículo", en="what the paper says"),
        "code": Text(es="lo que hace su código", en="what its code does"),
    },
    judged=("paper", "code"),
    drew_figures="code",
    metrics={"slope": Named(Text(es="pendiente aprendida", en="slope learned"), NEVER_NEGATIVE)},
)
