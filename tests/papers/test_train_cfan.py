from dataclasses import replace

import pytest
import torch
from torch import Generator

from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.cfan.bpr_training import _at_random, fit_bpr, predict_bpr
from retouch_aes.papers.cfan.network import CFAN, _convolved
from retouch_aes.papers.cfan.training import (
    PAPER,
    CFANSettings,
    Judgements,
    ReviewsByUser,
    cfan_losses,
    fit_cfan,
    predict_agnostic,
    predict_judgements,
    with_unseen,
)


@pytest.fixture
def examples():
    return Judgements(
        users=torch.tensor([0, 0, 1, 1, 0, 2]),
        photos=torch.tensor([0, 1, 1, 2, 3, 0]),
        good=torch.tensor([1.0, 0, 1, 0, 1, 1]),
        tokens=torch.tensor([[2, 3], [4, 0], [5, 6], [7, 0], [8, 8], [9, 0]]),
        maps=torch.rand(5, 4, 2, 3, generator=Generator().manual_seed(0)),
        tags=torch.tensor([0, 1, -1, 0, 1]),
        liked=torch.tensor([1.0, 0, 1, 0, 1]),
        counts=(3, 2, 10),
    )


def test_a_review_of_the_photo_asked_about_is_never_shown(examples):
    users, photos = examples.users.repeat(50), examples.photos.repeat(50)
    drawn = ReviewsByUser(examples).draw(users, photos, Generator().manual_seed(0))
    for user, photo, words in zip(users.tolist(), photos.tolist(), drawn.tolist(), strict=True):
        written = [
            (int(p), t.tolist())
            for u, p, t in zip(examples.users, examples.photos, examples.tokens, strict=True)
            if u == user
        ]
        others = [words for place, words in written if place != photo]
        assert words in (others or [[1, 0]])
    shown = {tuple(words) for user, words in zip(users.tolist(), drawn.tolist(), strict=True) if user == 0}
    assert shown == {(2, 3), (4, 0), (8, 8)}


def test_the_loss_is_the_papers_weighted_sum(examples):
    torch.manual_seed(0)
    network = CFAN(3, 5, 4, vocabulary=10, tags=2).eval()
    settings = CFANSettings(batch=32, hidden=0.0)
    parts = cfan_losses(network, examples, ReviewsByUser(examples), settings, Generator().manual_seed(0))
    assert set(parts) == {"personal", "tags", "agnostic"}
    doubled = CFANSettings(batch=32, hidden=0.0, tag_weight=0.03, agnostic_weight=3.0)
    more = cfan_losses(network, examples, ReviewsByUser(examples), doubled, Generator().manual_seed(0))
    assert more["personal"].item() == pytest.approx(parts["personal"].item())
    assert more["tags"].item() == pytest.approx(2 * parts["tags"].item())
    assert more["agnostic"].item() == pytest.approx(3 * parts["agnostic"].item())
    assert (settings.tag_weight, settings.agnostic_weight) == (0.015, 1.0)
    rates = [PAPER.schedule.rate_at(step) for step in (0, 999, 1000)]
    assert rates == pytest.approx([0.005, 0.005, 0.005 * 0.99])


def test_photos_without_examples_are_new_and_only_examples_are_read(examples):
    assert with_unseen(examples, torch.tensor([0, 4])).tolist() == [0, -1]
    network = CFAN(3, 5, 4, vocabulary=10).eval()
    asked = examples.some(torch.tensor([0, 3]))
    first = predict_judgements(network, examples, asked)
    asked.tokens.fill_(9)
    asked.good.zero_()
    assert torch.equal(predict_judgements(network, examples, asked), first)


def test_bpr_learns_known_photos_and_cannot_tell_new_ones_apart(examples):
    network = fit_bpr(examples, visual=False, judged=True)
    scores = predict_bpr(network, examples, examples)
    assert scores[0] > scores[1]
    assert scores[2] > scores[3]
    new = examples.some(torch.tensor([0]))
    new.photos[0] = 4
    assert predict_bpr(network, examples, new).item() == 0
    with pytest.raises(UsageError, match="judged one photo good and another bad"):
        fit_bpr(examples.some(torch.tensor([0, 5])), visual=True, judged=True)
    with pytest.raises(UsageError, match="a photo judged good"):
        fit_bpr(examples.some(torch.tensor([1, 3])), visual=False)
    with pytest.raises(UsageError, match="got none"):
        examples.some(torch.tensor([], dtype=torch.long))


def test_negatives_at_random_are_not_what_the_user_liked(examples):
    users = torch.tensor([0, 1, 2]).repeat_interleave(60)
    drawn = _at_random(examples)(users, Generator().manual_seed(0))
    liked = {0: {0, 3}, 1: {1}, 2: {0}}
    for user, photo in zip(users.tolist(), drawn.tolist(), strict=True):
        assert photo not in liked[user]
    assert set(drawn[users == 0].tolist()) == {1, 2, 4}  # judged bad or never judged
    network = fit_bpr(examples, visual=False)
    scores = predict_bpr(network, examples, examples)
    assert scores[0] > scores[1]


def test_as_printed_the_kernel_is_as_large_as_the_map(examples):
    torch.manual_seed(0)
    settings = replace(PAPER, batch=4, schedule=replace(PAPER.schedule, steps=1))
    network = fit_cfan(examples, settings)
    found = network(examples.maps[:2], examples.tokens[:2], examples.users[:2], examples.photos[:2])
    assert network.attention.kernel(examples.tokens[:2]).shape == (2, 4, 2, 3)
    assert found.attention.shape == (2, 4, 2, 3)
    assert torch.allclose(found.attention.sum((-2, -1)), torch.ones(2, 4))
    fresh = CFAN(300, 5, 4, vocabulary=100, tags=2, grid=(2, 3), normal_start=True)
    for weight in (fresh.user.weight, fresh.attention.project.weight, fresh.attention.words.weight):
        assert weight.std().item() == pytest.approx(1, abs=0.1)
    with pytest.raises(UsageError, match="2 x 3 positions"):
        network(examples.maps[:1, :, :, :2], examples.tokens[:1], examples.users[:1], examples.photos[:1])


def test_every_channel_meets_its_own_kernel():
    maps, kernel = torch.zeros(1, 2, 3, 3), torch.zeros(1, 2, 3, 3)
    maps[0, 0, 1, 1], maps[0, 1, 0, 0] = 1, 1
    kernel[0, 0, 1, 1], kernel[0, 1, 1, 2] = 5, 7
    found = _convolved(maps, kernel)
    assert found[0, 0].nonzero().tolist() == [[1, 1]]
    assert found[0, 0, 1, 1] == 5
    assert found[0, 1].sum() == 0  # its kernel looks to the right of each position, where nothing is


def test_a_body_is_trained_along(examples):
    torch.manual_seed(0)
    body = torch.nn.Conv2d(4, 4, 1)
    before = body.weight.detach().clone()
    settings = CFANSettings(batch=4, schedule=Schedule("cfan", 2, 1e-2, warmup=0))
    fit_cfan(examples, settings, body=body, maps_of=lambda photos: body(examples.maps[photos]))
    assert not torch.equal(body.weight, before)


def test_without_the_personal_task_nobody_is_learned(examples):
    network = CFAN(3, 5, 4, vocabulary=10, tags=2).eval()
    settings = CFANSettings(batch=8, personal=False)
    parts = cfan_losses(network, examples, ReviewsByUser(examples), settings, Generator().manual_seed(0))
    assert set(parts) == {"tags", "agnostic"}
    assert predict_agnostic(network, examples.maps).shape == (5,)
    with pytest.raises(UsageError, match="user-agnostic"):
        predict_agnostic(CFAN(3, 5, 4, agnostic=False), examples.maps)
