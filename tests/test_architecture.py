"""Imports point downwards, reading never starts Keras, and every word for people exists in Spanish and English."""

import ast
import importlib
import re
import shutil
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from string import Formatter

import jinja2
import pytest
from jinja2 import nodes

import reensayo
from fresh_python import in_a_fresh_python
from repository import ROOT, TOY

PACKAGE = Path(reensayo.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.html"))

# From the bottom up; a module imports from its own package and from those in lines above it.
LAYERS = """
text
errors files
hardware environment randomness spec datasets
settings metrics preprocess folds
baselines classification
registry
originals template
store
selection outline costs loaded
training evidence
figures
runner export pages
api
cli
shipping
choosing
__main__
"""
HEIGHT = {name: height for height, line in enumerate(LAYERS.split("\n")) for name in line.split()}

# Words that are the same in both languages: names of things, symbols, and what is filled in from elsewhere.
SAME = {
    "",
    "-",
    "–",
    "A",
    "B",
    "A - B",
    "n",
    "p",
    "x(t)",
    "x(t+1)",
    "Python",
    "error",
    "total",
    "script",
    "no",
    "hinge",
    "Introducción a Keras",
}


def unit(module: str) -> str:
    """``reensayo.cli.main`` -> ``cli``."""
    return module.split(".")[1] if "." in module else ""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def at_run_time(node: ast.AST):
    """Every node but those under ``if TYPE_CHECKING:``."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield from at_run_time(child)


def imports(tree: ast.AST, nodes=at_run_time):
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "reensayo":
            yield from (f"reensayo.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def on_import(tree: ast.Module):
    """Modules that are imported as soon as this one is."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.Try):
            yield from imports(ast.Module([statement], []))


def test_every_module_has_its_layer():
    assert {unit(name_of(path)) for path in MODULES} - {""} == HEIGHT.keys()


def test_every_room_says_what_it_is():
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path
    for name in {unit(name_of(path)) for path in MODULES} - {"", "__main__"}:
        assert re.search(rf"\b{name}(\.py|/)", reensayo.__doc__), name


def graph():
    """Module -> the modules of the package that it imports anywhere, for types only too; the front door is apart."""
    known = {name: path for path in MODULES if (name := name_of(path)) != "reensayo"}
    for name, path in known.items():
        tree = ast.parse(path.read_text("utf-8"))
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                each = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= (each & known.keys()) | ({node.module} if each - known.keys() else set())
        yield name, found & known.keys()


def test_no_imports_go_in_a_circle():
    static_order = TopologicalSorter(dict(graph())).static_order
    assert "reensayo.spec.original" in list(static_order())  # CycleError names the modules of a circle


def test_nothing_imports_a_work():
    wrong = {
        name: works
        for name, imported in graph()
        if unit(name) != "originals" and (works := {module for module in imported if unit(module) == "originals"})
    }
    assert not wrong


WORK = re.compile(r"\bex(0[1-9]|10)\b|Introducción a Keras|introduccion[-_]a[-_]keras", re.IGNORECASE)


def test_nothing_outside_the_works_knows_one():
    found = {}
    for path in PACKAGE.rglob("*"):
        if path.suffix in TEXTS - {""} and unit(name_of(path)) != "originals":
            lines = [line for line in path.read_text("utf-8").splitlines() if WORK.search(line)]
            found |= {str(path.relative_to(PACKAGE)): lines} if lines else {}
    assert not found


def test_small_originals_need_little_of_the_package():
    for path in (*TOY.glob("*.py"), *(PACKAGE / "template").glob("*.py")):
        names = set(imports(ast.parse(path.read_text("utf-8"))))
        assert not {
            name for name in names if re.match(r"reensayo\.(runner|training|evidence|figures|pages|store)", name)
        }


@pytest.mark.parametrize("path", MODULES, ids=[name_of(path) for path in MODULES])
def test_imports_point_downwards(path):
    here = unit(name_of(path))
    wrong = [
        imported
        for imported in imports(ast.parse(path.read_text("utf-8")))
        if imported.startswith("reensayo.") and here and (there := unit(imported)) != here
        if HEIGHT[there] >= HEIGHT[here]
    ]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=[name_of(path) for path in MODULES])
def test_only_training_imports_keras_and_jax_as_it_is_imported(path):
    heavy = {"keras", "jax", "jaxlib", "matplotlib"} if unit(name_of(path)) != "training" else {"matplotlib"}
    assert not {name.split(".")[0] for name in on_import(ast.parse(path.read_text("utf-8")))} & heavy


# ---------------------------------------------------------------- what starts what


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["list"],
        ["list", "--json"],
        ["show", "ex08"],
        ["status"],
        ["verdicts"],
        ["run", "--dry-run"],
    ],
    ids=" ".join,
)
def test_what_only_reads_never_imports_keras(words, tmp_path, put):
    put("ex08.dense@script", measures=[{}] * 2)  # in tmp_path/runs, where the commands look
    done = in_a_fresh_python("from reensayo.cli import main; main()", *words, cwd=tmp_path)
    assert (done.code, done.heavy) == (0, []), done.err


def test_nor_does_reading_a_work_in_a_folder_once_its_outlines_are_written(tmp_path):
    folder = shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns("outlines.json"))
    words = ["--original", str(folder)]
    first, second = (
        in_a_fresh_python("from reensayo.cli import main; main()", *words, "list", cwd=tmp_path) for _ in range(2)
    )
    assert (first.code, second.code, second.heavy, second.out) == (0, 0, [], first.out), second.err
    assert first.err.startswith("reensayo: building the networks of toy, once\n")
    assert "building" not in second.err


def test_importing_the_package_imports_nothing_else(tmp_path):
    done = in_a_fresh_python(
        "before = set(sys.modules); import reensayo; print(set(sys.modules) - before)", cwd=tmp_path
    )
    assert (done.code, done.heavy) == (0, [])
    new = ast.literal_eval(done.out)
    assert {name for name in new if name.split(".")[0] not in sys.stdlib_module_names} == {"reensayo"}


def test_the_names_of_the_package_are_there():
    names = {"Trials", "run", "verdicts", "compare", "report", "list", "counted"}
    assert set(reensayo.__all__) == names - {"list"}
    assert names <= set(dir(reensayo))
    assert reensayo.Trials.__name__ == "Trials"
    assert all(callable(getattr(reensayo, name)) for name in names)


def test_no_name_of_the_package_is_that_of_a_module():
    """Importing the module would put it in the name's place."""
    assert not {name_of(path).split(".")[1] for path in MODULES if "." in name_of(path)} & {*reensayo.__all__, "list"}


def test_there_is_nothing_else():
    with pytest.raises(AttributeError, match="no attribute 'trials'"):
        _ = reensayo.trials


# ---------------------------------------------------------------- two languages


def said(template: Path):
    """Every ``say(...)`` of a template, as syntax; not the filter, which is given what Python code says."""
    for call in jinja2.Environment().parse(template.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            yield call


SPEAKING = "Text", "say", "command", "option", "folder_option", "out.table"


def spoken(path: Path):
    """(line, Spanish, English) of every ``Text(...)``, ``say(...)`` and the like in a module or template, as syntax."""
    if path.suffix == ".html":
        for call in said(path):
            given = {keyword.key: keyword.value for keyword in call.kwargs}
            yield call.lineno, given.get("es"), given.get("en")
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SPEAKING:
            given = dict(zip(("es", "en"), node.args, strict=False)) | {k.arg: k.value for k in node.keywords}
            if not any(isinstance(value, ast.Starred) for value in given.values()):  # else made from another Text
                yield node.lineno, given.get("es"), given.get("en")


def literal(node: ast.AST | nodes.Node | None) -> str | None:
    return node.value if isinstance(node, ast.Constant | nodes.Const) else None


def fault(es: ast.AST | nodes.Node | None, en: ast.AST | nodes.Node | None) -> str:
    """What is wrong with the two; nothing if all is well."""
    if es is None or en is None:
        return "one language is missing"
    spanish, english = literal(es), literal(en)
    if spanish is None and english is None:
        return ""
    if spanish is None or english is None:
        return "one language is fixed and the other is not"
    if spanish == english and spanish not in SAME:
        return f"{spanish!r} in both languages"
    if bool(spanish.strip()) != bool(english.strip()):
        return "one language is empty"
    if names(spanish) != names(english):
        return f"{names(spanish)} and {names(english)} are filled in"
    return ""


def names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("path", MODULES + TEMPLATES, ids=name_of)
def test_every_text_is_there_in_both_languages_and_they_differ(path):
    assert not [f"line {line}: {wrong}" for line, es, en in spoken(path) if (wrong := fault(es, en))]


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_text_of_a_template_is_literal_and_gets_what_it_is_filled_with(path):
    for call in said(path):
        words = {keyword.key: literal(keyword.value) for keyword in call.kwargs}
        assert not call.args, call.lineno
        assert words["es"], call.lineno
        assert names(words["es"]) == words.keys() - {"es", "en"}, call.lineno


@pytest.mark.parametrize(
    "source",
    ['Text(es="hola")', 'Text("hola", "hola")', 'Text("hola", hello)', 'Text("{n}", "{m}")', 'Text("", "hello")'],
)
def test_such_a_fault_would_be_found(source, tmp_path):
    (tmp_path / "module.py").write_text(source)
    ((_, es, en),) = spoken(tmp_path / "module.py")
    assert fault(es, en)


@pytest.mark.parametrize("source", ['say(es="hola")', 'say(es="hola", en="hola")', 'say(es="{n}", en="{m}", n=1)'])
def test_such_a_fault_would_be_found_in_a_template(source, tmp_path):
    (tmp_path / "page.html").write_text(f"{{% if deep %}}<p>{{{{ {source} | capitalised }}}}</p>{{% endif %}}")
    ((_, es, en),) = spoken(tmp_path / "page.html")
    assert fault(es, en)


def test_there_is_something_to_say():
    assert sum(len(list(spoken(path))) for path in MODULES) > 200
    assert sum(len(list(spoken(path))) for path in TEMPLATES) > 100


# ---------------------------------------------------------------- the repository

TEXTS = {".py", ".md", ".toml", ".txt", ".json", ".cff", ".html", ".css", ".js", ".yml", ".yaml", ".j2", ""}
HOMES = re.compile(r"(?<![\w./:])/(?:home|root|Users|mnt|srv|work|workspace)/\w|[A-Z]:\\Users\\")


def repository():
    """Every text file of the repository but the data, the locked requirements and what is generated."""
    for entry in ROOT.iterdir():
        if entry.is_file() and entry.suffix in TEXTS and entry.name != ".git":  # of a worktree
            yield entry
        elif entry.name in ("src", "tests", "docs", "benchmarks", ".ci"):
            yield from (
                p for p in entry.rglob("*") if p.suffix in TEXTS and p.is_file() and "__pycache__" not in p.parts
            )


def test_no_file_names_a_place_on_somebodys_machine():
    found = {
        str(path.relative_to(ROOT)): places
        for path in repository()
        if path != Path(__file__) and (places := HOMES.findall(path.read_text("utf-8", errors="replace")))
    }
    assert not found


@pytest.mark.parametrize("place", ["see /home/ana/x", '"/root/x"', "C:\\Users\\ana", "(/Users/ana)"])
def test_such_a_place_would_be_found(place):
    assert HOMES.search(place)


@pytest.mark.parametrize("words", ["the root/x", "https://example.org/home/x", "./work/x", "$HOME/x", "a/root/b"])
def test_other_words_are_no_such_place(words):
    assert not HOMES.search(words)


BENCHMARKS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("name", BENCHMARKS)
def test_what_a_benchmark_imports_of_the_package_is_there(name):
    for node in ast.walk(ast.parse((ROOT / "benchmarks" / name).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reensayo"):
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name) or importlib.import_module(f"{node.module}.{alias.name}")


WHOLE = {"architecture", "originals_page", "toy_original"}
"""Tests of no module in particular."""


def test_tests_lie_where_what_they_test_lies():
    for path in (ROOT / "tests").rglob("test_*.py"):
        folder, module = path.parent.relative_to(ROOT / "tests"), path.stem.removeprefix("test_")
        if folder == Path():
            assert (PACKAGE / f"{module}.py").is_file() or module in WHOLE, path
        else:
            assert (PACKAGE / folder).is_dir() or folder == Path("browser"), path
