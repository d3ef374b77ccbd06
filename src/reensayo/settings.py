"""The settings that every experiment may have; what only one has is declared with it."""

from __future__ import annotations

from reensayo.spec import Setting
from reensayo.text import Text

OPTIMIZER = Setting(
    "optimizer",
    Text(es="optimizador, como clase de Keras", en="optimizer, as a Keras class"),
    str,
    choices=("SGD", "Adam", "Adagrad", "Adadelta", "RMSprop", "AdamW", "Adamax"),
)
LEARNING_RATE = Setting("learning_rate", Text(es="tasa de aprendizaje", en="learning rate"), float, low=1e-8, high=100)
SCHEDULE = Setting(
    "schedule",
    Text(es="cómo cambia la tasa de aprendizaje", en="how the learning rate changes"),
    str,
    choices=("constant", "cosine"),
)
LOSS = Setting(
    "loss",
    Text(es="función de costo, como clase de Keras", en="loss, as a Keras class"),
    str,
    choices=(
        *("MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy", "Hinge"),
        *("MeanAbsoluteError", "Huber", "SparseCategoricalCrossentropy", "KLDivergence"),
    ),
    loss_part="function",
)
FROM_LOGITS = Setting(
    "from_logits",
    Text(es="si el costo trata las salidas como logits", en="whether the loss treats the outputs as logits"),
    bool,
    loss_part="function",
)
BATCH_SIZE = Setting("batch_size", Text(es="tamaño del lote", en="batch size"), int, low=1, high=100_000)
EPOCHS = Setting("epochs", Text(es="épocas", en="epochs"), int, low=1, high=100_000)
DROPOUT = Setting("dropout", Text(es="tasa de dropout", en="dropout rate"), float, low=0.0, high=0.95)
L2 = Setting(
    "l2", Text(es="factor de penalización L2", en="L2 penalty factor"), float, low=0.0, high=10.0, loss_part="penalty"
)
FOLDS = Setting("folds", Text(es="pliegues de validación cruzada", en="cross-validation folds"), int, low=2, high=10)

VALIDATION_FROM = Setting(
    "validation_from",
    Text(
        es="qué valida: los primeros ejemplos de prueba, o los últimos de entrenamiento, que ya no entrenan",
        en="what validates: the first test examples, or the last training ones, which then do not train",
    ),
    str,
    choices=("test", "training"),
)
"""The original chose and reported by its test set; a sound recipe keeps that for the end (see ``Split.hold_out``)."""

HIDDEN = Setting("hidden", Text(es="unidades ocultas", en="hidden units"), int, low=1, high=10_000)
FILTERS = Setting("filters", Text(es="filtros por convolución", en="filters per convolution"), int, low=1, high=1024)

TRAINING = (OPTIMIZER, LEARNING_RATE, LOSS, BATCH_SIZE, EPOCHS)
"""What the engine reads of every recipe; it also minds SCHEDULE and FROM_LOGITS where a recipe has them."""


def examples(count: int) -> Setting:
    """How many training examples are used, at most ``count``."""
    return Setting("examples", Text(es="ejemplos de entrenamiento", en="training examples"), int, low=1, high=count)
