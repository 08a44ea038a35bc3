import pytest
import torch
from torch import nn

from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss
from retouch_aes.papers.cfan.bpr import BPR
from retouch_aes.papers.cfan.network import CFAN, UNSEEN, ReviewAttention
from retouch_aes.papers.cfan.score import CFANScore


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CFAN(3, 4, 5, vocabulary=9, tags=6).eval()


def example(count=2):
    random = torch.Generator().manual_seed(1)
    tokens = torch.tensor([[2, 3, 0, 0], [4, 5, 6, 7]])[:count]
    return (
        torch.rand(count, 5, 3, 4, generator=random),
        tokens,
        torch.tensor([0, 2]),
        torch.tensor([1, UNSEEN]),
    )


def test_three_tasks_and_an_attention_that_sums_to_one(network):
    found = network(*example())
    assert (found.personal.shape, found.tags.shape, found.agnostic.shape) == ((2,), (2, 6), (2,))
    assert found.attention.shape == (2, 3, 4)
    assert torch.allclose(found.attention.sum((1, 2)), torch.ones(2))
    assert found.attention.min() > 0


def test_the_attention_is_the_papers_equation():
    torch.manual_seed(0)
    attention = ReviewAttention(9, 5)
    maps, tokens, _, _ = example()
    kernel = attention.kernel(tokens)
    assert kernel.min() > 0
    assert kernel.max() < 1
    scores = (kernel[:, :, None, None] * maps).sum(1)
    expected = (scores.exp() / scores.exp().sum((1, 2), keepdim=True)).detach()
    assert torch.allclose(attention(tokens, maps), expected, atol=1e-6)


def test_padding_is_not_read(network):
    maps, tokens, users, photos = example()
    longer = torch.cat([tokens, torch.zeros(2, 3, dtype=torch.long)], 1)
    assert torch.allclose(
        network(maps, tokens, users, photos).personal, network(maps, longer, users, photos)[0]
    )


def test_the_ablations_lack_what_they_lack():
    plain = CFAN(3, 4, 5, agnostic=False)
    maps, _, users, photos = example()
    found = plain(maps, None, users, photos)
    assert (found.tags, found.agnostic, found.attention) == (None, None, None)
    with pytest.raises(UsageError, match="words of a review"):
        CFAN(3, 4, 5, vocabulary=9)(maps, None, users, photos)
    with pytest.raises(UsageError, match="expected users"):
        CFAN(0, 4, 5)


def test_a_new_photo_has_the_factor_one(network):
    maps, tokens, users, _ = example()
    new = network(maps, tokens, users, torch.tensor([UNSEEN, UNSEEN])).personal
    network.photo.weight.data.zero_()
    assert torch.allclose(network(maps, tokens, users, torch.tensor([1, 2])).personal, new)


class Blocks(nn.Module):
    """Five channels of an 8 x 8 mosaic."""

    preprocessing = "none"

    def maps(self, image):
        small = nn.functional.avg_pool2d(image, 8)
        return torch.cat([small, small[:, :2].square()], 1)


def test_a_user_is_an_aesthetic_model_and_a_loss(network):
    reviews = example()[1]
    model = CFANScore(Blocks(), network, 2, reviews).eval()
    image = torch.rand(3, 3, 32, 40, requires_grad=True)
    score = model(image)
    assert score.shape == (3,)
    maps = Blocks().maps(image)
    logits = [
        network(maps, words.expand(3, 4), torch.full((3,), 2), torch.full((3,), UNSEEN)).personal
        for words in reviews
    ]
    assert torch.allclose(score, 1 + 9 * torch.stack(logits).mean(0).sigmoid(), atol=1e-5)
    AestheticLoss(model)(image).backward()
    assert image.grad.abs().sum() > 0
    with pytest.raises(UsageError, match="expected reviews"):
        CFANScore(Blocks(), network, 2)


def test_bpr_and_vbpr_are_their_equations():
    torch.manual_seed(0)
    users, photos, features = torch.tensor([0, 1]), torch.tensor([2, UNSEEN]), torch.rand(2, 4)
    bpr = BPR(2, 3)
    plain = bpr(users, photos)
    assert plain[0].item() == pytest.approx((bpr.user.weight[0] * bpr.photo.weight[2]).sum().item())
    assert plain[1].item() == 0
    vbpr = BPR(2, 3, features=4)
    found = vbpr(users, photos, features)[1]
    expected = (
        vbpr.taste.weight[1] @ (vbpr.embed.weight @ features[1]) + vbpr.visual_bias.weight[0] @ features[1]
    )
    assert found.item() == pytest.approx(expected.item(), abs=1e-6)
    with pytest.raises(UsageError, match="this is VBPR"):
        vbpr(users, photos)
