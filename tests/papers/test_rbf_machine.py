"""The support vector machine of many answers: inducing points, blocks, the same function."""

import numpy as np
import pytest
import torch
from sklearn.svm import LinearSVR

from retouch_aes.papers.common import rbf_machine
from retouch_aes.papers.common.rbf_machine import RBFMachine, linear_svr


def made(count, seed=0):
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(count, 4))
    return inputs, np.tanh(inputs[:, 0]) + 0.5 * np.sin(2 * inputs[:, 1]) + 0.2 * random.normal(size=count)


def test_many_answers_give_the_function_that_few_would(monkeypatch):
    inputs, values = made(900)
    exact = RBFMachine.fit(inputs, values)
    monkeypatch.setattr(rbf_machine, "LARGE", 500)
    monkeypatch.setattr(rbf_machine, "INDUCING", 120)
    monkeypatch.setattr(rbf_machine, "_BLOCK", 256)
    some = RBFMachine.fit(inputs, values)
    new, truth = made(400, 1)
    assert len(some.points) == 120
    assert np.corrcoef(some.predict(new), exact.predict(new))[0, 1] > 0.98
    assert np.corrcoef(some.predict(new), truth)[0, 1] > 0.9
    assert inputs[list(some.support)] == pytest.approx(some.points.numpy())
    assert RBFMachine.fit(inputs, values).predict(new) == pytest.approx(some.predict(new))
    image = torch.from_numpy(new[:1]).requires_grad_()
    some(image).sum().backward()
    assert image.grad.abs().sum() > 0


def test_the_linear_machine_is_scikit_learns():
    inputs, values = made(300)
    rows = np.concatenate([inputs, np.ones((300, 1))], 1)
    seen = []

    def blocks():
        for at in range(0, 300, 70):
            seen.append(at)
            yield rows[at : at + 70], values[at : at + 70]

    found = linear_svr(blocks, 5, 1.0)
    left = np.abs(values - rows @ np.linalg.solve(rows.T @ rows + np.eye(5) / 2, rows.T @ values))
    theirs = LinearSVR(
        C=1.0, epsilon=np.median(left), loss="squared_epsilon_insensitive", dual=False, tol=1e-8,
        intercept_scaling=100.0, max_iter=100_000,
    ).fit(inputs, values)  # fmt: skip
    assert found[:-1] == pytest.approx(theirs.coef_, abs=2e-3)
    assert found[-1] == pytest.approx(float(theirs.intercept_[0]), abs=5e-3)
    assert len(seen) <= 8 * 5
