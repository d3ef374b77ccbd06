"""An experiment as a plain Keras script: what ``reensayo export`` prints, and what the engine is tested against.

The network is printed from the configuration of the Keras model itself, so whatever a network is built of, the
script builds the same. An argument is printed where leaving it out would give another configuration.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

from reensayo.errors import InputError
from reensayo.spec import Experiment, Recipe, Settings
from reensayo.text import Text, in_docstring, quoted
from reensayo.training import device
from reensayo.training.outlines import graph

if TYPE_CHECKING:
    import keras

WIDTH = 120
"""Longest line of code; the script is formatted as ruff would format it."""

EXAMPLE = '''
    script="""
        table = np.loadtxt(Path(folder, "{file}"), delimiter=",", skiprows=1)
        x, y = table[:, :-1], table[:, -1]
    """,
'''

# ---------------------------------------------------------------- the script


def as_script(experiment: Experiment, recipe: Recipe, command: str = "reensayo") -> str:
    """A script that trains the recipe with Keras alone and can be run, read and changed without reensayo.

    ``data()`` gives ``(x_train, y_train), (x_val, y_val)`` as the network sees them, from the folder that it is
    given (the script's argument; if there is none ``data``, or the original's folder, as it is named on this machine,
    for a file of its own) unless they are generated, and of the ``fold`` that it is given (from 0) if there are
    several; ``network()`` gives the model before ``compile``. ``command`` is how commands about the original begin.

    Raises:
        InputError: the recipe is a baseline, which has no network; nobody wrote how a script reads the data; or the
            network has a part that is not Keras's own.
    """
    if recipe.fit:
        raise InputError(
            Text(
                es="{id}@{name} no es una red de Keras; se exporta una de: {networks}",
                en="{id}@{name} is not a Keras network; what can be exported: {networks}",
            ).format(id=experiment.id, name=recipe.name, networks=", ".join(r.name for r in experiment.recipes))
        )
    if (dataset := experiment.dataset) and not dataset.script.strip():
        words = Text(
            es="ningún script puede leer los datos {name!r}: al conjunto le falta script=. Agregue a own_file(…), o a "
            "DataSet(…), líneas que lean de folder y dejen los arreglos con los nombres que les da decode; si son x e "
            "y, por ejemplo:\n{example}\nnp, keras, Path, gzip e Image ya están importados",
            en="no script can read the data {name!r}: the set lacks script=. Add to own_file(…), or to DataSet(…), "
            "lines that read from folder and leave the arrays under the names that decode gives them; where they are "
            "x and y, for example:\n{example}\nnp, keras, Path, gzip and Image are imported already",
        )
        example = EXAMPLE.format(file=(*dataset.bundled, *dataset.upstream, "data.csv")[0])
        raise InputError(words.format(name=dataset.name, example=example))
    device.setup()
    from reensayo.training.weights import without_weights

    s = recipe.settings
    model = without_weights(experiment.network, s)
    try:
        source = network_source(model)
    except ValueError as error:
        words = Text(
            es="la red de {id}@{name} no se puede escribir con Keras solo: {error}. Armada con capas, activaciones, … "
            "de Keras mismo, sí; para todo lo demás sirve como está",
            en="the network of {id}@{name} cannot be written with Keras alone: {error}. Built of Keras's own layers, "
            "activations, … it can; for everything else it serves as it is",
        )
        raise InputError(words.format(id=experiment.id, name=recipe.name, error=error)) from error
    network = f"def network():\n{indent(source, '    ')}\n\n"
    own = [inspect.getsource(metric) for metric in experiment.metrics if not isinstance(metric, str)]
    # In the exercise they import Keras themselves; and a script has no use for types.
    functions = [re.sub(r"    import keras\n\n|: Any\b| -> Any\b", "", source) + "\n" for source in own]
    functions += [INFERENCE] * experiment.measures_training
    body = "\n".join((_data(experiment, s), network, *functions, _main(experiment, recipe, model)))
    return f'"""{_about(experiment, recipe, command)}"""\n\n{_imports(body)}\n\n\n{body}'


def _about(experiment: Experiment, recipe: Recipe, command: str) -> str:
    dataset = experiment.dataset
    pillow = "Pillow, " if dataset and "Image." in dataset.script else ""
    origin = "the folder given, else ./data, else downloaded" if dataset else "generated"
    if dataset and dataset.own:
        origin = f"{dataset.own.name} in the folder given, else in the original's"
    command = in_docstring(f"{command} export {experiment.id}@{recipe.label}")
    return f"""{experiment.title.en} in plain Keras, written by `{command}`.

Needs numpy, {pillow}keras and jax (or what KERAS_BACKEND names). Data: {origin}.
"""


def _imports(body: str) -> str:
    """The imports that the code needs, as isort orders them; Keras's backend is chosen before Keras is imported."""
    used = set(re.findall(r"(?<![.\w])\w+(?=[.(])", body))
    standard = [f"import {name}" for name in ("gzip", "math", "os", "sys") if name in {"os", *used}]
    standard += ["from pathlib import Path"] if "Path" in used else []
    parts = sorted({"initializers", "layers", "regularizers", "constraints"} & used)
    others = ["import keras", "import numpy as np", f"from keras import {', '.join(parts)}"]
    others += ["from PIL import Image"] if "Image" in used else []
    return "\n".join([*standard, '\nos.environ.setdefault("KERAS_BACKEND", "jax")\n', *others])


def _data(experiment: Experiment, s: Settings) -> str:
    given, parts = ["fold=0"] if _folds(s) else [], [experiment.plain_data(s)]
    if dataset := experiment.dataset:
        folder = str(dataset.own.parent) if dataset.own else "data"
        given.insert(0, f"folder={json.dumps(folder, ensure_ascii=False)}")
        parts.insert(0, dataset.script)
    lines = "\n".join(dedent(part).strip() for part in parts)
    what, validation = ("Training and validation", "(x_val, y_val)") if experiment.validates else ("Training", "None")
    return f'''def data({", ".join(given)}):
    """{what} data{" of one fold" if _folds(s) else ""} as the network sees them."""
{indent(lines, "    ")}
    return (x_train, y_train), {validation}

'''


INFERENCE = '''\
def inference(model, x, y):
    """Logs what the network gives of these data after each epoch, nothing dropped: fit shows a mean over its steps."""

    def measure(epoch, logs):
        found = model.evaluate(x, y, verbose=0, return_dict=True)
        logs.update({f"inference_{metric}": value for metric, value in found.items()})

    return keras.callbacks.LambdaCallback(on_epoch_end=measure)

'''


def _folds(s: Settings) -> int:
    """How many there are; 0 where one part tests and no other does."""
    return s.folds if "folds" in s and s.folds > 1 else 0


def _main(experiment: Experiment, recipe: Recipe, model: keras.Model) -> str:
    s = recipe.settings
    folds = _folds(s)
    given = ", ".join(filter(None, ["*sys.argv[1:2]" if experiment.dataset else "", "fold=fold" if folds else ""]))
    rate, steps = str(s.learning_rate), ""
    if s.get("schedule", "constant") == "cosine":
        rate = f"keras.optimizers.schedules.CosineDecay({rate}, steps)"
        steps = f"steps = {s.epochs} * math.ceil(len(train[0]) / {s.batch_size})\n"
    logits = "from_logits=True" if s.get("from_logits") else ""
    metrics = ", ".join(f"keras.metrics.{m}()" if isinstance(m, str) else m.__name__ for m in experiment.metrics)
    name = f"{experiment.id}@{recipe.label}"
    after, callbacks = "", "log"
    if experiment.measures_training:
        after, callbacks = "after = inference(model, *train)\n", "after, log"
    fitted = f"batch_size={s.batch_size}, epochs={s.epochs}, validation_data=validation, callbacks=[{callbacks}]"
    log, summary = (f'f"{name}-fold{{fold}}.csv"', "") if folds else (f'"{name}.csv"', "model.summary()\n")
    fit = f"""train, validation = data({given})
model = network()
{_trap(s, model)}loss = keras.losses.{s.loss}({logits})
{steps}optimizer = keras.optimizers.{s.optimizer}({rate})
model.compile(optimizer, loss, metrics=[{metrics}])
{summary}log = keras.callbacks.CSVLogger({log})
{after}run = model.fit(*train, {fitted})
"""
    end = "{metric: values[-1] for metric, values in run.history.items()}"
    lines = f"{fit}print({end})"
    if folds:
        lines = f"""ends = []
for fold in range({folds}):
{indent(fit, "    ")}    ends.append({end})
print({{metric: sum(end[metric] for end in ends) / len(ends) for metric in ends[0]}})"""
    return f"""if __name__ == "__main__":
    keras.utils.set_random_seed(0)
{indent(lines, "    ")}
"""


def _trap(s: Settings, model: keras.Model) -> str:
    """A note where Keras on TensorFlow trains another net than on JAX: it reaches behind a sigmoid for its logits.

    Whatever ``from_logits`` says, categorical cross-entropy there is the softmax one of what the sigmoid got.
    """
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", "")
    several = model.outputs[0].shape[-1] > 1  # of one the loss is constant either way
    if (activation, s.loss, several) != ("sigmoid", "CategoricalCrossentropy", True):
        return ""
    return """\
# On TensorFlow, Keras gives this loss the sigmoids' logits, not their outputs: another net. On JAX it does not.
"""


# ---------------------------------------------------------------- a Keras model as source


def network_source(model: keras.Model) -> str:
    """The statements that build the model and return it; a ValueError if a layer is not Keras's own, or used twice."""
    import keras

    if isinstance(model, keras.Sequential):
        room, calls = WIDTH - 13, list[str]()
        for call, same in groupby(_layer(layer, room) for layer, _ in graph(model).values()):
            count = len(list(same))
            line = f"*[{call} for _ in range({count})]"
            calls += [line] if count >= 3 and len(line) <= room else [call] * count
        return f"return keras.Sequential(\n    [\n{indent(_one_a_line(calls), '    ')}\n    ]\n)"
    return "\n".join(_functional(model))


def _functional(model: keras.Model) -> Iterator[str]:
    """One line a layer. A tensor that only the next line needs is ``x``, any other has the name of its layer."""
    wired = graph(model)
    order = list(wired)
    names = {id(layer.output): name for name, (layer, _) in wired.items()}
    ends = [[names[id(tensor)] for tensor in side] for side in (model.inputs, model.outputs)]
    variables: dict[str, str] = {}
    for place, (name, (layer, read)) in enumerate(wired.items()):
        arguments = ", ".join(variables[source] for source in read)
        if not read:
            variables[name] = name.replace("input", "inputs")
        else:
            readers = [reader for reader in order if name in wired[reader][1]]
            is_kept = readers != order[place + 1 : place + 2] or (readers and name in ends[1])
            variables[name] = name if is_kept else "x"
            arguments = f"([{arguments}])" if isinstance(layer.input, list) else f"({arguments})"
        room = WIDTH - 4 - len(f"{variables[name]} = {arguments}")
        yield f"{variables[name]} = {_layer(layer, room)}{arguments}"
    sides = [", ".join(variables[name] for name in side) for side in ends]
    yield f"return keras.Model({', '.join(f'[{side}]' if ',' in side else side for side in sides)})"


def _layer(layer: keras.Layer, room: int) -> str:
    import keras

    kind = type(layer)
    if kind is keras.layers.InputLayer:
        dtype = "" if layer.dtype == keras.config.floatx() else f', dtype="{layer.dtype}"'
        return f"keras.Input({tuple(layer.output.shape[1:])}{dtype})"
    if getattr(keras.layers, kind.__name__, None) is not kind:
        raise ValueError(f"expected a class of keras.layers; received {kind.__module__}.{kind.__name__}")
    return _construct("layers", kind, layer.get_config(), room)


def _construct(module: str, kind: type, config: Mapping[str, Any], room: int = WIDTH) -> str:
    """The call that gives an object of this class with this configuration (its name apart); a ValueError if none.

    It is in one line if it has room for it, else as ruff breaks it. Arguments are added one after the other, since a
    default may follow from another argument: a pool's strides are its size.
    """
    parameters = inspect.signature(kind).parameters
    needed = {name for name, p in parameters.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD}
    names = [name for name in (*parameters, "trainable") if name in config and name != "name"]
    # A regulariser says all it has: nobody knows its default.
    first = names if module == "regularizers" else [name for name in names if name in needed]
    # Written before Keras sees it, which complains of what is not its own, and advises to register it.
    said = {name: _value(name, config[name]) for name in first}
    while True:
        given = kind(**{name: config[name] for name in said}).get_config()
        different = [name for name in config if name != "name" and given.get(name) != config[name]]
        if not different:
            break
        more = next((name for name in names if name in different and name not in said), None)
        if more is None:
            raise ValueError(f"no arguments give {kind.__name__} this: {', '.join(different)}")
        said[more] = _value(more, config[more])
    unnamed = {*needed, next(iter(parameters), "")}
    arguments = [("" if name in unnamed else f"{name}=") + said[name] for name in names if name in said]
    line = f"{module}.{kind.__name__}({', '.join(arguments)})"
    if len(line) <= room or not arguments:
        return line
    return f"{module}.{kind.__name__}(\n{_one_a_line(arguments)}\n)"


def _one_a_line(items: Iterable[str]) -> str:
    return indent(",\n".join(items) + ",", "    ")


def _value(name: str, value: Any) -> str:
    if isinstance(value, dict) and "class_name" in value:
        import keras

        module, kind, config = str(value["module"]).removeprefix("keras."), value["class_name"], value["config"]
        if not (found := getattr(getattr(keras, module, None), kind, None)):
            raise ValueError(f"expected {name} of Keras's own; received {kind} {quoted(config)}")
        return _construct(module, found, config)
    extents = ("kernel_size", "pool_size", "strides", "dilation_rate")
    if name in extents and isinstance(value, list | tuple) and len(set(value)) == 1:
        return str(value[0])
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
