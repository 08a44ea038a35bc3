"""Groups: one shared edit, unless a photo is worse for it; black and white ones keep their greys."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from retouch_aes.batch import worker
from retouch_aes.batch.manifest import Manifest
from retouch_aes.batch.run import BatchRun
from retouch_aes.batch.worker import BatchItem, RetouchWorker
from retouch_aes.color.luma import luma
from retouch_aes.editing.objective import ObjectiveWeights
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.executors.executor import Executor, JobResult
from retouch_aes.models import AestheticModel
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.pipeline import Retoucher, RetoucherSpec
from retouch_aes.testing import smooth_photo


class LikesMidGrey(AestheticModel):
    """Best where the mean luma is .45; a little better with colour."""

    @property
    def preprocessing(self) -> str:
        return "none"

    def forward(self, image: Tensor) -> Tensor:
        apart = (image - luma(image)).square().mean((1, 2, 3))
        return 9 - 20 * (luma(image).mean((1, 2, 3)) - 0.45).abs() + 3 * apart

    def distribution(self, image: Tensor) -> Tensor:
        return torch.full((len(image), 10), 0.1)


@pytest.fixture
def retouched(tmp_path, monkeypatch):
    """`(photos, together) -> (records, written photos)`."""
    free = ObjectiveWeights(fidelity=0.0, anchor=0.0, clipping=0.0)
    settings = RetouchSettings(weights=free, solver=BFGS(steps=20))
    found = Retoucher(LikesMidGrey().eval(), operators=["exposure", "saturation"], settings=settings)
    monkeypatch.setattr(worker, "_retoucher", lambda _: found)

    def make(photos, together=True):
        items = []
        for index, photo in enumerate(photos):
            path = tmp_path / f"{index}.png"
            Image.fromarray((photo[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)).save(path)
            items.append(BatchItem(path, tmp_path / "out" / f"{together}{index}.png"))
        work = RetouchWorker(RetoucherSpec())
        records = work(items) if together else [record for item in items for record in work([item])]
        assert not [record["error"] for record in records if "error" in record]
        return records, [np.asarray(Image.open(item.output)).astype(int) for item in items]

    return make


def scene(factor: float) -> Tensor:
    return factor * smooth_photo(torch.Generator().manual_seed(2), 1, 64, 96)


def ev(record) -> float:
    steps = Recipe.from_json(record["recipe"], OPERATORS).steps
    return next((step.values[0] for step in steps if step.operator.name == "exposure"), 0.0)


def test_a_group_shares_an_edit(retouched) -> None:
    dark = [scene(factor) for factor in (0.3, 0.4, 0.5)]
    shared, _ = retouched(dark)
    alone, _ = retouched(dark, together=False)
    assert [record["outcome"] for record in shared] == ["edited with its group"] * 3
    assert 0 < np.std([ev(r) for r in shared]) < 0.5 * np.std([ev(r) for r in alone])
    assert all(record["score_after"] >= record["score_before"] for record in shared)


def test_a_photo_that_the_shared_edit_makes_worse_keeps_its_own(retouched) -> None:
    *others, bright = retouched([scene(0.3), scene(0.3), scene(1.0)])[0]
    assert [record["outcome"] for record in others] == ["edited with its group"] * 2
    assert bright["outcome"] in ("edited", "left alone")
    assert bright["reason"].endswith("the edit of its group lowers the score")
    assert bright["score_after"] >= bright["score_before"]


def test_a_photo_whose_own_edit_lowers_the_score_as_asked_takes_that_of_its_group() -> None:
    retoucher = Retoucher(LikesMidGrey().eval())
    small, lighter = scene(1.0), Recipe((Step(OPERATORS["exposure"], (0.3,)),))
    before, after = retoucher.scores(small, lighter)
    assert after < before
    asked = {"_shared": lighter, "score_before": before, "score_after": after - 0.1, "reason": ""}
    assert worker._suited(retoucher, small, asked)["outcome"] == "edited with its group"
    assert "_recipe" not in worker._suited(retoucher, small, asked | {"score_after": before})


def test_a_photo_that_is_gone_meanwhile_is_named_without_a_number(retouched, tmp_path) -> None:
    retouched([])  # the retoucher of these tests
    [record] = RetouchWorker(RetoucherSpec())([BatchItem(tmp_path / "gone.jpg", tmp_path / "out.jpg")])
    assert record["error"] == f"{tmp_path / 'gone.jpg'}: No such file or directory"


def test_a_grey_photo_in_a_group_of_coloured_ones_stays_grey(retouched) -> None:
    grey = luma(scene(0.4)).expand(-1, 3, -1, -1)
    records, written = retouched([scene(0.4), scene(0.35), grey])
    assert (written[2].max(axis=2) == written[2].min(axis=2)).all()
    assert "saturation" in str(records[0]["recipe"])
    assert "saturation" not in str(records[2]["recipe"])
    assert Path(records[2]["output"]).exists()


class LosesEveryFirstResult(Executor):
    """Each job is done, its worker dies before it has said so, and it is tried again."""

    def map(self, function, jobs):
        for job in jobs:
            function(job)
            yield JobResult(job, function(function.again(job)))


def test_a_photo_whose_worker_died_after_writing_is_done_and_not_refused(retouched, tmp_path) -> None:
    retouched([scene(0.4)])
    item = BatchItem(tmp_path / "0.png", tmp_path / "done" / "0.png", recipe=tmp_path / "done" / "0.json")
    with Manifest(tmp_path / "done" / "m.jsonl", "settings") as manifest:
        work = RetouchWorker(RetoucherSpec())
        (record,) = BatchRun(LosesEveryFirstResult(), work, manifest).run([[item]])
        assert "error" not in record
        assert manifest.done("0.png")


def test_photos_of_which_some_want_light_share_it() -> None:
    darker = Step(OPERATORS["exposure"], (-0.5,))
    lit, plain = (
        {"_recipe": Recipe((step,))} for step in (Step(OPERATORS["fill_light"], (40.0, 0.0)), darker)
    )
    [one, other] = worker._shared([lit, plain])
    for record in (one, other):
        assert [step.operator.name for step in record["_shared"].steps] == ["exposure", "fill_light"]
    assert one["_shared"].steps[1].values[0] > other["_shared"].steps[1].values[0] >= 0


class LosesJobsOfSeveral(Executor):
    """A worker that dies of any job with more than one photo."""

    def map(self, function, jobs):
        for job in jobs:
            yield (
                JobResult(job, error="its worker ended", lost=True)
                if job[1:]
                else JobResult(job, function(job))
            )


def test_photos_that_are_looked_at_together_keep_their_own_edits_and_bad_ones_end_nothing(
    retouched, tmp_path, monkeypatch
) -> None:
    alone, _ = retouched([scene(factor) for factor in (0.3, 0.4, 0.5)], together=False)
    (tmp_path / "3.png").write_text("no photo")
    items = [BatchItem(tmp_path / f"{n}.png", tmp_path / "new" / f"{n}.png") for n in (0, 3, 1, 2)]
    work = RetouchWorker(RetoucherSpec(), shared=False)
    records = work(items)
    assert "error" in records.pop(1)
    assert [ev(one) for one in records] == pytest.approx([ev(one) for one in alone], abs=1e-3)
    assert {one["outcome"] for one in records} == {"edited"}

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Retoucher, "solve_together", fails)
    monkeypatch.setattr(worker, "_PIXELS", 1)  # read once more to be rendered
    done = [replace(item, replace=True, before=one["content"], made=one["made"])
            for item, one in zip([items[0], *items[2:]], records, strict=True)]  # fmt: skip
    assert [one["outcome"] for one in work(done)] == ["done before"] * 3
    monkeypatch.undo()


def test_a_job_of_several_that_is_lost_is_done_photo_by_photo(retouched, tmp_path) -> None:
    retouched([scene(0.4), scene(0.5), scene(0.6)])
    items = [BatchItem(tmp_path / f"{n}.png", tmp_path / "done" / f"{n}.png") for n in range(3)]
    with Manifest(tmp_path / "done" / "m.jsonl", "settings") as manifest:
        work = RetouchWorker(RetoucherSpec(), shared=False)
        records = list(BatchRun(LosesJobsOfSeveral(), work, manifest).run([items[:2], items[2:]]))
        assert ["error" in record for record in records] == [False] * 3
        assert all(manifest.done(f"{n}.png") for n in range(3))
