"""Many epochs of one trial as a single XLA program, with the arithmetic of Keras's ``fit``.

``TrainSpec`` is a plain Keras model with its loss, optimizer and metrics. ``train_span`` moves one member of a block (a
trial, or one fold of it) from one position of its training to another; it is a pure function of arrays, so
``blocks.py`` can run many members side by side. Start and end are arguments, not constants: whether a trial is trained
in one call or in a hundred, it is the same compiled program and gives the same bits.

Shapes: n training examples in batches of b; K epochs have their orders on the device at a time (the window); M columns
of history. Where b does not divide n, the last batch is smaller, as in Keras. It is computed as a full one whose
surplus examples weigh nothing, so that one step is compiled and not two; only batch normalisation, which mixes the
examples of a batch, makes a step of its own necessary. Folds of different size are filled up to the longest, and there
too the surplus examples weigh nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from reensayo import randomness
from reensayo.errors import InputError
from reensayo.preprocess import BagOfWords
from reensayo.spec import Experiment, Settings, Split
from reensayo.text import Text
from reensayo.training.weights import generator_of, initial_weights, layers_of, uninitialised
from reensayo.training.word_sets import as_sparse

VALIDATION_BATCH = 256
"""Most examples evaluated at once: mean values do not depend on it, and the activations stay in cache."""
TINY_BATCH = VALIDATION_BATCH // 4
"""Batches below this are avoided where they can be: each is a call of its own."""
EXAMPLES = {f"{what}_{part}" for what in "xyn" for part in ("train", "val")}
"""What the program reads of a split beside its constants, see ``arrays_of``."""
IN_BOUNDS = {"allow_negative_indices": False}
"""Of slices that begin at no element before the first: else XLA compiles a kernel that takes -1 for the last one."""


@dataclass(frozen=True)
class TrainSpec:
    """A Keras model ready to train. ``metrics`` starts with the mean of the loss, L2 terms included."""

    model: keras.Model
    loss: keras.Loss
    optimizer: keras.Optimizer
    optimizer_start: list[np.ndarray]
    transposed: tuple[bool, ...]  # which trainable variables are held transposed
    metrics: tuple[keras.Metric, ...]
    columns: tuple[str, ...]  # of the history
    measured: tuple[str, ...]  # parts of the data, after each epoch
    encode: Callable[[Any, Any, Any], tuple[Any, Any]]
    batch_size: int

    def mixes_examples(self) -> bool:
        """Whether an example's output depends on the others of its batch."""
        return any(isinstance(layer, keras.layers.BatchNormalization) for layer in layers_of(self.model))

    def steps(self, examples: int) -> int:
        """Steps of an epoch that are alike; batch normalisation leaves the last smaller one to the epoch's end."""
        full, rest = divmod(examples, self.batch_size)
        return full + (rest > 0 and not self.mixes_examples())

    @property
    def random_states(self) -> list[int]:
        """Which non-trainable variables are states of random generators: dropout's, augmentation's."""
        owned = [id(drawn.state) for layer in layers_of(self.model) if (drawn := generator_of(layer))]
        return [i for i, v in enumerate(self.model.non_trainable_variables) if id(v) in owned]


class State(NamedTuple):
    """Everything that training changes, as Keras's own variables in Keras's own order."""

    trainable: list[Any]  # as they are held: ``weights`` gives them in the model's shapes
    non_trainable: list[Any]
    optimizer: list[Any]
    metrics: list[list[Any]]


class Member(NamedTuple):
    """One trial, or one fold of it, on its device: what it trains, what is its own, the window's random streams."""

    state: State
    history: Any  # (K, M) history of the window's epochs
    own: dict[str, Any]  # arrays that differ from member to member
    orders: Any  # (K, at least n) int32
    dropout: Any  # (K, generators, 2) uint32


class Position(NamedTuple):
    """A place in the window: so many epochs are finished, and so many full steps of the next one."""

    epoch: Any  # int32, traced
    step: Any


def build(
    experiment: Experiment,
    s: Settings,
    examples: int,
    transposes: Callable[[keras.Layer], bool],
    sparse: bool = False,
) -> TrainSpec:
    """The experiment's network with the recipe's loss, optimizer and metrics, as ``compile`` would take them.

    ``transposes`` says of which layers the kernel is held transposed while training, ``sparse`` whether the first layer
    gets sets of words as such and not as the matrix that they are.
    """

    def network() -> keras.Model:
        model = experiment.network(s)
        if sparse and type(model.layers[0]) is keras.layers.Dense:  # of a Sequential; others take the matrix
            model.inputs[0]._sparse = True  # an InputLayer that says so could not be loaded with PyTorch
        return model

    def of_keras(module: str, name: str) -> Any:
        known = {each: kind for each, kind in vars(getattr(keras, module)).items() if isinstance(kind, type)}
        if (found := known.get(name)) is None:
            near = ", ".join(get_close_matches(name, known))
            words = Text(es="{id}: no hay keras.{what}{near}", en="{id}: there is no keras.{what}{near}")
            hint = Text(es="; ¿quizá {near}?", en="; perhaps {near}?").format(near=near) if near else ""
            raise InputError(words.format(id=experiment.id, what=f"{module}.{name}", near=hint))
        return found

    optimizer = of_keras("optimizers", s.optimizer)(learning_rate=_rate(s, examples))
    model, transposed, start = uninitialised(network, optimizer, transposes)
    logits = {"from_logits": s.from_logits} if "from_logits" in s else {}
    metrics = [
        of_keras("metrics", m)() if isinstance(m, str) else keras.metrics.MeanMetricWrapper(m, name=m.__name__)
        for m in experiment.metrics
    ]
    return TrainSpec(
        model=model,
        loss=of_keras("losses", s.loss)(**logits),
        optimizer=optimizer,
        optimizer_start=start,
        transposed=transposed,
        metrics=(keras.metrics.Mean("loss"), *metrics),
        columns=experiment.columns,
        measured=tuple(experiment.measured.values()),
        encode=lambda x, y, constants: tuple(map(_as_tensor, experiment.encode(x, y, constants, s))),
        batch_size=min(s.batch_size, examples),
    )


def gives_sets(experiment: Experiment, s: Settings, split: Split) -> bool:
    """Whether the network's input is sets of words."""
    batch = split.x_train[:1], split.y_train[:1], dict(split.constants)
    x, _ = jax.eval_shape(lambda x, y, constants: experiment.encode(x, y, constants, s), *batch)
    return isinstance(x, BagOfWords)


def _rate(s: Settings, examples: int) -> Any:
    if s.get("schedule", "constant") == "constant":
        return s.learning_rate
    steps = s.get("planned_epochs", s.epochs) * -(-examples // s.batch_size)
    return keras.optimizers.schedules.CosineDecay(s.learning_rate, steps)


def _as_tensor(array: Any) -> Any:
    return as_sparse(array) if isinstance(array, BagOfWords) else array.astype(keras.config.floatx())


# ---------------------------------------------------------------- the state before the first step


def initial_state(spec: TrainSpec, seed: int, *fold: int) -> State:
    """Weights drawn by the model's own initializers from the seed's keys; everything else at its start."""
    drawn = {id(variable): value for variable, value in initial_weights(spec.model, seed, *fold)}
    if lost := [v.path for v in spec.model.trainable_variables if id(v) not in drawn]:
        raise ValueError(f"expected the layer's attribute <weight>_initializer for every weight; none for {lost}")
    return State(
        weights(spec, [drawn[id(v)] for v in spec.model.trainable_variables]),
        [drawn.get(id(v), np.zeros(v.shape, v.dtype)) for v in spec.model.non_trainable_variables],
        spec.optimizer_start,
        [[np.zeros(v.shape, v.dtype) for v in metric.variables] for metric in spec.metrics],
    )


def weights(spec: TrainSpec, trainable: Sequence[Any]) -> list[Any]:
    """Trainable variables in the model's shapes from what is held, or what is held from those."""
    return [value.T if other else value for value, other in zip(trainable, spec.transposed, strict=True)]


def state_described(spec: TrainSpec) -> State:
    """Shape and type of every array of a State, in its place."""

    def described(variable: Any, is_transposed: bool = False) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(variable.shape[::-1] if is_transposed else variable.shape, variable.dtype)

    return State(
        list(map(described, spec.model.trainable_variables, spec.transposed)),
        [described(variable) for variable in spec.model.non_trainable_variables],
        [described(value) for value in spec.optimizer_start],
        [[described(variable) for variable in metric.variables] for metric in spec.metrics],
    )


def dropout_keys(spec: TrainSpec, seed: int, epoch: int, *fold: int) -> np.ndarray:
    """State that each dropout generator has at the start of an epoch: uint32 (generators, 2), key and counter."""
    generators = range(len(spec.random_states))
    keys = [randomness.key(seed, "dropout", epoch, index, *fold) % 2**32 for index in generators]
    return np.array([[key, 0] for key in keys], np.uint32).reshape(-1, 2)


# ---------------------------------------------------------------- the program


def train_span(
    spec: TrainSpec, member: Member, shared: dict[str, Any], start: Position, stop: Position
) -> tuple[State, Any]:
    """Train one member from ``start`` to ``stop`` of its window; returns its state and the window's history."""
    data = {**shared, **member.own}
    constants = constants_of(data)
    longest, size = data["x_train"].shape[0], spec.batch_size
    steps = spec.steps(longest)
    rest = longest - steps * size  # below zero: examples that the last step has too many

    def step_on(epoch: Any, first: Any, count: int, state: State, surplus: bool) -> State:
        where = lax.dynamic_slice(member.orders, (epoch, jnp.int32(first)), (1, count), **IN_BOUNDS)[0]
        n_valid = count_valid(data, "train", first, count, surplus)
        return train_step(spec, state, (data["x_train"][where], data["y_train"][where]), constants, n_valid)

    def step(epoch: Any, number: Any, state: State) -> State:
        return step_on(epoch, number * size, size, state, surplus=rest < 0)

    def begin(epoch: Any, state: State) -> State:
        non_trainable = list(state.non_trainable)
        for position, index in enumerate(spec.random_states):
            non_trainable[index] = member.dropout[epoch, position].astype(non_trainable[index].dtype)
        return state._replace(non_trainable=non_trainable, metrics=jax.tree.map(jnp.zeros_like, state.metrics))

    def finish(epoch: Any, state: State, history: Any) -> tuple[State, Any]:
        if rest > 0:
            state = step_on(epoch, steps * size, rest, state, surplus=False)
        measured = [value for part in spec.measured for value in measure(spec, state, data, part)]
        row = jnp.stack([*results(spec, state.metrics), *measured])
        return state, lax.dynamic_update_index_in_dim(history, row.astype(history.dtype), epoch, 0, **IN_BOUNDS)

    def one_epoch(epoch: Any, carry: tuple[State, Any]) -> tuple[State, Any]:
        state, history = carry
        first = jnp.where(epoch == start.epoch, start.step, 0)
        last = jnp.where(epoch == stop.epoch, stop.step, steps)
        state = lax.cond(first == 0, lambda s: begin(epoch, s), lambda s: s, state)
        state = lax.fori_loop(first, last, lambda number, s: step(epoch, number, s), state)
        ended: tuple[State, Any] = lax.cond(
            epoch < stop.epoch, lambda s, r: finish(epoch, s, r), lambda s, r: (s, r), state, history
        )
        return ended

    end: tuple[State, Any] = lax.fori_loop(
        start.epoch, stop.epoch + (stop.step > 0), one_epoch, (member.state, member.history)
    )
    return end


def train_step(
    spec: TrainSpec, state: State, batch: tuple[Any, Any], constants: dict[str, Any], n_valid: Any = None
) -> State:
    """One step of the optimizer on one batch, and the metrics of that batch before the step.

    The first ``n_valid`` of the batch's examples count, the others only fill it up; None means that all of them do.
    """
    x, y = spec.encode(*batch, constants)

    def objective(trainable: list[Any]) -> tuple[Any, Any]:
        outputs, non_trainable, penalties = spec.model.stateless_call(
            weights(spec, trainable), state.non_trainable, x, training=True, return_losses=True
        )
        return mean_loss(spec, y, outputs, n_valid) + sum(penalties), (outputs, non_trainable)

    value, pull_back, (outputs, non_trainable) = jax.vjp(objective, state.trainable, has_aux=True)
    # 1, or NaN where the gradients are NaN anyway: it tells XLA that the loss comes before the update, else a penalised
    # kernel is copied in every step, lest the penalty be read too late
    (gradients,) = pull_back(jnp.where(jnp.isnan(value), value, jnp.ones_like(value)))
    trainable, optimizer = spec.optimizer.stateless_apply(state.optimizer, gradients, state.trainable)
    metrics = update(spec, state.metrics, value, y, outputs, n_valid)
    return State(trainable, non_trainable, optimizer, metrics)


def count_valid(data: dict[str, Any], part: str, first: Any, count: int, surplus: bool = False) -> Any:
    """How many of the ``count`` examples from ``first`` on are no filling; None where all of them are none.

    ``surplus``: the batch may reach beyond the last example even where no member has less than another.
    """
    if f"n_{part}" not in data and not surplus:
        return None
    number = jnp.clip(data.get(f"n_{part}", data[f"x_{part}"].shape[0]) - first, 0, count)
    return number.astype(keras.config.floatx())  # what is divided by it stays in this precision


def _mask(n_valid: Any, y: Any) -> Any:
    """Which examples of a batch count, (batch,)."""
    return None if n_valid is None else jnp.arange(len(y)) < n_valid


def mean_loss(spec: TrainSpec, y: Any, outputs: Any, n_valid: Any = None) -> Any:
    """The mean loss over the valid examples of a batch, 0 if it has none."""
    if n_valid is None:
        return spec.loss(y, outputs)
    # Keras divides the weighted sum of the losses by the batch size: this makes it a mean over the valid ones.
    return spec.loss(y, outputs, sample_weight=_mask(n_valid, y) * (len(y) / jnp.maximum(n_valid, 1)))


def update(
    spec: TrainSpec, metrics: list[list[Any]], loss: Any, y: Any, outputs: Any, n_valid: Any = None
) -> list[list[Any]]:
    """The metrics after one more batch, the loss weighted by its size as in Keras."""
    mean, *others = spec.metrics
    mask = _mask(n_valid, y)
    return [
        mean.stateless_update_state(metrics[0], loss, sample_weight=len(y) if n_valid is None else n_valid),
        *(
            metric.stateless_update_state(values, y, outputs, sample_weight=mask)
            for metric, values in zip(others, metrics[1:], strict=True)
        ),
    ]


def results(spec: TrainSpec, metrics: list[list[Any]]) -> list[Any]:
    """The metrics' values, in the order of the history's columns."""
    return [m.stateless_result(v) for m, v in zip(spec.metrics, metrics, strict=True)]


def measure(spec: TrainSpec, state: State, data: dict[str, Any], part: str) -> list[Any]:
    """Loss and metrics on a whole part of the data, ``val`` or ``train``: nothing dropped and nothing learned."""
    examples = len(data[f"x_{part}"])
    size = validation_batch(examples)
    full, rest = divmod(examples, size)

    def batch(metrics: list[list[Any]], first: Any, count: int) -> list[list[Any]]:
        x_raw, y_raw = (lax.dynamic_slice_in_dim(data[f"{name}_{part}"], first, count) for name in "xy")
        x, y = spec.encode(x_raw, y_raw, constants_of(data))
        outputs, _, penalties = spec.model.stateless_call(
            weights(spec, state.trainable), state.non_trainable, x, training=False, return_losses=True
        )
        n_valid = count_valid(data, part, first, count)
        return update(spec, metrics, mean_loss(spec, y, outputs, n_valid) + sum(penalties), y, outputs, n_valid)

    metrics = jax.tree.map(jnp.zeros_like, state.metrics)
    metrics = lax.fori_loop(0, full, lambda i, m: batch(m, i * size, size), metrics)
    metrics = batch(metrics, full * size, rest) if rest else metrics
    return results(spec, metrics)


def validation_batch(examples: int) -> int:
    """The largest divisor of ``examples`` up to ``VALIDATION_BATCH``, unless it is tiny: then a last smaller batch."""
    divisor = max(d for d in range(1, min(examples, VALIDATION_BATCH) + 1) if examples % d == 0)
    return divisor if divisor >= TINY_BATCH else min(examples, VALIDATION_BATCH)


# ---------------------------------------------------------------- after training


def prediction_batch(tested: int) -> int:
    """How many examples are predicted at once: no more than are tested, unless these are few."""
    return min(VALIDATION_BATCH, max(TINY_BATCH, tested))


def predictor(spec: TrainSpec) -> Callable[[State, dict[str, Any], Any, Any], Any]:
    """(state, constants, x, y of the same length) -> the network's outputs, nothing dropped; to be compiled."""

    def predict(state: State, constants: dict[str, Any], x: Any, y: Any) -> Any:
        x, _ = spec.encode(x, y, constants)
        trained = weights(spec, state.trainable)
        return spec.model.stateless_call(trained, state.non_trainable, x, training=False)[0]

    return predict


def arrays_of(splits: Sequence[Split]) -> list[dict[str, np.ndarray]]:
    """What the program reads of each split: training and validation arrays and the constants, in one flat dict.

    Where they are not all of one length they are filled up to the longest, and ``n_train`` or ``n_val`` says how many
    examples there really are.
    """
    arrays = [
        {name: getattr(split, name) for name in ("x_train", "y_train", "x_val", "y_val")} | dict(split.constants)
        for split in splits
    ]
    for part in ("train", "val"):
        counts = [len(one[f"x_{part}"]) for one in arrays]
        if len(set(counts)) > 1:
            for one, count in zip(arrays, counts, strict=True):
                one[f"n_{part}"] = np.array(count, np.int32)
                for name in (f"x_{part}", f"y_{part}"):
                    one[name] = filled(one[name], max(counts))
    return arrays


def constants_of(arrays: dict[str, Any]) -> dict[str, Any]:
    """Those of the arrays that are a split's constants: ``encode`` gets no others."""
    return {name: array for name, array in arrays.items() if name not in EXAMPLES}


def filled(examples: np.ndarray, count: int) -> np.ndarray:
    """As many examples as ``count``: the last one, which any network can take, again and again."""
    return np.concatenate([examples, np.repeat(examples[-1:], count - len(examples), axis=0)])
