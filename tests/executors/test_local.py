"""Local workers: every job has a result, whatever becomes of its worker."""

import multiprocessing
from itertools import count

import pytest
from workers import Deaths, Work

from retouch_aes.batch import LocalExecutor
from retouch_aes.errors import UsageError


def test_every_job_has_a_result_and_a_bad_one_ends_nothing() -> None:
    jobs = [1, "raise", 2, "die", 3, "hang", 4]
    results = list(LocalExecutor(workers=2, time_limit=2.0).map(Work(), jobs))
    assert {result.job: result.value for result in results if not result.error} == {1: 1, 2: 4, 3: 9, 4: 16}
    wrong = {result.job: result for result in results if result.error}
    assert wrong["raise"].error == "no such number"
    assert "ended (exit code -9), and did so again" in wrong["die"].error
    assert "limit of 2 s" in wrong["hang"].error
    assert [wrong[job].lost for job in ("raise", "die", "hang")] == [False, True, True]
    assert not multiprocessing.active_children()


def test_a_worker_that_died_costs_no_job(tmp_path) -> None:
    results = {result.job: result for result in LocalExecutor(2).map(Work(str(tmp_path)), [2, "die once", 3])}
    assert (tmp_path / "died").exists()
    assert {job: result.value for job, result in results.items()} == {2: 4, "die once": "lived", 3: 9}
    assert not multiprocessing.active_children()


def test_a_job_is_tried_once_more_alone_as_one_that_may_replace_its_result_and_then_named(tmp_path) -> None:
    jobs = [("once", 1, False), ("always", 99, False), ("never", 0, False)]
    with LocalExecutor(workers=2).standing() as crew:
        results = {result.job[0]: result for result in crew.map(Deaths(str(tmp_path)), jobs)}
        assert [results[name].value for name in ("once", "never")] == ["lived", "lived"]
        assert results["always"].lost
        assert results["always"].job == jobs[1]
        assert (tmp_path / "always.deaths").read_text() == "xx"
        [after] = crew.map(Deaths(str(tmp_path)), [("after", 0, False)])
        assert after.value == "lived"


def test_jobs_are_taken_as_they_are_needed_and_closing_ends_the_workers() -> None:
    taken = count()
    results = LocalExecutor(workers=1).map(Work(), (next(taken) for _ in range(1000)))
    assert next(results).value == 0
    results.close()
    assert next(taken) < 5
    assert not multiprocessing.active_children()


def test_no_jobs_start_no_worker() -> None:
    assert list(LocalExecutor(workers=2).map(Work(), [])) == []


@pytest.mark.parametrize("settings", [{"workers": 0}, {"threads": 0}])
def test_a_crew_of_none_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        LocalExecutor(**settings)
