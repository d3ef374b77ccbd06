"""An exported script is short, clean, runs on its own, and builds and reads what the experiment does."""

from __future__ import annotations

import ast
import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from engines import DATA, NETS, load, name_of, script_of
from reensayo import randomness, registry
from reensayo.datasets import BOSTON, CIFAR10, CIFAR100, IMDB, MNIST, PIMA, DataSet
from reensayo.errors import InputError
from reensayo.export import as_script, network_source
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.preprocess import BagOfWords
from reensayo.selection import Chosen, select_one
from reensayo.training import device
from reensayo.training.weights import without_weights
from repository import TOY

if TYPE_CHECKING:
    import keras

    from reensayo.spec import Original

ALL = pytest.mark.parametrize("chosen", NETS, ids=name_of)


def run_code(source: str) -> dict[str, Any]:
    """The names that a script defines when it is imported."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), names)
    return names


@lru_cache(maxsize=3)
def exported_network(building: str) -> Any:
    """The configuration of what ``network()`` gives; many recipes train the same one."""
    return nameless(without_weights(run_code(building)["network"]))


@lru_cache(maxsize=3)
def exported_data(reading: str, folds: int, folder: Path | None) -> list[tuple[Any, Any]]:
    """What ``data()`` gives fold by fold; most recipes of an experiment read the same, and reading takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np.random, "default_rng", lambda _: randomness.generator(3, "data"))
        data = run_code(reading)["data"]
        where = [folder] if folder else []
        parts = [data(*where, fold=fold) if fold else data(*where) for fold in range(folds)]
    return [(copied(train), validation and copied(validation)) for train, validation in parts]


def copied(arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Not as views of the whole set."""
    return tuple(map(np.array, arrays))


# ---------------------------------------------------------------- the whole script


@ALL
def test_a_student_can_read_it(chosen: Chosen):
    script = script_of(name_of(chosen))
    lines = script.splitlines()
    longest = {"ex08.conv@script": 60, "ex10.vgg16-cifar10": 110, "ex10.vgg16-cifar100": 110}  # VGG16 has 49 layers
    assert len(lines) < longest.get(name_of(chosen), longest.get(chosen[0].id, 80))
    assert max(map(len, lines)) <= 120
    assert script.endswith("\n")
    assert "import reensayo" not in script
    assert "from reensayo" not in script


def test_it_is_formatted_and_free_of_unused_names(tmp_path: Path):
    for number, chosen in enumerate(NETS):
        (tmp_path / f"script_{number}.py").write_text(script_of(name_of(chosen)), "utf-8")
    rules = ["--isolated", "--no-cache", "--line-length", "120"]
    for command in (["format", "--check", "--diff"], ["check", "--select", "E,W,F,I,UP,B,C4,SIM,NPY,RUF"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *rules, str(tmp_path)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@ALL
def test_the_network_is_the_experiment_s(chosen: Chosen):
    experiment, recipe = chosen
    script = script_of(name_of(chosen))
    imports, _, code = script[script.index("import ") :].partition("def data")
    network = code[code.index("def network") : code.index("if __name__")]
    assert exported_network(imports + network) == nameless(without_weights(experiment.network, recipe.settings))


@ALL
def test_the_data_are_the_experiment_s(chosen: Chosen):
    experiment, recipe = chosen
    fewer = {"examples": 700, "validation": 300, "tested": 600}
    recipe = recipe.set({name: count for name, count in fewer.items() if name in recipe.settings})
    s = recipe.settings
    raw = load(experiment.dataset, DATA) if experiment.dataset else None
    splits = experiment.splits(experiment.load(raw, s), s, randomness.generator(3, "data"))
    script = as_script(experiment, recipe)
    reading = script[script.index("import ") : script.index("def network")]
    exported = exported_data(reading, len(splits), DATA if experiment.dataset else None)
    for split, (train, validation) in zip(splits, exported, strict=True):
        assert_encoded(train, experiment.encode(split.x_train, split.y_train, split.constants, s))
        if validation is not None:
            assert_encoded(validation, experiment.encode(split.x_val, split.y_val, split.constants, s))
        else:
            assert len(split.x_val) == 0


def assert_encoded(received: tuple[Any, Any], expected: tuple[Any, Any]) -> None:
    from reensayo.training.word_sets import as_sparse

    for array, given in zip(received, expected, strict=True):
        wanted = as_sparse(given).todense() if isinstance(given, BagOfWords) else given
        assert array.shape == wanted.shape
        np.testing.assert_allclose(array, wanted, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("name", ["ex01.linear@text", "ex05.map@sound"])
def test_it_runs_on_its_own(name: str, tmp_path: Path):
    experiment, recipe = select_one(ORIGINAL, name)
    experiment = replace(experiment, measures_training=True)
    recipe = recipe.set({"epochs": 2, "batch_size": 64})
    rows = run_alone(as_script(experiment, recipe), tmp_path, *([DATA] if experiment.dataset else []))
    assert rows[0].keys() == {"epoch", *experiment.columns}
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert float(rows[1]["inference_loss"]) < float(rows[1]["loss"]) < float(rows[0]["loss"])


def run_alone(script: str, folder: Path, *arguments: Path) -> list[dict[str, str]]:
    """The lines of the log that a script leaves in this folder, run where reensayo is not."""
    (folder / "script.py").write_text(script, "utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("KERAS_BACKEND", "PYTHONPATH")}
    command = [sys.executable, "-W", "error", "script.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "val_mean_squared_error" in done.stdout.splitlines()[-1]
    (log,) = folder.glob("*.csv")
    assert f"`reensayo export {log.stem}`" in script
    return list(csv.DictReader(log.read_text().splitlines()))


def test_it_runs_fold_by_fold(tmp_path: Path):
    experiment, recipe = select_one(ORIGINAL, "ex06.imputed@script")
    recipe = recipe.set({"epochs": 1, "folds": 2})
    (tmp_path / "script.py").write_text(as_script(experiment, recipe), "utf-8")
    command = [sys.executable, "-W", "error", "script.py", str(DATA)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    logs = [csv.DictReader(log.read_text().splitlines()) for log in sorted(tmp_path.glob("*-fold*.csv"))]
    ends = [float(row["val_loss"]) for log in logs for row in log]
    assert len(ends) == 2
    printed = ast.literal_eval(done.stdout.splitlines()[-1])
    assert printed["val_loss"] == pytest.approx(np.mean(ends))


def test_what_a_recipe_compiles_with_is_printed():
    sound, broken, text = (script_of(n) for n in ("ex05.map@sound", "ex05.map@script", "ex08.conv@text"))
    script = script_of("ex08.conv@script")
    assert "steps = 2000 * math.ceil(len(train[0]) / 16)" in sound
    assert "keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.03, steps))" in sound
    assert "regularizers.L2(0.01)" in broken
    assert "CosineDecay" not in broken
    assert "keras.losses.CategoricalCrossentropy(from_logits=True)" in script
    assert "keras.losses.CategoricalCrossentropy()" in text


def test_the_trap_of_the_tensorflow_backend_is_named_where_it_waits():
    assert "On TensorFlow" in script_of("ex08.dense@script")
    assert "On TensorFlow" in script_of("ex08.dense@text")  # whatever from_logits says
    assert "On TensorFlow" not in script_of("ex01.linear@script")


# ---------------------------------------------------------------- any network


def nameless(model: keras.Model) -> Any:
    """A model's configuration with its layers called by their place, as names count what was built before."""
    config = model.get_config()
    places = {layer["config"]["name"]: f"layer {i}" for i, layer in enumerate(config["layers"])}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items() if key != "build_config"}
        if isinstance(value, list | tuple):
            return [renamed(item) for item in value]
        return places.get(value, value) if isinstance(value, str) else value

    return renamed({**config, "name": ""})


def words() -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((100,), dtype="int32"),
            layers.Embedding(10_000, 15),
            layers.Dropout(0.5),
            layers.Conv1D(128, 2, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def images() -> keras.Model:
    import keras
    from keras import initializers, layers, regularizers

    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(
                64,
                (3, 5),
                strides=2,
                padding="same",
                activation="relu",
                kernel_initializer=initializers.RandomNormal(stddev=3.0),
                kernel_regularizer=regularizers.L2(5e-4),
                bias_regularizer=regularizers.L1L2(1e-5, 1e-4),
            ),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(3, strides=2),
            layers.MaxPooling2D(),
            layers.AveragePooling2D(2, padding="same"),
            layers.GaussianNoise(0.25, seed=3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(
                10,
                use_bias=False,
                kernel_initializer="he_normal",
                kernel_constraint=keras.constraints.MaxNorm(3.0),
                trainable=False,
            ),
            layers.LeakyReLU(0.1),
            layers.Activation("softmax"),
        ]
    )


def residual() -> keras.Model:
    import keras
    from keras import layers

    image, features = keras.Input((8, 8, 3)), keras.Input((4,))
    x = first = layers.Conv2D(6, 3, padding="same", activation="relu")(image)
    x = layers.Conv2D(6, 3, padding="same")(x)
    x = layers.Add()([first, x])
    x = layers.Flatten()(x)
    x = layers.Concatenate()([x, features])
    early = layers.Dense(3, activation="tanh")(x)
    return keras.Model([image, features], [layers.Dense(2)(early), early])


@pytest.mark.parametrize("build", [words, images, residual])
def test_a_printed_network_builds_the_same(build: Any):
    device.setup()
    model = without_weights(build)
    source = network_source(model)
    names = run_code(
        "import keras\nfrom keras import constraints, initializers, layers, regularizers\n\n\n"
        f"def network():\n{indent(source, '    ')}\n"
    )
    assert nameless(without_weights(names["network"])) == nameless(model), source


def test_networks_are_printed_with_what_differs_from_the_default_and_no_more():
    device.setup()
    printed = network_source(images()).replace("\n", " ")
    assert "layers.MaxPooling2D(3, strides=2)" in printed
    assert "layers.MaxPooling2D()" in printed
    assert "initializers.RandomNormal(stddev=3.0)" in printed
    assert "regularizers.L2(0.0005)" in printed
    assert "layers.Embedding(10000, 15)" in network_source(words())
    assert 'keras.Input((100,), dtype="int32")' in network_source(words())
    assert network_source(residual()).splitlines() == [
        "inputs_1 = keras.Input((8, 8, 3))",
        'conv2d_1 = layers.Conv2D(6, 3, padding="same", activation="relu")(inputs_1)',
        'x = layers.Conv2D(6, 3, padding="same")(conv2d_1)',
        "x = layers.Add()([conv2d_1, x])",
        "flatten = layers.Flatten()(x)",
        "inputs_2 = keras.Input((4,))",
        "x = layers.Concatenate()([flatten, inputs_2])",
        'dense_1 = layers.Dense(3, activation="tanh")(x)',
        "x = layers.Dense(2)(dense_1)",
        "return keras.Model([inputs_1, inputs_2], [x, dense_1])",
    ]


def test_what_cannot_be_printed_is_refused():
    device.setup()
    import keras
    from keras import layers

    class Own(layers.Dense):
        pass

    with pytest.raises(ValueError, match=r"expected a class of keras\.layers; received .*Own"):
        network_source(keras.Sequential([keras.Input((2,)), Own(3)]))
    inputs = keras.Input((2,))
    with pytest.raises(ValueError, match="expected outputs of layers"):
        network_source(keras.Model(inputs, layers.Dense(2)(inputs * 2)))


# ---------------------------------------------------------------- how each set is read


def reading(dataset: DataSet, *names: str) -> Any:
    """A function of ``folder`` with a script's lines for one set."""
    lines = f"def read(folder):\n{indent(dataset.script.strip(), '    ')}\n    return {', '.join(names)}\n"
    header = "import gzip\nfrom pathlib import Path\n\nimport keras\nimport numpy as np\nfrom PIL import Image\n\n\n"
    return run_code(header + lines)["read"]


NAMES = ("x_train", "y_train", "x_test", "y_test")


@pytest.mark.parametrize("dataset", [BOSTON, PIMA, MNIST], ids=lambda dataset: dataset.name)
def test_the_kit_is_read(dataset: DataSet):
    raw = load(dataset, DATA)
    names = tuple(raw.arrays)
    for name, array in zip(names, reading(dataset, *names)(DATA), strict=True):
        np.testing.assert_array_equal(array, raw.arrays[name])


def test_without_the_kit_boston_comes_in_its_own_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import keras

    raw = load(BOSTON, DATA)
    np.savez(tmp_path / "boston.npz", **raw.arrays)
    asked = []
    monkeypatch.setattr(keras.utils, "get_file", lambda *args: asked.append(args) or tmp_path / "boston.npz")
    x, y = reading(BOSTON, "x", "y")(tmp_path)
    np.testing.assert_array_equal(x, raw.x)
    np.testing.assert_array_equal(y, raw.y)
    assert asked == [("boston_housing.npz", BOSTON.source)]


def test_without_the_kit_pima_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import keras

    monkeypatch.setattr(keras.utils, "get_file", lambda name, address: DATA / "pima" / "pima-indians-diabetes.csv")
    x, y = reading(PIMA, "x", "y")(tmp_path)
    np.testing.assert_array_equal(x, load(PIMA, DATA).x)
    np.testing.assert_array_equal(y, load(PIMA, DATA).y)


def test_without_the_kit_mnist_is_keras_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import keras

    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (("a", "b"), ("c", "d")))
    assert reading(MNIST, *NAMES)(tmp_path) == ("a", "b", "c", "d")


def test_reviews_are_those_of_keras_s_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import keras

    raw, count = load(IMDB, DATA), 300
    official: dict[str, Any] = {}
    kit = {}
    for part in ("train", "test"):
        offsets = kit[f"{part}_offsets"] = raw.arrays[f"{part}_offsets"][: count + 1]
        tokens = kit[f"{part}_tokens"] = raw.arrays[f"{part}_tokens"][: offsets[-1]]
        reviews = official[f"x_{part}"] = np.empty(count, object)
        reviews[:] = [review.tolist() for review in np.split(tokens, offsets[1:-1])]
        official[f"y_{part}"] = kit[f"y_{part}"] = np.arange(count)
    (tmp_path / "imdb").mkdir()
    np.savez(tmp_path / "imdb" / "imdb_tokens.npz", **kit)
    np.savez(tmp_path / "imdb.npz", **official)

    loader = keras.datasets.imdb.load_data
    monkeypatch.setattr(sys.modules[loader.__module__], "get_file", lambda *_, **__: tmp_path / "imdb.npz")
    (x, y), (x_other, y_other) = loader(num_words=10_000)
    expected, expected_labels = [*x, *x_other], [*y, *y_other]
    for folder in (tmp_path, tmp_path / "nothing"):
        reviews, labels = reading(IMDB, "reviews", "labels")(folder)
        assert [list(review) for review in reviews] == expected
        np.testing.assert_array_equal(labels, expected_labels)


@pytest.mark.parametrize("dataset", [CIFAR10, CIFAR100], ids=lambda dataset: dataset.name)
def test_sheets_of_images_are_cut(dataset: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import keras
    from PIL import Image

    images = np.random.default_rng(0).integers(0, 256, (2000, 32, 32, 3), np.uint8)
    images[:, 4:] = 0  # less to pack
    name = dataset.name
    (tmp_path / name).mkdir()
    for first, file in ((0, "train-00"), (1000, "test-00")):
        sheet = Image.new("RGB", (320, 3200))
        for i in range(1000):
            sheet.paste(Image.fromarray(images[first + i]), (32 * (i % 10), 32 * (i // 10)))
        sheet.save(tmp_path / name / f"{file}.webp", lossless=True, quality=0)
    y_train, y_test = np.arange(1000), np.arange(1000) % 7
    np.savez(tmp_path / name / "labels.npz", y_train=y_train, y_test=y_test)

    expected = (images[:1000], y_train, images[1000:], y_test)
    downloaded = (images[:1000], y_train[:, None]), (images[1000:], y_test[:, None])
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: downloaded)
    for folder in (tmp_path, tmp_path / "nothing"):
        for array, wanted in zip(reading(dataset, *NAMES)(folder), expected, strict=True):
            np.testing.assert_array_equal(array, wanted)


# ---------------------------------------------------------------- a file that an original brings


@pytest.fixture(scope="module")
def toy() -> Original:
    return registry.find(TOY)


def test_a_script_finds_the_original_s_own_file_where_it_is_and_where_it_is_told(toy: Original, tmp_path: Path):
    experiment, recipe = select_one(toy, "toy.line@paper")
    script = as_script(experiment, recipe.set({"epochs": 2}))
    assert "Data: points.csv in the folder given, else in the original's." in script
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "changed").mkdir()
    content = (toy.folder / "points.csv").read_text()
    (tmp_path / "changed" / "points.csv").write_text(content.replace("0.9642,3.0319", "0.9642,9"))
    there = run_alone(script, tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "toy.line@paper+epochs=2.csv").unlink()
    told = run_alone(script, tmp_path / "elsewhere", tmp_path / "changed")
    assert [row["loss"] for row in there] == [row["loss"] for row in told]
    assert float(there[1]["val_loss"]) < float(told[1]["val_loss"])  # the point that was changed only validates


def test_a_folder_s_name_is_printed_as_python_reads_it(toy: Original):
    experiment, recipe = select_one(toy, "toy.line@paper")
    folder = Path('/an "odd"\\one/ñandú')
    dataset = replace(experiment.dataset, own=folder / "points.csv")
    script = as_script(replace(experiment, dataset=dataset), recipe)
    assert run_code(script)["data"].__defaults__ == (str(folder),)


def test_a_script_names_the_work_that_it_is_of(toy: Original):
    toy = replace(toy, option='an "odd"\\one')
    script = as_script(*select_one(toy, "toy.line@paper"), toy.command)
    assert f"written by `{toy.command} export toy.line@paper`" in ast.get_docstring(ast.parse(script))


@pytest.mark.parametrize("part", ["layer", "argument", "function", "initializer"])
def test_a_network_of_other_parts_than_keras_s_is_refused_in_words(toy: Original, part: str):
    def network(s: Any) -> keras.Model:
        import keras
        from keras import initializers, layers

        class Own(layers.Dense):
            def __init__(self, units: Any, other: Any) -> None:
                super().__init__(units)

        def doubled(x: Any) -> Any:
            return x * 2

        class Zeros(initializers.Zeros):
            pass

        parts = {
            "layer": lambda: Own(1, other=object()),  # Keras does not know its configuration
            "argument": lambda: layers.Dense(1, activation=doubled),
            "function": lambda: layers.Activation(doubled),
            "initializer": lambda: layers.Dense(1, kernel_initializer=Zeros()),
        }
        return keras.Sequential([keras.Input((2,)), parts[part]()])

    experiment, recipe = select_one(toy, "toy.line@paper")
    with pytest.raises(InputError, match=r"the network of toy\.line@paper cannot be .* Keras alone: expected .*;"):
        as_script(replace(experiment, network=network), recipe)


def test_lines_may_be_indented_as_the_code_around_them(toy: Original):
    experiment, recipe = select_one(toy, "toy.line@paper")
    script = as_script(experiment, recipe)
    dataset = replace(experiment.dataset, script=indent(experiment.dataset.script, "    ") + "    ")
    plain_data = experiment.plain_data
    indented = replace(experiment, dataset=dataset, plain_data=lambda s: indent(plain_data(s), "        "))
    assert as_script(indented, recipe) == script


def test_without_lines_for_a_script_it_says_what_to_add(toy: Original):
    experiment, recipe = select_one(toy, "toy.line@paper")
    bare = replace(experiment, dataset=replace(experiment.dataset, script=" \n"))
    with pytest.raises(InputError) as refused:
        as_script(bare, recipe)
    for text in (refused.value.message.es, refused.value.message.en):
        for word in ("'points'", "own_file(…)", "script=", "folder", "decode"):
            assert word in text
    lines = refused.value.message.en.split('"""')[1]  # the example, taken over as it stands
    x, y = reading(replace(experiment.dataset, script=dedent(lines)), "x", "y")(toy.folder)
    raw = load(experiment.dataset)
    np.testing.assert_array_equal(x[:, 0], raw.x)
    np.testing.assert_array_equal(y, raw.y)
