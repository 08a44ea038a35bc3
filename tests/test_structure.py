"""The floors of the house, read from the imports: arrows go down, and nothing goes round in a circle."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = "retouch_aes"
ROOT = Path(__file__).parent.parent / PACKAGE

# A room is a folder or a top-level module of the package. A new room needs a floor here.
FLOORS: dict[str, float] = {
    "errors": 0,
    "atomic_io": 0,
    "append_log": 0.5,
    "devices": 0,
    "progress": 0,
    "plugins": 0,
    "lazy_names": 0,
    "deferred_imports": 0,
    "leaving": 0,
    "json_numbers": 0,
    "user_cache": 0,
    "file_names": 0,
    "tensor_files": 0.5,
    "executors": 0.5,
    "remote": 0.7,
    "color": 1,
    "photo": 1,
    "operators": 2,
    "losses": 2,
    "datasets": 2,
    "optim": 2,
    "models": 3,
    "enhancers": 3,
    "preferences": 3,
    "taste": 4,
    "editing": 4,
    "training": 4,
    "papers": 4,
    "pipeline": 5,
    "batch": 5,
    "export": 5,
    "culling": 5.2,
    "__init__": 5.5,
    "testing": 5.5,
    "bench": 6,
    "web": 6,
    "cli": 7,
}

# The floors within a room that has rooms of its own. A file of that room is named, or counts as "".
SUB_FLOORS: dict[str, dict[str, float]] = {
    "taste": {"": 0, "gp": 1, "finetune": 1, "files": 2, "by_paper": 2, "learning": 3, "__init__": 4},
    "training": {"": 0, "prior": 1, "score": 2, "enhancer": 1, "one_pass": 1, "generic": 3, "__init__": 4},
    "papers": {
        **{"": 0, "common": 1, "__init__": 3, "personal": 4},
        **dict.fromkeys(
            ("baselines", "pam", "zhang", "kong", "cfan", "active", "blg", "task_vectors", "traits"), 2
        ),
    },
    "bench": {"common": 0, "editing": 1, "scoring": 1, "papers": 1, "system": 1, "__init__": 2},
}

# Arrows between rooms of one floor, each with its reason.
ALLOWED: dict[tuple[str, str], str] = {
    ("batch", "export"): "the size of a result, and what comes along with it, are options of an export",
    ("atomic_io", "errors"): "a file that exists already is a RetouchError",
    ("atomic_io", "file_names"): "a long path needs a prefix on Windows",
    ("plugins", "errors"): "a plug-in that is left out is told by a PluginWarning",
    ("enhancers", "models"): "the weights of an enhancer lie in the same kind of file",
    ("photo", "color"): "reading a photo ends in the working colour space",
    ("devices", "errors"): "a device that is not there is a UsageError",
    ("batch", "pipeline"): "a batch is many photos on the one way that a photo takes",
    ("taste", "papers"): "a taste can be learned by any method of the papers",
    ("papers", "training"): "a network of a paper trains on photos drawn as any other",
    ("training", "editing"): "a one-pass retoucher learns what the solver does, by its own objective",
}

Graph = Mapping[str, set[str]]


def read_imports(root: Path) -> dict[str, set[str]]:
    """Every module of the package at `root` -> the modules of the package it names in an import.

    Imports inside functions and under `if TYPE_CHECKING` count. That importing `a.b` also runs
    `a/__init__.py` does not: a package may list its modules.
    """
    files = {module_name(path, root): path for path in sorted(root.rglob("*.py"))}
    return {name: set(imported(path, root.name, files)) for name, path in files.items()}


def module_name(path: Path, root: Path) -> str:
    parts = [root.name, *path.relative_to(root).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, package: str, known: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError(f"{path}: relative import in line {node.lineno}")
            members = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [member if member in known else str(node.module) for member in members]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == package)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def room_graph(modules: Graph) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for module, targets in modules.items():
        graph.setdefault(room(module), set()).update(room(target) for target in targets)
    return {name: targets - {name} for name, targets in graph.items()}


def forbidden_arrows(modules: Graph) -> list[str]:
    """One sentence for every import that does not go down, and for every room without a floor."""
    named = {room(module) for module in modules} | {room(target) for ts in modules.values() for target in ts}
    found = [f"room '{name}' has no floor: give it one in FLOORS" for name in sorted(named - FLOORS.keys())]
    for module, targets in sorted(modules.items()):
        for target in sorted(targets):
            here, there = room(module), room(target)
            if here == there or here not in FLOORS or there not in FLOORS:
                continue
            if FLOORS[there] > FLOORS[here]:
                found.append(f"{module} imports {target}: upward")
            elif FLOORS[there] == FLOORS[here] and (here, there) not in ALLOWED:
                found.append(f"{module} imports {target}: same floor")
    return found


def sub_room(module: str) -> tuple[str, str] | None:
    """The room of a module and its place there, a key of `SUB_FLOORS`; None where rooms have no rooms."""
    outer = room(module)
    if outer not in SUB_FLOORS:
        return None
    parts = module.split(".")
    name = parts[2] if len(parts) > 2 else "__init__"
    return outer, name if name in SUB_FLOORS[outer] else ""


def forbidden_arrows_within(modules: Graph) -> list[str]:
    """One sentence for every import between sub-rooms of one room that does not go down."""
    found = []
    for module, targets in sorted(modules.items()):
        for target in sorted(targets):
            here, there = sub_room(module), sub_room(target)
            if here is None or there is None or here[0] != there[0] or here == there:
                continue
            floors = SUB_FLOORS[here[0]]
            if here[1] not in floors or there[1] not in floors:
                found.append(f"{module} imports {target}: a sub-room has no floor in SUB_FLOORS")
            elif floors[there[1]] >= floors[here[1]]:
                found.append(f"{module} imports {target}: not down within '{here[0]}'")
    return found


def find_circle(graph: Graph) -> list[str]:
    """The modules of one circle in order, first and last the same; empty where there is none."""
    finished: set[str] = set()

    def visit(node: str, trail: list[str]) -> list[str]:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in finished:
            return []
        for target in sorted(graph.get(node, ())):
            if circle := visit(target, [*trail, node]):
                return circle
        finished.add(node)
        return []

    for start in sorted(graph):
        if circle := visit(start, []):
            return circle
    return []


@pytest.fixture(scope="module")
def modules() -> dict[str, set[str]]:
    return read_imports(ROOT)


def test_the_whole_package_is_read(modules):
    assert f"{PACKAGE}.errors" in modules
    assert f"{PACKAGE}.errors" in modules[f"{PACKAGE}.atomic_io"]


def test_imports_go_down(modules):
    assert forbidden_arrows(modules) == []


def test_imports_go_down_within_rooms(modules):
    assert forbidden_arrows_within(modules) == []


def test_no_module_is_longer_than_300_lines():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.rglob("*.py")}
    assert {path.name: length for path, length in lengths.items() if length > 300} == {}


def test_no_two_public_classes_share_a_name():
    homes: dict[str, list[str]] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_circle_between_modules(modules):
    assert find_circle(modules) == []


def test_no_circle_between_rooms(modules):
    assert find_circle(room_graph(modules)) == []


def test_every_exception_stays_on_one_floor_and_has_a_reason():
    for (here, there), reason in ALLOWED.items():
        assert FLOORS[here] == FLOORS[there]
        assert reason
        assert (there, here) not in ALLOWED


def plant(root: Path, files: Mapping[str, str]) -> dict[str, set[str]]:
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_imports(root / PACKAGE)


@pytest.mark.parametrize(
    "statement",
    [
        "import retouch_aes.taste.train",
        "from retouch_aes.taste.train import fit",
        "from retouch_aes.taste import train",
        "def late():\n    from retouch_aes.taste.train import fit",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import retouch_aes.taste.train",
    ],
)
def test_the_checker_catches_a_planted_upward_import(tmp_path, statement):
    planted = plant(tmp_path, {"color/lab.py": statement, "taste/__init__.py": "", "taste/train.py": ""})
    assert forbidden_arrows(planted) == ["retouch_aes.color.lab imports retouch_aes.taste.train: upward"]


def test_the_checker_catches_a_neighbour_on_the_same_floor(tmp_path):
    planted = plant(tmp_path, {"taste/a.py": "import retouch_aes.editing.b", "editing/b.py": ""})
    assert forbidden_arrows(planted) == ["retouch_aes.taste.a imports retouch_aes.editing.b: same floor"]


def test_the_checker_catches_a_neighbour_within_a_room(tmp_path):
    planted = plant(tmp_path, {"papers/pam/a.py": "import retouch_aes.papers.kong.b", "papers/kong/b.py": ""})
    assert forbidden_arrows_within(planted) == [
        "retouch_aes.papers.pam.a imports retouch_aes.papers.kong.b: not down within 'papers'"
    ]


def test_the_checker_catches_a_room_without_a_floor(tmp_path):
    planted = plant(tmp_path, {"utils.py": "", "cli/main.py": "import retouch_aes.utils"})
    assert forbidden_arrows(planted) == ["room 'utils' has no floor: give it one in FLOORS"]


def test_the_checker_catches_an_import_of_the_whole_package_from_below(tmp_path):
    planted = plant(tmp_path, {"__init__.py": "", "color/a.py": "from retouch_aes import retouch"})
    assert forbidden_arrows(planted) == ["retouch_aes.color.a imports retouch_aes: upward"]


def test_the_checker_catches_a_planted_circle(tmp_path):
    planted = plant(
        tmp_path,
        {
            "color/a.py": "from retouch_aes.color import b",
            "color/b.py": "def late():\n    from retouch_aes.color.c import x",
            "color/c.py": "import retouch_aes.color.a",
        },
    )
    names = [f"retouch_aes.color.{letter}" for letter in "abca"]
    assert find_circle(planted) == names
    assert forbidden_arrows(planted) == []


def test_the_checker_catches_a_circle_between_rooms(tmp_path):
    planted = plant(
        tmp_path,
        {
            "photo/a.py": "import retouch_aes.color.b",
            "color/b.py": "",
            "color/c.py": "import retouch_aes.photo.d",
        },
    )
    assert find_circle(planted) == []
    assert find_circle(room_graph(planted)) == ["color", "photo", "color"]


def test_the_checker_refuses_relative_imports(tmp_path):
    with pytest.raises(AssertionError, match="relative import in line 1"):
        plant(tmp_path, {"color/a.py": "from . import b"})
