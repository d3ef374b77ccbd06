"""The environment changes no result: it has no effect, or it is refused by its name."""

from __future__ import annotations

import logging
import os
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fresh_python import in_a_fresh_python
from reensayo import environment, hardware, runner
from reensayo.datasets import places
from reensayo.environment import COMPILE_FASTER
from reensayo.errors import InputError
from reensayo.training import device
from repository import ROOT

SHORT = ["run", "ex05.map@script", "--seeds", "1", "--set", "epochs=1"]
PROGRAM = "from reensayo.cli import main; main()"


@pytest.fixture
def alone(monkeypatch):
    """Nothing of the packages' is set."""
    for name in list(os.environ):
        if environment.FAMILIES.match(name) or environment.DRAWING.match(name):
            monkeypatch.delenv(name)
    return monkeypatch


CHANGING = {
    "JAX_ENABLE_X64": "1",
    "JAX_DEFAULT_MATMUL_PRECISION": "bfloat16",
    "JAX_DEFAULT_DEVICE": "gpu",
    "JAX_THREEFRY_PARTITIONABLE": "0",
    "JAX_SOMETHING_NEW": "",
    "XLA_FLAGS": "--xla_cpu_enable_fast_math=true",
    "LIBTPU_INIT_ARGS": "--xla_x",
    "KERAS_NNX_ENABLED": "1",
    "KERAS_MAX_EPOCHS": "x",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F",
}


@pytest.mark.parametrize(("name", "value"), CHANGING.items())
def test_what_can_change_results_is_refused_by_name_before_anything_trains(name, value, alone, command, tmp_path):
    alone.setenv(name, value)
    alone.setattr(runner, "_devices", lambda *_: pytest.fail("nothing should start"))
    code, out, err = command(*SHORT, "--store", tmp_path / "runs")
    assert (code, out) == (2, "")
    assert err == (
        f"reensayo: {name}={value} is not known to leave results alone, so nothing is trained with it; unset it: "
        f"env -u {name} reensayo ...\n"
    )
    assert (
        "no consta que deje igual los resultados" in command(*SHORT, "--store", tmp_path / "runs", "--lang", "es").err
    )


def test_all_that_is_refused_is_named_at_once(alone):
    alone.setenv("JAX_ENABLE_X64", "1")
    alone.setenv("XLA_FLAGS", "--xla_dump_to=x --xla_a=1 --xla_b")
    with pytest.raises(
        InputError, match=r"JAX_ENABLE_X64=1, XLA_FLAGS=--xla_a=1 --xla_b is not.*-u JAX_ENABLE_X64 -u XLA"
    ):
        environment.check()


@pytest.mark.parametrize("words", [["list"], ["status"], ["verdicts"], ["run", "--dry-run"], ["doctor"]], ids=" ".join)
def test_commands_that_do_not_train_run_under_any_of_it(words, alone, command, tmp_path):
    for name, value in CHANGING.items():
        alone.setenv(name, value)
    code, out, err = command(*words, *(["--store", tmp_path] if words != ["list"] else []))
    assert err == ""
    assert code == 0 or words == ["doctor"]
    assert out


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "--xla_force_host_platform_device_count=3",
        "--xla_cpu_use_fusion_emitters=false",
        "--xla_dump_to=/tmp/x --xla_dump_hlo_as_text",
        f"--xla_cpu_use_fusion_emitters=false --xla_backend_extra_options={COMPILE_FASTER}",
    ],
)
def test_harmless_flags_of_xla_are_accepted(flags, alone):
    alone.setenv("XLA_FLAGS", flags)
    environment.check()
    assert environment.harmless() == ["XLA_FLAGS"]


@pytest.mark.parametrize(
    "flags",
    [
        "--xla_no_such_flag",
        "/a/file/of/flags",
        "--xla_force_host_platform_device_count=many",
        "--xla_backend_extra_options=xla_cpu_something_else",
        "xla_dump_to=x",
    ],
)
def test_xla_never_sees_a_flag_at_which_it_would_end_the_process(flags, alone):
    alone.setenv("XLA_FLAGS", flags)
    with pytest.raises(InputError, match="env -u XLA_FLAGS"):
        environment.check()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_whatever_is_in_xla_s_flags_is_accepted_or_refused(flags):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLA_FLAGS", flags)
        found = environment.refused().get("XLA_FLAGS", "")
    assert set(found.split()) <= set(flags.split())


# ---------------------------------------------------------------- Keras and JAX as they start


@pytest.mark.parametrize("content", ["[]", '{"epsilon": 0.5}'])
def test_keras_s_settings_file_has_no_effect(content, tmp_path, monkeypatch):
    (tmp_path / "keras.json").write_text(content)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    statement = (
        "from reensayo.training import device; device.setup(); device.check_settings('float32'); import keras, os;"
        "print(keras.config.epsilon(), os.environ['KERAS_HOME'], keras.src.backend.config.keras_home())"
    )
    done = in_a_fresh_python(statement, cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.out.split() == ["1e-07", str(tmp_path), str(tmp_path)]
    assert (tmp_path / "keras.json").read_text() == content


@pytest.mark.parametrize(
    ("name", "value", "package"),
    [
        ("JAX_PLATFORMS", "tpu", "JAX"),
        ("JAX_NUM_CPU_DEVICES", "many", "JAX"),
        ("JAX_LOG_COMPILES", "maybe", "JAX"),
    ],
)
def test_what_keeps_jax_from_starting_is_named(name, value, package, tmp_path, monkeypatch):
    monkeypatch.setenv(name, value)
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    done = in_a_fresh_python(PROGRAM, *SHORT, "--lang", "en", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    *lines, _ = done.err.splitlines()
    (line,) = lines
    assert line.startswith(f"reensayo: {package} cannot start with {name}={value}: ")
    assert line.endswith(f"; try without: env -u {name} reensayo ...")


def test_doctor_names_what_keeps_jax_from_starting(tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    done = in_a_fresh_python(PROGRAM, "doctor", "--lang", "en", cwd=tmp_path)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "JAX_PLATFORMS=cuda" in done.out
    assert "env -u JAX_PLATFORMS" in done.out


def test_matplotlib_s_settings_do_not_reach_a_training(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    (tmp_path / "matplotlibrc").write_text("no such key: 1\nno colon\n")
    done = in_a_fresh_python(PROGRAM, *SHORT, cwd=tmp_path)
    assert done.code == 0, done.err
    assert len(done.err.splitlines()) == 1  # what the test itself prints


def test_a_package_that_does_not_start_without_any_variable_says_why(alone):
    message = environment.cannot_start("Keras", AssertionError(), []).message
    assert str(message) == "Keras cannot start: it does not say why; perhaps there is no such device here"


# ---------------------------------------------------------------- settings changed in this process


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jax_enable_x64", True),
        ("jax_default_matmul_precision", "bfloat16"),
        ("jax_default_prng_impl", "rbg"),
        ("jax_numpy_dtype_promotion", "strict"),
        ("jax_debug_nans", True),
        ("jax_disable_jit", True),
        ("jax_random_seed_offset", 3),
    ],
)
def test_jax_s_settings_that_change_results_are_refused(name, value):
    device.setup()
    import jax

    before = jax.config.values[name]
    try:
        jax.config.update(name, value)
        with pytest.raises(InputError, match=f"received jax.config.{name} = {value!r}"):
            device.check_settings("float32")
    finally:
        jax.config.update(name, getattr(before, "value", before))
    device.check_settings("float32")


def test_keras_s_settings_that_change_results_are_refused_and_stay_the_user_s(store, command):
    device.setup()
    import keras

    try:
        keras.config.set_epsilon(0.5)
        code, _, err = command(*SHORT, "--store", store.root)
        assert keras.config.epsilon() == 0.5
    finally:
        keras.config.set_epsilon(1e-7)
    assert code == 2
    assert "expected keras.config.epsilon() = 1e-07; received keras.config.epsilon() = 0.5" in err
    assert not store.trials()


def test_double_precision_is_as_a_trial_of_it_says():
    device.setup()
    with pytest.raises(InputError, match=r"expected .*jax_enable_x64 = True; received .*jax_enable_x64 = False"):
        device.check_settings("float64")


# ---------------------------------------------------------------- the program's own process


def test_a_process_of_our_own_is_quiet(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setattr(sys, "warnoptions", [])
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with warnings.catch_warnings():
        environment.settle()
        warnings.warn("a library's", UserWarning, stacklevel=1)
    assert os.environ["MPLBACKEND"] == "agg"


def test_importing_reensayo_changes_nothing(tmp_path):
    statement = "import os; before = dict(os.environ); import reensayo.api; print(before == dict(os.environ))"
    assert in_a_fresh_python(statement, cwd=tmp_path).out == "True\n"


# ---------------------------------------------------------------- doctor


def test_doctor_says_what_limits_and_where_the_caches_are(alone, command, store, tmp_path):
    alone.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    alone.setenv("JAX_LOGGING_LEVEL", "ERROR")
    alone.setattr(hardware, "cpu_quota", lambda: 0.5)
    alone.setattr(hardware, "memory_limit", lambda: 2**31)
    (tmp_path / "cache" / "reensayo" / "xla" / "other").mkdir(parents=True)
    (tmp_path / "cache" / "reensayo" / "xla" / "other" / "program").write_bytes(bytes(2**20))
    (tmp_path / "cache" / "reensayo" / "mnist.npz").write_bytes(bytes(2**21))
    alone.setattr(places, "checkout", lambda: None)
    out = command("doctor", "--store", store.root, "--data", ROOT / "data").out
    found = {line[3:25].strip(): line for line in out.splitlines()}
    folder = tmp_path / "cache" / "reensayo"
    assert "JAX_LOGGING_LEVEL=ERROR" in out
    assert "1 / " in found["cores it may use"]
    assert "quota 0.5" in found["cores it may use"]
    assert "/ 2.0 GiB (cgroup, ulimit), " in found["free memory"]
    printed = "".join(out.split())
    for size, place in (("1.0MiB", folder / "xla"), ("2.0MiB", folder / "mnist.npz")):
        assert size in printed
        assert f";rm-r{place}" in printed
    assert "núcleos que puede usar" in command("doctor", "--store", store.root, "--lang", "es").out


def test_doctor_says_what_to_do_about_a_refused_variable_and_ends_with_1(alone, command, store):
    device._set_up.cache_clear()
    alone.setenv("JAX_ENABLE_X64", "1")
    code, out, _ = command("doctor", "--store", store.root)
    assert code == 1
    assert "JAX_ENABLE_X64=1 ✗" in out
    assert "✗ JAX_ENABLE_X64=1 is not known to leave results alone" in out


def test_matplotlib_s_settings_that_keep_keras_from_starting_are_named(tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe")
    done = in_a_fresh_python(
        "from reensayo.cli import main; main()", "run", "ex01@script", "--lang", "en", cwd=tmp_path
    )
    assert done.code == 2
    assert done.err.startswith("reensayo: matplotlib cannot start with its settings (")
