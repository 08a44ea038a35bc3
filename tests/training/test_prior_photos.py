"""Which photos the edit prior learns from, and that they are looked at once."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from retouch_aes import load_prior
from retouch_aes.errors import DatasetError
from retouch_aes.models.edit_prior import with_operators
from retouch_aes.testing import smooth_photo
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.examples import KINDS, PriorExamples, gather_examples, see_finished
from retouch_aes.training.prior.kept_examples import examples_key, kept_examples
from retouch_aes.training.prior.sorted_photos import sort_photos
from retouch_aes.training.prior.train import PriorTraining, train_prior


def sorted_by(folder: Path, text: str) -> Path:
    path = folder / "sorted.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_photos_are_sorted_by_the_ends_of_their_paths(tmp_path) -> None:
    photos = [tmp_path / name for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/3.jpg", "b/4.jpg", "c.jpg")]
    lists = {"finished": ["a/1.jpg", "3.jpg"], "lacking light": ["2.jpg"], "apart": ["3.jpg"]}
    made = sort_photos(photos, sorted_by(tmp_path, json.dumps(lists | {"left out": [str(photos[4])]})))
    assert made.finished == (photos[0],)
    assert made.lacking == (photos[1],)
    assert made.apart == (photos[3],)  # rather apart than learned from
    assert made.plain == (photos[2], photos[5])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "JSON"),
        ("[]", "an object"),
        ('{"dark": []}', "any of 'finished'"),
        ('{"apart": "a.jpg"}', "a list of photos' names for 'apart'"),
        ('{"apart": ["x.jpg"]}', "no photo has the name 'x.jpg'"),
        ('{"apart": ["1.jpg"]}', "2 photos have the name"),
    ],
)
def test_what_sorts_no_photos_is_told(tmp_path, text, told) -> None:
    photos = [tmp_path / "a/1.jpg", tmp_path / "b/1.jpg"]
    with pytest.raises(DatasetError, match=told):
        sort_photos(photos, sorted_by(tmp_path, text))


def small_pool(count: int = 2) -> PhotoPool:
    images = (smooth_photo(torch.Generator().manual_seed(4), count, 60, 75) * 255).round().to(torch.uint8)
    return PhotoPool(tuple(Path(f"{n}.png") for n in range(count)), tuple(images))


def test_finished_photos_are_never_shown_with_a_fault() -> None:
    [some] = gather_examples(load_prior("edit-prior"), small_pool(), torch.arange(2), see=see_finished)
    assert set(some.kind.tolist()) == {KINDS.index("as it is"), KINDS.index("look")}
    assert torch.equal(some.images, some.targets)
    assert len(some.units) == len(some) == 4


def test_examples_are_made_once_and_a_damaged_file_anew(tmp_path) -> None:
    calls = []

    def gather() -> list[PriorExamples]:
        calls.append(1)
        return gather_examples(load_prior("edit-prior"), small_pool(), torch.arange(2), see=see_finished)

    first, second = (kept_examples(tmp_path, "key", gather) for _ in range(2))
    assert len(calls) == 1
    for one, other in zip(first, second, strict=True):
        assert all(torch.equal(getattr(one, name), getattr(other, name)) for name in vars(one))
    (tmp_path / "examples-key.safetensors").write_bytes(b"no such file")
    kept_examples(tmp_path, "key", gather)
    kept_examples(None, "key", gather)
    assert len(calls) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["examples-key.safetensors"]


def test_what_is_kept_goes_with_photos_seed_and_network(tmp_path) -> None:
    prior, path = load_prior("edit-prior"), tmp_path / "a.png"
    path.write_bytes(b"a")
    crops = torch.arange(1)
    keys = {examples_key(prior, [path], crops, "photos", 0), examples_key(prior, [path], crops, "photos", 1)}
    keys.add(examples_key(prior, [path], torch.zeros(2).long(), "photos", 0))
    keys.add(examples_key(with_operators(prior, ["exposure"]), [path], crops, "photos", 0))
    path.write_bytes(b"other")
    keys.add(examples_key(prior, [path], crops, "photos", 0))
    assert len(keys) == 5
    assert examples_key(prior, [path], crops, "photos", 0) in keys


def test_a_second_run_looks_at_nothing_and_ends_alike(tmp_path) -> None:
    pool = small_pool(8)
    paths = [tmp_path / path.name for path in pool.paths]
    for path, image in zip(paths, pool.images, strict=True):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(path)
    settings, seen = PriorTraining(steps=2, often=1, most=4), tmp_path / "seen"

    def trained() -> tuple[torch.Tensor, list[str]]:
        prior, stages = load_prior("edit-prior"), []
        train_prior(
            prior,
            paths,
            [],
            settings,
            apart=paths[:1],
            folder=seen,
            progress=lambda stage, done, of, _: stages.append(f"{stage} {done}/{of}"),
        )
        return prior.head.out.weight.detach().clone(), stages

    first, looked = trained()
    again, nothing = trained()
    assert torch.equal(first, again)
    assert any("seeing photos, apart" in stage for stage in looked)
    assert not any("seeing" in stage for stage in nothing)
    assert len(list(seen.iterdir())) == 3  # photos, as nights, and those apart
