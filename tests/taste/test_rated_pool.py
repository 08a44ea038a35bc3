import numpy as np
import pytest
import torch

from retouch_aes.errors import DatasetError, UsageError
from retouch_aes.taste.rated_pool import RatedPool, build_pool


@pytest.fixture(scope="module")
def built(folder, generic, tmp_path_factory):
    place = tmp_path_factory.mktemp("pool") / "pool"
    photos = [folder / f"{n:02}.png" for n in range(12)]
    histograms = np.eye(10)[np.arange(12) % 10]
    return place, photos, histograms, build_pool(photos, histograms, generic, place)


def test_neighbours_are_those_of_a_naive_search(built, generic, monkeypatch):
    monkeypatch.setattr("retouch_aes.datasets.nearest.BLOCK", 5)
    pool = built[3]
    queries = torch.randn(3, generic.feature_size, generator=torch.Generator().manual_seed(0))
    cosines, found = pool.nearest(queries, 4)
    table = torch.from_numpy(np.array(pool.features)).float()
    naive = torch.nn.functional.cosine_similarity(queries[:, None], table[None], dim=2)
    expected = naive.topk(4, dim=1)
    assert torch.equal(found, expected.indices)
    assert torch.allclose(cosines, expected.values, atol=1e-3)
    union, histograms = pool.neighbourhood(queries, 4)
    assert set(union.tolist()) == set(found.flatten().tolist())
    assert torch.equal(histograms, torch.from_numpy(built[2]).float()[union])


def test_a_stopped_build_goes_on(built, generic, folder, tmp_path):
    _, photos, histograms, whole = built

    def stop(stage, done, of):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_pool(photos, histograms, generic, tmp_path / "p", progress=stop)
    with pytest.raises(DatasetError, match="not finished"):
        RatedPool.open(tmp_path / "p")
    again = build_pool(photos, histograms, generic, tmp_path / "p")
    assert np.array_equal(again.features, whole.features)
    with pytest.raises(UsageError, match="other photos or another model"):
        build_pool(photos[:3], histograms[:3], generic, tmp_path / "p")


def test_a_broken_photo_is_told_and_never_found(built, generic, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    failed = []
    pool = build_pool(
        [broken, *built[1]],
        np.full((13, 10), 0.1),
        generic,
        tmp_path / "p",
        failed=lambda path, _: failed.append(path),
    )
    assert failed == [broken.resolve()]
    _, found = pool.nearest(torch.randn(4, generic.feature_size), 12)
    assert 0 not in found
    with pytest.raises(UsageError, match="k from 1 to 13"):
        pool.nearest(torch.randn(4, generic.feature_size), 14)
    with pytest.raises(DatasetError, match="holds no pool"):
        RatedPool.open(tmp_path)
