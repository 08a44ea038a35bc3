import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.losses import EMDLoss, emd


def distributions(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).softmax(-1)


def by_loops(p: torch.Tensor, q: torch.Tensor, r: float) -> float:
    losses = []
    for row_p, row_q in zip(p.tolist(), q.tolist(), strict=True):
        powers, cdf_p, cdf_q = 0.0, 0.0, 0.0
        for a, b in zip(row_p, row_q, strict=True):
            cdf_p, cdf_q = cdf_p + a, cdf_q + b
            powers += abs(cdf_p - cdf_q) ** r
        losses.append((powers / len(row_p)) ** (1 / r))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("r", [1.0, 2.0, 3.0])
def test_agrees_with_the_printed_equation(r: float) -> None:
    p, q = distributions(7, 10), distributions(7, 10, seed=1)
    assert emd(p, q, r=r).item() == pytest.approx(by_loops(p, q, r))


def test_one_vote_moved_by_nine_scores_is_the_largest_distance() -> None:
    ends = torch.eye(10)[[0, 9]]
    assert emd(ends[:1], ends[1:]).item() == pytest.approx(0.9**0.5)


def test_a_near_miss_costs_less_than_a_far_one() -> None:
    bins = torch.eye(10)
    distances = emd(bins[4].expand(5, 10), bins[4:9], reduction="none")
    assert (distances.diff() > 0).all()


def test_zero_and_flat_where_equal() -> None:
    p = distributions(3, 10).requires_grad_()
    loss = emd(p, p.detach().clone())
    (gradient,) = torch.autograd.grad(loss, p)
    assert loss.item() == 0
    assert torch.equal(gradient, torch.zeros_like(p))


def test_gradient() -> None:
    p, q = distributions(3, 10).requires_grad_(), distributions(3, 10, seed=1)
    assert torch.autograd.gradcheck(lambda x: emd(x, q), (p,))


def test_module_and_reductions_agree() -> None:
    p, q = distributions(4, 10), distributions(4, 10, seed=1)
    each = emd(p, q, reduction="none")
    assert each.shape == (4,)
    assert torch.equal(EMDLoss()(p, q), each.mean())
    assert torch.equal(EMDLoss(reduction="sum")(p, q), each.sum())


def test_refuses_what_does_not_fit() -> None:
    p = distributions(4, 10)
    with pytest.raises(UsageError, match=r"\(4, 10\) and \(3, 10\)"):
        emd(p, p[:3])
    with pytest.raises(UsageError, match="r >= 1"):
        emd(p, p, r=0.5)
    with pytest.raises(UsageError, match="'median'"):
        EMDLoss(reduction="median")  # type: ignore[arg-type]
