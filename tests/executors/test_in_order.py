"""Results in the order of their jobs, and what a job raised, whoever does the work."""

import pytest
import torch
from workers import Backwards, Work

from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.executors import InProcess, JobResult, LocalExecutor, in_order
from retouch_aes.executors.executor import portable
from retouch_aes.photo import read


def test_results_come_in_the_order_of_jobs():
    results = list(in_order(Backwards(), Work(), [3, "raise", 1, 2]))
    assert [result.job for result in results] == [3, "raise", 1, 2]
    assert [result.value for result in results] == [9, None, 1, 4]
    assert results[1].error == "no such number"


def test_what_a_job_raised_is_raised_in_the_end():
    here = list(in_order(InProcess(), read, ["nowhere.jpg"]))
    there = list(in_order(LocalExecutor(1), read, ["nowhere.jpg"]))
    for [result] in (here, there):
        with pytest.raises(PhotoError, match=r"nowhere\.jpg: there is no such file"):
            result.got()
    with pytest.raises(RetouchError, match="its worker ended"):
        JobResult("a.jpg", error="its worker ended", lost=True).got()


class Odd(Exception):
    def __init__(self, one, two):
        super().__init__(one + two)


def test_what_cannot_travel_goes_as_text():
    assert portable(Odd("a", "b")) is None
    assert portable(UsageError("expected this")) is not None


def test_jobs_here_have_the_threads_asked_for_and_those_around_keep_theirs():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        results = InProcess(threads=1).map(lambda _: torch.get_num_threads(), range(2))
        assert next(results).value == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    with pytest.raises(UsageError, match="1 or more"):
        InProcess(threads=0)


def test_closing_closes_what_works():
    executor = Backwards()
    results = in_order(executor, Work(), [1, 2])
    next(results)
    results.close()
    assert executor.closed == 1
