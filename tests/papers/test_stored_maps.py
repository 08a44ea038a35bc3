"""Feature maps in a file: the same rows as in memory, and CFAN trained from either says the same."""

from dataclasses import replace

import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.cfan.bpr_training import fit_bpr, predict_bpr
from retouch_aes.papers.cfan.training import (
    CFANSettings,
    Judgements,
    fit_cfan,
    predict_agnostic,
    predict_judgements,
)
from retouch_aes.papers.stored_maps import StoredMaps, map_blocks, map_rows

CPU = torch.device("cpu")


def test_rows_come_back_as_they_were_written(tmp_path):
    maps = torch.rand(11, 3, 2, 4).half().float()
    stored = StoredMaps(tmp_path / "new")
    for part in maps.split(4):
        stored.append(part)
    assert stored.shape == (11, 3, 2, 4)
    places = torch.tensor([10, 0, 0, 7])
    assert torch.equal(stored.rows(places), maps[places])
    assert torch.equal(map_rows(stored, places, CPU), map_rows(maps, places, CPU))
    assert torch.equal(torch.cat(list(map_blocks(stored, CPU, 4))), maps)
    with pytest.raises(UsageError, match="expected maps"):
        stored.append(torch.rand(1, 3, 2, 5))
    assert list((tmp_path / "new").iterdir()) == []


def test_a_network_learns_the_same_from_a_file(tmp_path):
    draw = torch.Generator().manual_seed(0)
    memory = Judgements(
        users=torch.randint(4, (40,), generator=draw),
        photos=torch.randint(9, (40,), generator=draw),
        good=torch.tensor([1.0, 0.0]).repeat(20),
        tokens=torch.randint(1, 10, (40, 3), generator=draw),
        maps=torch.rand(9, 4, 2, 3, generator=draw).half().float(),
        tags=torch.arange(9) % 2,
        liked=(torch.arange(9) % 3 > 0).float(),
        counts=(4, 2, 10),
    )
    stored = StoredMaps(tmp_path)
    stored.append(memory.maps)
    file = replace(memory, maps=stored)
    settings = CFANSettings(schedule=Schedule("few", steps=3, rate=5e-3), batch=8)
    said = []
    for some in (memory, file):
        network = fit_cfan(some, settings)
        said.append((predict_judgements(network, some, some), predict_agnostic(network, some.maps)))
        said[-1] += (predict_bpr(fit_bpr(some, visual=True), some, some),)
    for one, other in zip(*said, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
