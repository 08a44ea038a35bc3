from retouch_aes.datasets.two_hops import two_hops


def test_exactly_two_stated_pairs_make_one():
    assert two_hops([(1, 2), (2, 3), (3, 4)]) == ([(1, 3), (2, 4)], [])


def test_contradictions_are_not_inferred():
    assert two_hops([(1, 2), (2, 3), (3, 1)]) == ([], [(1, 3), (2, 1), (3, 2)])
    assert two_hops([(1, 2), (2, 3)], {frozenset((1, 3))}) == ([], [(1, 3)])
