"""How much faster than Keras: ratios in one run, written to docs/performance.md and benchmarks/speed.json.

    python benchmarks/speed.py [--rounds 9] [--seconds 60] [--tensorflow PYTHON] [--pytorch PYTHON] [CASE ...]

Each measurement is a process of its own, in turn (A B A B ...), medians of the rounds: as many as are asked for, but no
round begins later than ``--seconds`` after its case began, or longer where the case says so. Every fit and every run
starts without anything compiled; imports and reading the data are left out on both sides. ``--tensorflow`` names the
Python of an environment with Keras and TensorFlow (``pip install tensorflow-cpu pillow``), ``--pytorch`` of one with
PyTorch and NumPy; neither is ever installed here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

from reensayo import hardware
from reensayo.export import as_script
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.selection import as_run, select_one
from reensayo.training import device

HERE = Path(__file__).parent
DATA = HERE.parent / "data"


@dataclass(frozen=True)
class Case:
    """What is compared: our run of ``seeds`` against Keras, and which number of each.

    ``whole``: seconds of everything, compiling included, for ``seeds`` seeds, of which Keras fits every fold; else
    seconds of an epoch per seed, divided by ``steps`` where the case is about a step. ``changes`` are settings;
    ``epochs`` are more of them for us alone, where a training of so few steps is compiled in another way. ``seconds``
    keep its rounds going for longer: where the ratio is near what it is meant to be.
    """

    title: str
    recipes: tuple[str, ...]
    seeds: int
    whole: bool
    changes: Mapping[str, str] = field(default_factory=dict)
    tensorflow: bool = False
    pytorch: bool = False
    steps: int = 1
    epochs: int | None = None
    seconds: float = 0.0


CASES = {
    "small": Case(
        "30 seeds of ex01 and ex05, `script`, everything", ("ex01.linear@script", "ex05.map@script"), 30, True
    ),
    "ex01": Case("one seed of ex01, everything", ("ex01.linear@script",), 1, True),
    "ex05": Case("one seed of ex05, everything", ("ex05.map@script",), 1, True),
    "dense": Case(
        "one seed of ex08.dense, 20 epochs, everything", ("ex08.dense@script",), 1, True, {}, True, seconds=150.0
    ),
    "pixels": Case(
        "an epoch of ex02.mse, one seed", ("ex02.mse@script",), 1, False, {"epochs": "4"}, True, seconds=70.0
    ),
    "pixels-cce": Case(
        "an epoch of ex02.cce, one seed", ("ex02.cce@script",), 1, False, {"epochs": "4"}, True, seconds=70.0
    ),
    "pixels-hinge": Case(
        "an epoch of ex02.hinge, one seed", ("ex02.hinge@script",), 1, False, {"epochs": "4"}, True, seconds=70.0
    ),
    "reviews": Case("an epoch of ex03.none, one seed", ("ex03.none@script",), 1, False, {"epochs": "4"}, True),
    "reviews-l2": Case("an epoch of ex03.l2, one seed", ("ex03.l2@script",), 1, False, {"epochs": "4"}, True),
    "reviews-bn": Case("an epoch of ex03.bn, one seed", ("ex03.bn@script",), 1, False, {"epochs": "4"}, True),
    "reviews-dropout": Case(
        "an epoch of ex03.dropout, one seed", ("ex03.dropout@script",), 1, False, {"epochs": "4"}, True
    ),
    "embedding": Case("an epoch of ex04.dense, one seed", ("ex04.dense@script",), 1, False, {"epochs": "4"}, True),
    "embedding-conv": Case("an epoch of ex04.conv, one seed", ("ex04.conv@script",), 1, False, {"epochs": "4"}, True),
    "pima": Case("one seed of ex06.raw, its five folds, everything", ("ex06.raw@script",), 1, True, {}, True),
    "tiny": Case(
        "30 seeds of ex02.xor and ex06.raw, its five folds, everything",
        ("ex02.xor@script", "ex06.raw@script"),
        30,
        True,
    ),
    "xor": Case("one seed of ex02.xor, everything", ("ex02.xor@script",), 1, True, {}, True),
    "conv": Case(
        "ex08.conv, an epoch per seed, two seeds side by side",
        ("ex08.conv@script",),
        2,
        False,
        {"epochs": "3"},
        tensorflow=True,
        pytorch=True,
    ),
    "denoise": Case("an epoch of ex07.denoise, one seed", ("ex07.denoise@script",), 1, False, {"epochs": "3"}, True),
    "permuted": Case("an epoch of ex09.dense, one seed", ("ex09.dense@script",), 1, False, {"epochs": "4"}, True),
    "permuted-conv": Case(
        "ex09.conv, an epoch per seed, two seeds side by side",
        ("ex09.conv@script",),
        2,
        False,
        {"epochs": "3"},
        tensorflow=True,
        pytorch=True,
    ),
    "vgg16": Case(
        "a step of ex10.vgg16-cifar100: 128 images, one seed",
        ("ex10.vgg16-cifar100@script",),
        1,
        False,
        {"epochs": "3", "examples": "384", "tested": "4"},
        tensorflow=True,
        pytorch=True,
        steps=3,
        epochs=34,
    ),
}


def measure(command: list[str], **environment: str) -> dict:
    """Run one measurement; its last line of output is JSON."""
    done = subprocess.run(
        [*command], env={**os.environ, **environment}, capture_output=True, text=True, check=False, cwd=HERE.parent
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def assignments(case: Case) -> list[str]:
    """The changes as ``reensayo run --set`` takes them."""
    changes = dict(case.changes) | ({"epochs": str(case.epochs)} if case.epochs else {})
    return [f"{name}={value}" for name, value in changes.items()]


def ours(case: Case) -> dict:
    """Our seconds and peak memory."""
    parts = [
        measure([sys.executable, str(HERE / "engine_run.py"), recipe, str(case.seeds), *assignments(case)])
        for recipe in case.recipes
    ]
    seconds = sum(part["seconds"] for part in parts) if case.whole else parts[0]["epoch"] / case.steps
    return {"seconds": seconds, "compile": sum(p["compile"] for p in parts), "peak": max(p["peak"] for p in parts)}


def keras(case: Case, python: str, backend: str) -> dict:
    """Keras's seconds and peak memory: as many fits as we have seeds, or epochs of one fit after its first."""
    parts = []
    for recipe in case.recipes:
        experiment, chosen = as_run(select_one(ORIGINAL, recipe), case.changes, quick=False)
        s = chosen.settings
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "script.py")
            script.write_text(as_script(experiment, chosen))
            spec = {
                "script": str(script),
                "data": str(DATA) if experiment.dataset else None,
                "seeds": case.seeds * s.get("folds", 1) if case.whole else 1,
                "epochs": s["epochs"],
                "batch_size": s["batch_size"],
                "optimizer": s["optimizer"],
                "learning_rate": s["learning_rate"],
                "loss": s["loss"],
                "loss_options": {"from_logits": s["from_logits"]} if "from_logits" in s else {},
                "metrics": [metric for metric in experiment.metrics if isinstance(metric, str)],
            }
            Path(folder, "spec.json").write_text(json.dumps(spec))
            command = [python, str(HERE / "keras_fit.py"), str(Path(folder, "spec.json"))]
            parts.append(measure(command, KERAS_BACKEND=backend))
    whole = sum(sum(part["fits"]) for part in parts)
    return {
        "seconds": whole if case.whole else median(parts[0]["epochs"][0][1:]) / case.steps,
        "peak": max(part["peak"] for part in parts),
    }


def pytorch(case: Case, python: str) -> dict:
    """PyTorch's seconds and peak memory: epochs after the first of the same layers."""
    device.setup()  # before Keras is imported
    from reensayo.training.weights import without_weights

    experiment, recipe = as_run(select_one(ORIGINAL, case.recipes[0]), case.changes, quick=False)
    s = recipe.settings
    model = without_weights(experiment.network, s)
    spec = {
        "layers": [(type(layer).__name__, layer.get_config()) for layer in model.layers],
        "shape": model.input_shape[1:],
        "classes": model.output_shape[1],
        "examples": s["examples"],
        "validation": s["tested"] // 2 if "tested" in s else s["validation"],
        **{name: s[name] for name in ("batch_size", "epochs", "optimizer", "learning_rate")},
    }
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "spec.json")
        place.write_text(json.dumps(spec))
        done = measure([python, str(HERE / "torch_fit.py"), str(place)])
    return {"seconds": median(done["epochs"][1:]) / case.steps, "peak": done["peak"]}


def compare(case: Case, rounds: int, seconds: float, environments: Mapping[str, str | None]) -> dict:
    """Medians over the rounds of everything that takes part; at least one round, none after so many seconds."""
    sides: dict[str, Callable[[], dict]] = {
        "reensayo": partial(ours, case),
        "keras-jax": partial(keras, case, sys.executable, "jax"),
    }
    if case.tensorflow and (python := environments["tensorflow"]):
        sides["keras-tensorflow"] = partial(keras, case, python, "tensorflow")
    if case.pytorch and (python := environments["pytorch"]):
        sides["pytorch"] = partial(pytorch, case, python)
    found: dict[str, list[dict]] = {name: [] for name in sides}
    started = time.monotonic()
    for number in range(rounds):
        if number and time.monotonic() - started > max(seconds, case.seconds):
            break
        for name, side in sides.items():
            found[name].append(side())
            took = found[name][-1]["seconds"]
            print(f"{case.title}, round {number + 1}: {name} {took:.3g} s", file=sys.stderr, flush=True)
    result = {
        name: {
            "seconds": median(one["seconds"] for one in all_rounds),
            "peak": median(one["peak"] for one in all_rounds),
            "all_seconds": [one["seconds"] for one in all_rounds],
        }
        for name, all_rounds in found.items()
    }
    for name in sides:
        pairs = zip(found[name], found["reensayo"], strict=True)
        result[name]["ratio"] = median(theirs["seconds"] / us["seconds"] for theirs, us in pairs)
    return result


def markdown(results: dict) -> str:
    """The table between the marks of docs/performance.md."""
    lines = [
        f"Measured on {results['date']}: {results['processor']}, {results['cores']} cores; "
        + ", ".join(f"{name} {number}" for name, number in results["versions"].items())
        + ". Medians of the rounds; the ratio is the median of the rounds' ratios. Ours sets glibc's allocator to keep "
        "what is freed, as the command line does; Keras runs as it comes.",
        "",
        "| what | | seconds | times ours | peak memory, MB | rounds |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for name, found in results["cases"].items():
        for side, numbers in found.items():
            title = CASES[name].title if side == "reensayo" else ""
            seconds, ratio, peak = numbers["seconds"], numbers["ratio"], numbers["peak"]
            rounds = len(numbers["all_seconds"])
            lines.append(f"| {title} | {side} | {seconds:.3g} | {ratio:.2f} | {peak / 1e6:.0f} | {rounds} |")
    return "\n".join(lines)


def write(results: dict) -> None:
    """Keep the numbers, and put the table in its place in the documentation."""
    (HERE / "speed.json").write_text(json.dumps(results, indent=1) + "\n")
    page = HERE.parent / "docs" / "performance.md"
    before, mark, rest = page.read_text().partition("<!-- speed -->\n")
    after = rest.partition("<!-- /speed -->")[2]
    page.write_text(f"{before}{mark}{markdown(results)}\n<!-- /speed -->{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="CASE", help=" ".join(CASES))
    parser.add_argument("--rounds", type=int, default=9, help="most rounds of a case")
    parser.add_argument("--seconds", type=float, default=60, help="after which no round of a case begins")
    parser.add_argument("--tensorflow", metavar="PYTHON", help="the Python of an environment with TensorFlow")
    parser.add_argument("--pytorch", metavar="PYTHON", help="the Python of an environment with PyTorch")
    parser.add_argument("--dry", action="store_true", help="print the table, write nothing")
    options = parser.parse_args()
    chosen = options.cases or list(CASES)
    if options.cases and not options.dry:
        parser.error("some cases alone are only printed: give --dry, or no case to write all of them")
    environments = {"tensorflow": options.tensorflow, "pytorch": options.pytorch}
    results = {
        "date": date.today().isoformat(),
        "processor": hardware.processor(),
        "cores": hardware.cores(),
        "versions": {name: version(name) for name in ("reensayo", "keras", "jax")},
        "rounds": options.rounds,
        "seconds": options.seconds,
        "cases": {name: compare(CASES[name], options.rounds, options.seconds, environments) for name in chosen},
    }
    if not options.dry:
        write(results)
    print(markdown(results))


if __name__ == "__main__":
    main()
