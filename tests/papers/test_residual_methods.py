"""Meta-learned starts, task vectors and traits: small networks on what people add to the generic score."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.models import ModelCard, load_network, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.papers.blg.method import BLGPIAA
from retouch_aes.papers.common.residual_network import added, fresh_tensors
from retouch_aes.papers.method import PersonEvidence, Study
from retouch_aes.papers.personal.kinds import personal_kinds
from retouch_aes.papers.task_vectors.method import TaskVectors
from retouch_aes.papers.traits.method import TraitInteractions
from retouch_aes.taste.gp.tuning import rank_correlation

KINDS = (BLGPIAA, TaskVectors, TraitInteractions)
FREE = {BLGPIAA: {"anchor": 1.0}, TaskVectors: {"held": 1.0}, TraitInteractions: {"held": 10.0}}
"""Held less than by default: made tastes are stronger, and told with less noise, than people's."""


def gain(method, study, people, said, count, traits=None) -> float:
    found = []
    for number, scores in enumerate(people):
        evidence, rest = said(scores, count, number)
        if traits is not None:
            evidence = replace(evidence, traits=traits[number])
        predicted = method.fit(study, evidence).predict(study, rest)
        generic = rank_correlation(study.score[rest], scores[rest])
        found.append(rank_correlation(predicted, scores[rest]) - generic)
    return float(np.mean(found))


@pytest.fixture(scope="module")
def prepared(world):
    made = {kind: kind(**FREE[kind]) for kind in KINDS}
    for method in made.values():
        method.prepare(world[0])
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_is_found_and_better_with_more_photos(prepared, world, said, kind):
    study, people = world
    few, many = (gain(prepared[kind], study, people[:8], said, count) for count in (10, 60))
    assert 0 < few < many
    assert many > 0.04


def test_a_start_that_has_met_raters_knows_what_they_differ_in(said):
    random = np.random.default_rng(4)
    features = random.normal(size=(120, 6))
    study, _ = made_study(features)
    bent = np.abs(features[:, 0]) - np.abs(features[:, 0]).mean()

    def rated(count):
        liking = random.choice([-1.0, 1.0], size=(count, 1)) * random.uniform(1, 2, size=(count, 1))
        return np.clip(5.5 + liking * bent + 0.2 * random.normal(size=(count, 120)), 1, 10)

    people, told = rated(8), with_raters(study, rated(40))
    met, alone = BLGPIAA(), BLGPIAA()
    assert gain(met, told, people, said, 8) > gain(alone, study, people, said, 8) + 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_what_others_say_of_a_photo_never_predicts_it(prepared, world, said, kind):
    study, people = world
    theirs = study.folds[study.population_index][study.population.photo_index] == 2
    inverted = np.where(theirs, 11 - study.population.original, study.population.original)
    changed = replace(study, population=replace(study.population, original=inverted))
    evidence, _ = said(people[0], 20)
    before, method = prepared[kind].fit(study, evidence), kind(**FREE[kind])
    method.prepare(changed)
    after = method.fit(changed, evidence)
    inside, outside = np.flatnonzero(study.folds == 2), np.flatnonzero(study.folds == 1)
    assert after.predict(changed, inside) == pytest.approx(before.predict(study, inside), abs=1e-5)
    assert np.abs(after.predict(changed, outside) - before.predict(study, outside)).max() > 1e-3


def test_what_is_known_of_people_says_what_they_like(said):
    random = np.random.default_rng(5)
    features = random.normal(size=(120, 6))
    study, _ = made_study(features)
    kinds, nobodys = random.integers(2, size=(60, 3)).astype(float), random.normal(size=(3, 6))

    def rated(traits):
        wishes = (2 * traits - 1) @ nobodys
        return np.clip(5.5 + 0.6 * wishes @ features.T + 0.3 * random.normal(size=(len(traits), 120)), 1, 10)

    told = replace(with_raters(study, rated(kinds)), population_traits=kinds)
    known = random.integers(2, size=(10, 3)).astype(float)
    people = rated(known)
    with_traits = gain(TraitInteractions(), told, people, said, 4, traits=known)
    without = gain(TraitInteractions(), replace(told, population_traits=None), people, said, 4)
    assert with_traits > without + 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_is_stored_and_found_again(tmp_path, world, said, kind):
    torch.manual_seed(0)
    generic = EMDAttention(CompactBackbone((8, 16, 24, 32), (1, 1, 1, 1)), side=64).eval()
    study, people = world
    images = torch.rand(len(study), 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = generic.features(images).double().numpy()
    seen = replace(study, features=features, cluster=None, content=np.zeros((len(study), 0)))
    method = type("Short", (kind,), {"parts": ("features",)})()
    model = method.fit(seen, said(people[0], 30)[0]).model(generic)
    save_model(tmp_path / "one.safetensors", model, ModelCard("CC0-1.0", "a test"))
    again = load_network(tmp_path / "one.safetensors", personal_kinds())
    image = images[:2].clone().requires_grad_()
    assert again(image).tolist() == pytest.approx(model(images[:2]).tolist(), abs=1e-5)
    again(image).sum().backward()
    assert image.grad.abs().sum() > 0


def test_without_raters_each_does_what_it_can(world, said):
    study, people = world
    alone = replace(study, population=nobody(), population_index=np.zeros(0, np.intp))
    evidence, rest = said(people[0], 30)
    for kind in (BLGPIAA, TraitInteractions):
        assert np.ptp(kind().fit(alone, evidence).predict(alone, rest)) > 0
    with pytest.raises(UsageError, match="ratings of a population"):
        TaskVectors().prepare(alone)


def test_stacked_networks_are_single_networks_side_by_side():
    stack = fresh_tensors((3, 2), 5, 4, 0)
    generator = torch.Generator().manual_seed(1)
    stack = {name: torch.randn(tensor.shape, generator=generator) for name, tensor in stack.items()}
    z = torch.randn(7, 5, generator=generator)
    one = {name: tensor[2, 1] for name, tensor in stack.items()}
    assert torch.allclose(added(stack, z)[2, 1], added(one, z), atol=1e-5)
    assert added(one, z).shape == (7,)


def nobody() -> Ratings:
    empty = np.zeros(0, np.intp)
    return Ratings((), (), empty, empty, np.zeros(0), (1.0, 10.0))


def with_raters(study: Study, table) -> Study:
    """`study` with the scores `(U, P)` of a population."""
    user, photo = np.divmod(np.arange(table.size), table.shape[1])
    names = tuple(f"u{number:02d}" for number in range(len(table)))
    population = replace(
        study.population, users=names, user_index=user, photo_index=photo, original=table.ravel()
    )
    return replace(study, population=population)


def made_study(features) -> tuple[Study, PersonEvidence]:
    from pathlib import Path

    count = len(features)
    population = Ratings(
        ("u",),
        tuple(Path(f"{number:03d}.jpg") for number in range(count)),
        np.zeros(count, np.intp),
        np.arange(count),
        np.full(count, 5.0),
        (1.0, 10.0),
    )
    blank = np.zeros((count, 0))
    study = Study(features, np.full(count, 5.5), blank, blank, (), population, np.arange(count))
    return study, PersonEvidence(np.arange(3), np.full(3, 5.0), np.zeros((0, 2), np.intp))
