"""The head's own stage: standardised features while it learns, plain ones ever after."""

import torch
from torch import nn

from retouch_aes.models.heads import hidden_head
from retouch_aes.training.score.head import HeadData, averaged, for_plain_features, standardised


def facts(count: int = 50, size: int = 6) -> HeadData:
    generator = torch.Generator().manual_seed(0)

    def features(rows: int) -> torch.Tensor:
        return torch.randn(rows, size, generator=generator) * torch.arange(1, size + 1) + 3

    some = torch.rand(count, generator=generator)
    return HeadData(features(20), torch.rand(20, 10), features(count), features(count), some, some)


def test_every_feature_gets_mean_0_and_deviation_1() -> None:
    changed, _, _ = standardised(facts())
    natural = torch.cat([changed.rated, changed.crops])
    torch.testing.assert_close(natural.mean(dim=0), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(natural.std(dim=0), torch.ones(6), atol=1e-2, rtol=0)


def test_a_feature_that_never_changes_does_no_harm() -> None:
    dull = facts()
    for part in (dull.rated, dull.crops, dull.renditions):
        part[:, 0] = 2.0
    changed, _, _ = standardised(dull)
    assert bool(changed.renditions.isfinite().all())


def test_the_head_says_the_same_of_plain_features() -> None:
    before = facts()
    changed, centre, scale = standardised(before)
    head: nn.Sequential = hidden_head(6, 4)
    wanted = head(changed.renditions)
    torch.testing.assert_close(for_plain_features(head, centre, scale)(before.renditions), wanted)


def test_averaged_heads_are_one_wider_head() -> None:
    heads = [hidden_head(5, 4), hidden_head(5, 3)]
    for head in heads:
        torch.nn.init.normal_(head[-1].weight)
    features = torch.randn(7, 5)
    wide = averaged(heads)
    assert wide[0].out_features == 7
    torch.testing.assert_close(wide(features), (heads[0](features) + heads[1](features)) / 2)


def test_more_pairs_stand_behind_the_others() -> None:
    before = facts()
    pairs = (before.crops + 1, before.renditions + 1, before.opinions + 1, before.drops + 1)
    after = before.with_more(pairs)
    assert len(after.crops) == 2 * len(before.crops)
    torch.testing.assert_close(after.renditions[len(before.crops) :], before.renditions + 1)
    assert after.rated is before.rated
