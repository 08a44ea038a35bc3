"""The fused GRU cell, which PyTorch wants of every accelerator and has only for GPUs: plain operations.

`forward` and `backward` take what `aten::_thnn_fused_gru_cell` and its backward take; gates `(B, 3 H)` are in
the order reset, update, new, and the workspace keeps `r, z, n, h` and the new gate's hidden part.
"""

from torch import Tensor, cat


def forward(
    given: Tensor, hidden: Tensor, state: Tensor, bias: Tensor | None = None, own: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The next state `(B, H)`, and the workspace `(B, 5 H)`."""
    given = given if bias is None else given + bias
    hidden = hidden if own is None else hidden + own
    (r, z, n), (own_r, own_z, own_n) = given.chunk(3, 1), hidden.chunk(3, 1)
    r, z = (r + own_r).sigmoid(), (z + own_z).sigmoid()
    n = (n + r * own_n).tanh()
    return n + z * (state - n), cat([r, z, n, state, own_n], 1)


def backward(grad: Tensor, workspace: Tensor, has_bias: bool) -> tuple[Tensor | None, ...]:
    """Gradients of both gates, the state and both biases."""
    r, z, n, state, own_n = workspace.chunk(5, 1)
    to_n = grad * (1 - z) * (1 - n**2)
    to_z = grad * (state - n) * z * (1 - z)
    to_r = to_n * own_n * r * (1 - r)
    given, hidden = cat([to_r, to_z, to_n], 1), cat([to_r, to_z, to_n * r], 1)
    biases = (given.sum(0), hidden.sum(0)) if has_bias else (None, None)
    return given, hidden, grad * z, *biases
