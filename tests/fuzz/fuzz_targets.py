"""What is fuzzed: for each kind of input, seeds, a mutation and what is asked of it.

A check answers with a word for what became of the input ("fine", "told", "refused"), or with one of
`FAILURES`. Any exception but a `RetouchError` is a traceback.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import fuzz_images
import torch
from fuzz_collections import CollectionFuzz, RecordsFuzz
from fuzz_http import HttpFuzz
from mutating import mutated, spoilt_json, with_check_sums
from safetensors.torch import load_file, safe_open, save_file

from retouch_aes import Framing, load_taste, read_recipe
from retouch_aes.datasets import RatingsCSV
from retouch_aes.enhancers import load_enhancer
from retouch_aes.errors import RetouchError, RetouchWarning
from retouch_aes.models import EMDAttention, ModelCard, load_model, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.weights import checksum
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.operators.chain import EditChain
from retouch_aes.preferences import Choice, ChoiceLog, Rating, Rendition, read_answers
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.gp.taste import GPTaste
from retouch_aes.taste.gp.usual_edit import UsualEdit

FAILURES = ("traceback", "hang", "silent", "stray", "wrong size", "lost", "server error")

Case = tuple[str, bytes]
"""The ending of a file, and its bytes."""


@dataclass
class Target:
    """One kind of input. `make` gives a case; `check` says what became of it."""

    name: str
    make: Callable[[Random], Case]
    check: Callable[[Path, Random], str]
    close: Callable[[], None] = field(default=lambda: None)


def targets(folder: Path, judge: bool) -> list[Target]:
    """All targets; files that their seeds need are put into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        *_images(judge),
        _recipes(folder),
        _choices(folder),
        _tables(folder),
        _tastes(folder),
        _weights(folder),
        _enhancers(folder),
        *_collections(folder),
        _requests(folder),
    ]


def _images(judge: bool) -> list[Target]:
    found = fuzz_images.seeds()
    every = tuple(data for seeds in found.values() for data in seeds)

    def target(suffix: str) -> Target:
        def make(random: Random) -> Case:
            data = mutated(random.choice(found[suffix]), random, every)
            return suffix, with_check_sums(data) if suffix == ".png" and random.random() < 0.5 else data

        return Target(f"image {suffix}", make, lambda path, random: fuzz_images.check(path, random, judge))

    return [target(suffix) for suffix in found]


def _loaded(load: Callable[[Path], object]) -> Callable[[Path, Random], str]:
    def check(path: Path, _: Random) -> str:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", RetouchWarning)
            try:
                load(path)
            except RetouchError as error:
                return "refused" if str(error) else "traceback"
        return "told" if told else "fine"

    return check


def _recipes(folder: Path) -> Target:
    chain = EditChain(list(OPERATORS.values()))
    Recipe.of(chain, torch.full((99,), 0.01)).save(folder / "recipe.json")
    frame = Framing(angle=3.0, x=0.45, width=0.8, height=0.7)
    Recipe((Step(OPERATORS["exposure"], (0.5,)),), framing=frame).save(folder / "framed.json")
    wholes = [(folder / name).read_bytes() for name in ("recipe.json", "framed.json")]
    image = torch.rand(1, 3, 24, 32)

    def load(path: Path) -> None:
        recipe = read_recipe(path, OPERATORS)
        edited = recipe.apply(image)
        assert recipe.framing is not None or edited.shape == image.shape

    def make(random: Random) -> Case:
        return ".json", (spoilt_json if random.random() < 0.8 else mutated)(random.choice(wholes), random)

    return Target("recipe", make, _loaded(load))


def _choices(folder: Path) -> Target:
    path = folder / "choices.jsonl"
    path.unlink(missing_ok=True)
    with ChoiceLog(path) as log:
        for number in range(8):
            log.append(Choice(Rendition(f"a{number}.jpg"), Rendition(f"b{number}.jpg"), time=""))
        log.append(Rating(Rendition("c.jpg"), 3, (1, 5), time=""))
        log.undo()
        log.change(2, Choice(Rendition("x.jpg"), Rendition("y.jpg"), time=""))
    whole = path.read_bytes()
    lines = whole.splitlines()

    def make(random: Random) -> Case:
        if random.random() < 0.5:
            changed = list(lines)
            at = random.randrange(len(lines))
            changed[at] = spoilt_json(lines[at], random)
            return ".jsonl", b"\n".join(changed) + b"\n"
        return ".jsonl", mutated(whole, random)

    def check(path: Path, _: Random) -> str:
        before = path.read_bytes()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", RetouchWarning)
            try:
                found = len(read_answers(path))
                with ChoiceLog(path) as log:
                    log.append(Choice(Rendition("new.jpg"), Rendition("b.jpg"), time=""))
                if len(read_answers(path)) != found + 1:
                    return "lost"
            except RetouchError:
                return "refused" if path.read_bytes().startswith(before) else "lost"
        return "told" if told else "fine"

    return Target("choices", make, check)


def _tables(folder: Path) -> Target:
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    for name in "abc":
        (photos / f"{name}.jpg").touch()
    rows = "user{0}photo{0}rating\nanna{0}a.jpg{0}3\nanna{0}b.jpg{0}4,5\nben{0}c.jpg{0}1\n"
    pairs = "winner,loser\na.jpg,b.jpg\n"
    wholes = [rows.format(mark).encode(code) for mark in ";\t" for code in ("utf-8", "utf-16")]
    wholes.append(rows.replace("4,5", "4").format(",").encode())

    def make(random: Random) -> Case:
        if random.random() < 0.2:
            return ".csv", mutated(pairs.encode(), random)
        return ".table", mutated(random.choice(wholes), random)

    def load(path: Path) -> None:
        read_answers(path) if path.suffix == ".csv" else RatingsCSV(path, photos, (0, 10)).read()

    return Target("table", make, _loaded(load))


def _sealed(source: Path, target: Path, random: Random) -> None:
    """`source` with tensors or texts changed, and a check sum that fits."""
    tensors = load_file(source)
    with safe_open(source, framework="pt") as file:
        texts = dict(file.metadata())
    if random.random() < 0.6:
        name = random.choice(list(tensors))
        raw = bytearray(tensors[name].contiguous().numpy().tobytes())
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(raw))
            raw[at] = random.choice((0, 0x7F, 0xFF, random.randrange(256)))
        changed = torch.frombuffer(raw, dtype=tensors[name].dtype).reshape(tensors[name].shape)
        tensors[name] = changed.clone() if random.random() < 0.7 else changed.clone().reshape(-1)[:-1]
    if random.random() < 0.6:
        name = random.choice(list(texts))
        changed_text = spoilt_json(texts[name].encode(), random)
        texts[name] = changed_text.decode("utf-8", "replace")
    texts["sha256"] = checksum(tensors)
    save_file(tensors, target, metadata=texts)


def _sealed_target(name: str, source: Path, suffix: str, load: Callable[[Path], object]) -> Target:
    whole = source.read_bytes()

    def make(random: Random) -> Case:
        if random.random() < 0.5:
            return suffix, mutated(whole, random)
        made = source.with_name("sealed" + suffix)
        _sealed(source, made, random)
        return suffix, made.read_bytes()

    return Target(name, make, _loaded(load))


def _tastes(folder: Path) -> Target:
    line, bend, pull = (torch.full((6,), 0.5) for _ in range(3))
    basis = FeatureBasis(torch.zeros(8), torch.eye(8)[:, :4])
    numbers = (torch.eye(4)[:3], torch.ones(3), torch.ones(2), line, bend, pull)
    card = TasteCard(
        "aesthetic", "0123456789ab", 3, metrics={"agreement": 0.75}, curve=((2, 0.5),), notes=("so",)
    )
    usual = UsualEdit(Recipe((Step(OPERATORS["exposure"], (0.5,)),)), edits=10)
    GPTaste(Adjustment(basis, *numbers, CovarianceSettings()), card, usual=usual).save(folder / "me.taste")

    def load(path: Path) -> None:
        taste = load_taste(path)
        assert taste.info

    return _sealed_target("taste", folder / "me.taste", ".taste", load)


def _weights(folder: Path) -> Target:
    torch.manual_seed(0)
    model = EMDAttention(CompactBackbone((4, 8, 8, 8), (1, 1, 1, 1)), side=32)
    save_model(
        folder / "model.safetensors", model, ModelCard("Apache-2.0", "for fuzzing", ("none",), {"rho": 0.2})
    )
    return _sealed_target("weights", folder / "model.safetensors", ".safetensors", load_model)


def _enhancers(folder: Path) -> Target:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 3, padding=1), torch.nn.ReLU())
    torch.save(net.state_dict(), folder / "net.pth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(net).save(folder / "net.pt")
    wholes = {path.suffix: path.read_bytes() for path in (folder / "net.pth", folder / "net.pt")}

    def make(random: Random) -> Case:
        suffix = random.choice(list(wholes))
        data = mutated(wholes[suffix], random, tuple(wholes.values()))
        return random.choice((suffix, suffix, ".onnx", ".pt2", ".safetensors")), data

    def load(path: Path) -> None:
        if path.suffix == ".pth":
            load_enhancer("aod-net", weights=path)
        else:
            load_enhancer(path)

    return Target("enhancer", make, _loaded(load))


def _collections(folder: Path) -> list[Target]:
    collection, records = CollectionFuzz(folder), RecordsFuzz(folder)
    return [
        Target("collection", collection.make, collection.check),
        Target("records", records.make, records.check),
    ]


def _requests(folder: Path) -> Target:
    server = HttpFuzz(folder)

    def check(path: Path, random: Random) -> str:
        return server.check(path.read_bytes(), random)

    return Target("request", server.make, check, server.close)
