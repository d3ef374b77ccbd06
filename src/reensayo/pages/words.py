"""Everything the report says besides what exercises, claims and verdicts say themselves.

The one template asks for these by name: ``{{ w.title }}``.
"""

from __future__ import annotations

from reensayo.text import Language, Text


def spoken(lang: Language) -> dict[str, str]:
    """Every text below in one language, by its name in lower case."""
    return {name.lower(): value(lang) for name, value in globals().items() if isinstance(value, Text)}


# ---------------------------------------------------------------- the head of the page

TITLE = Text(es="Qué se sostiene de «{title}»", en="What holds of “{title}”")
KICKER = Text(es="Informe de reensayo", en="A reensayo report")
STORED = Text(es="Esta página se apoya en {n} ensayos guardados.", en="This page rests on {n} stored trials.")
STORED_ONE = Text(es="Esta página se apoya en un ensayo guardado.", en="This page rests on one stored trial.")
STORED_SHORTENED = Text(
    es="{reduced} de ellos son del perfil rápido, acortados: no bastan para un veredicto, y lo que juzgan queda «no "
    "concluyente» hasta ejecutarlo a largo completo.",
    en="{reduced} of them are of the quick profile, shortened: not enough for a verdict, so what they judge stays "
    "“inconclusive” until it is run at full length.",
)
STORED_EXCLUDED = Text(
    es="Excluidos, no se usan en ningún veredicto ni en ninguna figura: {excluded}.",
    en="Excluded, used in no verdict and no figure: {excluded}.",
)
STORED_OTHERS = Text(
    es="De otros trabajos, o de antes de que un ensayo dijera de cuál es, hay {others}: no se muestran.",
    en="Of other works, or from before a trial named its own, there are {others}: they are not shown.",
)
STORED_NONE = Text(
    es="Todavía no hay ensayos guardados: la página dice qué se va a juzgar y con qué comandos.",
    en="No trials are stored yet: the page says what will be judged, and with which commands.",
)
BEGIN = Text(es="Para empezar, en unos minutos:", en="To begin, within minutes:")
CONTENTS = Text(es="Contenido", en="Contents")
SKIP = Text(es="Ir al contenido", en="Skip to the content")

# ---------------------------------------------------------------- how to read it

HOW_TO_READ = Text(es="Cómo leerlo", en="How to read it")
RECIPE = Text(es="receta", en="recipe")
RECIPE_MEANS = Text(
    es="Todos los ajustes de un entrenamiento. {recipes}. Las líneas de base (baselines) son métodos más simples con "
    "que comparar; las demás recetas son demostraciones y llevan el nombre de lo que cambian.",
    en="All settings of one training. {recipes}. Baselines are simpler methods to compare with; other recipes are "
    "demonstrations, named after what they change.",
)
TRIAL = Text(es="ensayo", en="trial")
TRIAL_MEANS = Text(
    es="Una receta entrenada con una semilla: pesos iniciales, orden y sorteos propios. n dice cuántas semillas hay "
    "detrás de un número, y su enlace lleva a la tabla de ensayos.",
    en="A recipe trained with one seed: its own initial weights, order and draws. n says how many seeds stand behind a "
    "number, and its link leads to the table of trials.",
)
INTERVAL = Text(es="intervalo", en="interval")
INTERVAL_MEANS = Text(
    es="Al 95 %, cortado en los límites de lo posible (0 y 100 % para la exactitud). Para un número publicado, de "
    "predicción: dónde caería una corrida más. Para una comparación: dónde está la diferencia media entre pares de la "
    "misma semilla. Para una frecuencia: en qué parte de las corridas ocurre.",
    en="At 95 %, cut at the limits of what is possible (0 and 100 % for an accuracy). For a published number, a "
    "prediction interval: where one more run would fall. For a comparison: where the mean difference between pairs of "
    "the same seed lies. For a frequency: in what share of runs it happens.",
)
PICTURE = Text(es="dibujo", en="drawing")
PICTURE_MEANS = Text(
    es="La barra es nuestro intervalo y el punto nuestra estimación; el rombo, lo publicado; el aro, lo que muestra la "
    "figura del original; la raya de puntos, el límite que decide (0, o la mitad de las corridas).",
    en="The bar is our interval and the dot our estimate; the diamond what was published; the ring what the original's "
    "own figure shows; the dotted line the limit that decides (0, or half of the runs).",
)
MARGIN = Text(es="margen", en="margin")
MARGIN_MEANS = Text(
    es="La menor diferencia de interés, fijada de antemano en cada afirmación: un intervalo más ancho no decide. El ± "
    "de lo publicado es media unidad de su última cifra, o una si se dio como aproximado.",
    en="The smallest difference of interest, fixed beforehand for every claim: a wider interval does not decide. The ± "
    "of what was published is half a unit of its last digit, or one where it was said to be about that.",
)
VERDICT = Text(es="veredicto", en="verdict")
EVIDENCE = Text(es="evidencia", en="evidence")
EVIDENCE_MEANS = Text(
    es="«propia»: ensayos a largo completo de este almacén, o cualesquiera donde un número no depende del largo. "
    "«reducida»: ensayos acortados del perfil rápido, que no bastan para un veredicto. Nunca se mezclan. «ninguna»: no "
    "hay ensayos.",
    en="“own”: full-length trials of this store, or any of them where a number does not depend on the length. "
    "“reduced”: shortened trials of the quick profile, which are not enough for a verdict. They are never mixed. "
    "“none”: there are no trials.",
)

REPRODUCED = Text(es="se reproduce", en="reproduced")
REPRODUCED_MEANS = Text(es="los ensayos dan lo que la afirmación dice", en="the trials give what the claim says")
NOT_REPRODUCED = Text(es="no se reproduce", en="not reproduced")
NOT_REPRODUCED_MEANS = Text(es="los ensayos dan otra cosa", en="the trials give something else")
INCONCLUSIVE = Text(es="no concluyente", en="inconclusive")
INCONCLUSIVE_MEANS = Text(
    es="faltan ensayos o el intervalo es demasiado ancho", en="too few trials, or too wide an interval"
)
NOT_TESTABLE = Text(es="no comprobable", en="not testable")
UNREADABLE = Text(
    es="Parte de lo guardado no se pudo leer o no es creíble. Las figuras se dibujan sin eso, y no se juzga lo que "
    "dependería de eso:",
    en="Some of what is stored could not be read or believed. Figures are drawn without it, and what would rest on it "
    "is not judged:",
)
WITHHELD = Text(es="no se puede juzgar", en="cannot be judged")
WITHHELD_MEANS = Text(
    es="faltaría un ensayo guardado que no se puede leer: con menos semillas podría decir otra cosa",
    en="a stored trial that cannot be read would be missing: with fewer seeds it might say something else",
)
NOT_TESTABLE_MEANS = Text(es="con esa receta no hay cómo probarlo", en="there is no way to test it with that recipe")

EVIDENCE_OWN = Text(es="propia", en="own")
EVIDENCE_REDUCED = Text(es="reducida", en="reduced")
EVIDENCE_NONE = Text(es="ninguna", en="none")

# ---------------------------------------------------------------- claims

ALL_CLAIMS = Text(es="Todas las afirmaciones", en="All claims")
ALL_CLAIMS_ABOUT = Text(
    es="Una fila por afirmación, lectura y receta ({judged}). Cada veredicto se abre y dice por qué.",
    en="A row for each claim, reading and recipe ({judged}). Every verdict opens and says why.",
)
CLAIM = Text(es="afirmación", en="claim")
PUBLISHED = Text(es="publicado", en="published")
ITS_FIGURE = Text(es="su figura", en="its figure")
OURS = Text(es="nuestro", en="ours")
WHY = Text(es="por qué", en="why")
HAPPENS = Text(es="ocurre", en="it happens")
TIMES = Text(es="de {low:g} a {high:g} veces", en="{low:g} to {high:g} times")
PREDICTION = Text(es="intervalo de predicción", en="prediction interval")
DIFFERENCE = Text(es="diferencia por pares", en="paired difference")
SHARE = Text(es="parte de las corridas", en="share of runs")
EXACT = Text(es="exacto", en="exact")
NO_INTERVAL = Text(es="con una semilla no hay intervalo", en="one seed gives no interval")
CAVEAT = Text(es="Atención", en="Caveat")
RESTS_ON = Text(es="Se apoya en", en="Rests on")
IN_FIGURE = Text(es="Su propia figura muestra", en="Its own figure shows")

# ---------------------------------------------------------------- an exercise

EXERCISE = Text(es="Ejercicio {n}", en="Exercise {n}")
NETWORK = Text(es="La red", en="The network")
NETWORKS = Text(es="Las redes", en="The networks")
NETWORK_ABOUT = Text(
    es="El ancho de cada barra crece con el logaritmo de los valores que salen de la capa; azul: con parámetros que se "
    "entrenan; a trazos: apaga o perturba valores, y solo al entrenar.",
    en="The width of each bar grows with the logarithm of the values that leave the layer; blue: with parameters to "
    "train; dashed: drops or disturbs values, and in training only.",
)
ALL_RECIPES = Text(es="todas las recetas", en="all recipes")
RECIPES_NAMED = Text(es="recetas {names}", en="recipes {names}")
RECIPE_NAMED = Text(es="receta {names}", en="recipe {names}")
SETTINGS = Text(es="Los ajustes, lado a lado", en="The settings, side by side")
SETTINGS_ABOUT = Text(es="Bajo cada valor, de dónde sale.", en="Below each value, where it comes from.")
HIGHLIGHTED = Text(
    es="Resaltado: difiere de la receta {reference}.", en="Highlighted: differs from recipe {reference}."
)
SETTING = Text(es="ajuste", en="setting")
PARAMETERS = Text(es="parámetros entrenables", en="trainable parameters")
COUNT = Text(es="recuento exacto", en="exact count")
YES = Text(es="sí", en="yes")
NO = Text(es="no", en="no")
AND = Text(es=" y ", en=" and ")
FIGURES = Text(es="Las figuras", en="The figures")
PALE_LINES = Text(
    es="Líneas pálidas ({recipe}): {trials} a largo completo, de los incluidos con el original, en {devices}, {day}. "
    "{metric} en la última época: {mean}. Ningún veredicto se apoya en ellas.",
    en="Pale lines ({recipe}): {trials} at full length, of those shipped with the original, on {devices}, {day}. "
    "{metric} in the last epoch: {mean}. No verdict rests on them.",
)
ORIGINAL_FIGURE = Text(es="Figura {n} del original", en="Figure {n} of the original")
OWN_FIGURE = Text(es="Figura que el original no tiene", en="A figure that the original lacks")
NOT_RUN = Text(es="sin ensayos", en="no trials")
NOT_DRAWN = Text(es="Esta figura espera sus ensayos:", en="This figure awaits its trials:")
CLAIMS_HERE = Text(es="Lo que afirma, y qué queda de eso", en="What it claims, and what remains of it")
ASKED = Text(es="Lo que el original tenía que responder", en="What the original was to answer")
ASKED_ABOUT = Text(
    es="{metric}: media, [intervalo de 95 % de la media], y diferencia con la primera fila entre pares de la misma "
    "semilla.",
    en="{metric}: mean, [95 % interval of the mean], and the difference to the first row between pairs of the same "
    "seed.",
)
MEAN = Text(es="media", en="mean")
AGAINST = Text(es="frente a la primera", en="against the first")
FIRST = Text(es="la primera", en="the first")
HIGHER = Text(es="{distance} más, {interval}, {pairs}", en="{distance} higher, {interval}, {pairs}")
LOWER = Text(es="{distance} menos, {interval}, {pairs}", en="{distance} lower, {interval}, {pairs}")
NO_DIFFERENCE = Text(
    es="sin diferencia significativa: {interval}, {pairs}", en="no significant difference: {interval}, {pairs}"
)
TOO_FEW_TO_CONCLUDE = Text(
    es="{difference}, {interval}, {pairs}: muy pocas semillas para concluir",
    en="{difference}, {interval}, {pairs}: too few seeds to conclude",
)
TOO_FEW_PAIRS = Text(es="faltan pares de la misma semilla", en="too few pairs of the same seed")
MISTAKES = Text(es="Qué estaba mal en el original", en="What was wrong in the original")
SHOWN_BY_REDUCED = Text(
    es="Ensayos reducidos, que pueden no mostrarlo todavía: media, [intervalo de 95 % de la media], última época o "
    "medido después.",
    en="Reduced trials, which may not show it yet: mean, [95 % interval of the mean], last epoch or measured "
    "afterwards.",
)
SHOWN_BY = Text(
    es="Lo que dan estos ensayos: media, [intervalo de 95 % de la media], última época o medido después.",
    en="What these trials give: mean, [95 % interval of the mean], last epoch or measured afterwards.",
)
NOT_SHOWN = Text(es="Falta lo que lo muestra:", en="What shows it is still to be run:")
RUN_AGAIN = Text(es="Cómo correrlo de nuevo", en="How to run it again")
RUN_ALL = Text(es="todo lo de este ejercicio", en="everything in this exercise")
RUN_SEEDS = Text(es="más semillas de una receta", en="more seeds of one recipe")
RUN_CHANGED = Text(es="lo mismo con un ajuste cambiado", en="the same with one setting changed")
RUN_COMPARE = Text(es="dos recetas, semilla a semilla", en="two recipes, seed by seed")
RUN_EXPORT = Text(es="la red como script de Keras", en="the network as a plain Keras script")

# ---------------------------------------------------------------- the end of the page

ENVIRONMENT = Text(es="En qué máquinas", en="On which machines")
ENVIRONMENT_ABOUT = Text(
    es="Cada ensayo anota dónde corrió. Con otro procesador los resultados son los mismos, salvo por el redondeo.",
    en="Every trial notes where it ran. On another processor the results are the same up to rounding.",
)
PROCESSOR = Text(es="procesador", en="processor")
CORES = Text(es="núcleos", en="cores")
SYSTEM = Text(es="sistema", en="system")
VERSIONS = Text(es="versiones", en="versions")
DATES = Text(es="terminados", en="finished")
TRIALS = Text(es="ensayos", en="trials")
ALL_TRIALS = Text(es="Todos los ensayos", en="All trials")
ALL_TRIALS_ABOUT = Text(
    es="Valores de la última época, y lo medido después de entrenar. «Excluido»: no se usa en ningún veredicto ni en "
    "ninguna figura, porque su receta se cambió con --set o es de una versión anterior.",
    en="Values of the last epoch, and what was measured after training. “Excluded”: used in no verdict and no figure, "
    "for its recipe was changed by --set or belongs to an earlier version.",
)
SEED = Text(es="semilla", en="seed")
STATUS = Text(es="estado", en="status")
FINISHED = Text(es="terminado", en="finished")
TRAINED_AS = Text(es="entrenado una vez, como {trial}", en="trained once, as {trial}")
DIVERGED = Text(es="divergió en la época {epoch}", en="diverged in epoch {epoch}")
EXCLUDED = Text(es="excluido", en="excluded")
LENGTH = Text(es="largo", en="length")
FULL = Text(es="completo", en="full")
SHORTENED = Text(es="reducido", en="reduced")
SECONDS = Text(es="segundos", en="seconds")
FOOT = Text(
    es="Escrito por reensayo a partir de lo guardado; la página no pide nada a ninguna red.",
    en="Written by reensayo from what is stored; the page asks nothing of any network.",
)
