import numpy as np
import pytest

from retouch_aes.papers.active import SELECTORS
from retouch_aes.papers.active.selector import RatedAlbum, distances, style_coordinates
from retouch_aes.papers.baselines.r_svr import RSVR
from retouch_aes.papers.method import PersonEvidence
from retouch_aes.papers.pam.method import PAM


@pytest.fixture
def album(world, said):
    study, people = world
    evidence, rest = said(people[0], 12)
    return RatedAlbum(study, rest[:60], evidence, PAM().fit(study, evidence))


@pytest.mark.parametrize("name", SELECTORS)
def test_every_selector_picks_an_unrated_photo_again_and_again(album, name):
    selector = SELECTORS[name]()
    selector.prepare(album.study)
    choices = [selector.choose(album, np.random.default_rng(4)) for _ in range(2)]
    assert choices[0] in album.unrated
    assert choices[0] == choices[1]
    last = RatedAlbum(album.study, album.unrated[:1], album.rated, album.method)
    assert selector.choose(last, np.random.default_rng(0)) == album.unrated[0]


def test_mcal_takes_a_method_without_support_vectors(album, said, world):
    selector = SELECTORS["mcal"]()
    selector.prepare(album.study)
    other = RSVR().fit(album.study, album.rated)
    chosen = selector.choose(
        RatedAlbum(album.study, album.unrated, album.rated, other), np.random.default_rng(0)
    )
    assert chosen in album.unrated


def test_greedy_and_active_pam_are_their_formulas(album):
    place = style_coordinates(album.study)
    away = distances(place[album.unrated], place[album.rated.photos])
    plain = np.linalg.norm(place[album.unrated][:, None] - place[album.rated.photos][None], axis=2)
    assert away == pytest.approx(plain)
    residual = np.abs(album.rated.scores - album.study.score[album.rated.photos])
    share = residual / residual.sum()
    wanted = {
        "greedy": away.min(1),
        "active-pam": away @ share,
        "active-pam-printed": away @ (1 - share),
    }
    for name, value in wanted.items():
        selector = SELECTORS[name]()
        selector.prepare(album.study)
        assert selector.choose(album, np.random.default_rng(0)) == album.unrated[value.argmax()]


def test_a_committee_asks_where_it_disagrees(album):
    alike = PersonEvidence(album.rated.photos, album.study.score[album.rated.photos], album.rated.pairs)
    sure = RatedAlbum(album.study, album.unrated, alike, album.method)
    assert SELECTORS["committee"]().choose(sure, np.random.default_rng(0)) in album.unrated
