"""A taste from anywhere: what does not hold one is refused when it is loaded, and says why in a line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, safe_open, save_file
from torch import Tensor

from retouch_aes import load_taste
from retouch_aes.errors import WeightsError
from retouch_aes.models.weights import checksum
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.gp.taste import GPTaste

NAN, HUGE = float("nan"), 10**400
NAMES = ("mean", "matrix", "points", "weights", "scale", "line", "bend", "pull")


@pytest.fixture
def taste(tmp_path: Path) -> Path:
    line, bend, pull = (torch.full((6,), 0.5) for _ in range(3))
    basis = FeatureBasis(torch.zeros(8), torch.eye(8)[:, :4])
    adjustment = Adjustment(
        basis,
        torch.eye(4)[:3],
        torch.ones(3),
        torch.ones(2),
        line,
        bend,
        pull,
        CovarianceSettings(),
    )
    card = TasteCard(
        "aesthetic", "0123456789ab", 3, metrics={"agreement": 0.75}, curve=((2, 0.5),), notes=("so",)
    )
    GPTaste(adjustment, card).save(tmp_path / "me.taste")
    return tmp_path / "me.taste"


def forged(path: Path, change: Callable[[dict[str, Tensor], dict[str, Any]], None]) -> Path:
    """The taste at `path` with `change` made to its tensors and its texts, and a checksum that fits."""
    tensors = load_file(path)
    with safe_open(path, framework="pt") as file:
        texts: dict[str, Any] = dict(file.metadata())
    texts |= {name: json.loads(texts[name]) for name in ("settings", "card")}
    change(tensors, texts)
    texts |= {
        name: json.dumps(texts[name]) for name in ("settings", "card") if not isinstance(texts[name], str)
    }
    texts["sha256"] = checksum(tensors)
    save_file(tensors, path.with_name("forged.taste"), metadata=texts)
    return path.with_name("forged.taste")


def test_what_was_written_is_read(taste: Path) -> None:
    assert load_taste(forged(taste, lambda *_: None)).info == load_taste(taste).info


def with_usual(value: Any) -> Callable[[dict[str, Tensor], dict[str, Any]], None]:
    return lambda _, texts: texts.update(usual=value if isinstance(value, str) else json.dumps(value))


def usual(ev: Any = 0.5, edits: Any = 10, spread: Any = 0.02) -> dict[str, Any]:
    step = {"operator": "exposure", "version": 1, "params": {"ev": ev}}
    recipe = {"format": "retouch_aes.recipe", "version": 1, "steps": [step]}
    return {"recipe": recipe, "edits": edits, "spread": spread}


def test_a_usual_edit_is_read_and_one_without_stays_without(taste: Path) -> None:
    assert load_taste(taste).usual is None
    found = load_taste(forged(taste, with_usual(usual()))).usual
    assert found is not None
    assert (found.recipe.steps[0].values, found.edits, found.spread) == ((0.5,), 10, 0.02)


@pytest.mark.parametrize(
    "value",
    [
        "[", [], 3, {}, {"recipe": {}}, usual(ev=90), usual(ev="x"), usual(ev=None), usual(edits=0),
        usual(edits=1.5), usual(edits=True), usual(spread=0.0), usual(spread=NAN), usual(spread=2.0),
        usual(spread="0.1"), {**usual(), "recipe": "x"},
    ],
)  # fmt: skip
def test_a_usual_edit_that_is_none_is_refused(taste: Path, value: Any) -> None:
    with pytest.raises(WeightsError, match="malformed taste"):
        load_taste(forged(taste, with_usual(value)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda tensor: torch.full_like(tensor, NAN),
        lambda tensor: torch.full_like(tensor, float("inf")),
        lambda tensor: torch.full_like(tensor.float(), 1e6),
        lambda tensor: tensor.long(),
        lambda tensor: tensor.bfloat16(),
        lambda tensor: tensor[None],
        lambda tensor: tensor[..., :-1],
        lambda tensor: tensor.reshape(-1)[:0],
        lambda tensor: tensor.reshape(-1)[0].clone(),
        lambda tensor: tensor.to(torch.complex64),
        lambda tensor: tensor > 0,
    ],
)
def test_tensors_that_are_none_of_a_taste(taste: Path, name: str, spoil: Callable[[Tensor], Tensor]) -> None:
    def change(tensors: dict[str, Tensor], _: dict[str, Any]) -> None:
        tensors[name] = spoil(tensors[name]).contiguous()

    with pytest.raises(WeightsError, match="malformed taste: expected"):
        load_taste(forged(taste, change))


@pytest.mark.parametrize("name", NAMES)
def test_tensors_that_are_missing_or_too_many(taste: Path, name: str) -> None:
    with pytest.raises(WeightsError, match="expected the tensors"):
        load_taste(forged(taste, lambda tensors, _: tensors.__delitem__(name)))
    with pytest.raises(WeightsError, match="expected the tensors"):
        load_taste(forged(taste, lambda tensors, _: tensors.update(other=torch.ones(1))))


@pytest.mark.parametrize("value", [NAN, -1.0, "much", None, HUGE, [1.0], {}, float("inf")])
@pytest.mark.parametrize("name", ["length", "noise", "content", "line"])
def test_settings_that_are_none(taste: Path, name: str, value: Any) -> None:
    with pytest.raises(WeightsError, match="malformed taste"):
        load_taste(forged(taste, lambda _, texts: texts["settings"].update({name: value})))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("card", []),
        ("card", 3),
        ("card", "[" * 100_000),
        ("card", "{"),
        ("settings", []),
        ("settings", {"other": 1.0}),
        ("settings", "[" * 100_000),
        ("settings", '{"length": 1' + "0" * 6000 + "}"),
    ],
)
def test_texts_that_are_none(taste: Path, part: str, value: Any) -> None:
    with pytest.raises(WeightsError, match="malformed taste"):
        load_taste(forged(taste, lambda _, texts: texts.update({part: value})))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", 3),
        ("fingerprint", None),
        ("choices", "many"),
        ("choices", True),
        ("ratings", HUGE),
        ("metrics", {"agreement": "good"}),
        ("metrics", {"agreement": HUGE}),
        ("metrics", [1]),
        ("curve", [[1]]),
        ("curve", [["a", "b"]]),
        ("curve", {"a": 1}),
        ("notes", "one"),
        ("notes", [{}]),
        ("says_little", "no"),
        ("created", []),
        ("other", 1),
    ],
)
def test_cards_that_are_none(taste: Path, name: str, value: Any) -> None:
    with pytest.raises(WeightsError, match="malformed taste"):
        load_taste(forged(taste, lambda _, texts: texts["card"].update({name: value})))
