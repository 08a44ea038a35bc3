import pytest
import torch
from torch import Generator

from retouch_aes.errors import UsageError
from retouch_aes.papers.cfan.network import CFAN
from retouch_aes.papers.cfan.training import (
    PAPER,
    CFANSettings,
    Judgements,
    ReviewsByUser,
    cfan_losses,
    fit_bpr,
    predict_bpr,
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
    network = fit_bpr(examples, visual=False)
    scores = predict_bpr(network, examples, examples)
    assert scores[0] > scores[1]
    assert scores[2] > scores[3]
    new = examples.some(torch.tensor([0]))
    new.photos[0] = 4
    assert predict_bpr(network, examples, new).item() == 0
    with pytest.raises(UsageError, match="judged one photo good and another bad"):
        fit_bpr(examples.some(torch.tensor([0, 5])), visual=True)
    with pytest.raises(UsageError, match="got none"):
        examples.some(torch.tensor([], dtype=torch.long))
