"""Who is blamed for a worker that was lost."""

from retouch_aes.executors.retries import MACHINES, RETRIES, Queue


def queue(*jobs):
    return Queue(jobs, lambda job: f"{job} again")


def test_a_lost_job_comes_next_and_is_told_to_be_so():
    jobs = queue("a", "b")
    first = jobs.next(alone=True)
    assert (first.job, first.sent) == ("a", "a")
    assert jobs.tries_again(first, own=True)
    assert [jobs.next(alone=False).sent for _ in range(2)] == ["a again", "b"]
    assert jobs.next(alone=True) is None


def test_who_was_lost_too_often_waits_until_it_is_alone_and_is_then_given_up():
    jobs = queue("poison", *"bcdef")
    attempt = jobs.next(alone=True)
    for _ in range(RETRIES):
        assert jobs.tries_again(attempt, own=True)
        assert jobs.next(alone=False) is attempt
    assert jobs.tries_again(attempt, own=True)
    assert [jobs.next(alone=False).job for _ in "bcdef"] == list("bcdef")
    assert jobs.next(alone=False) is None
    assert jobs.next(alone=True) is attempt
    assert not jobs.tries_again(attempt, own=True)


def test_machines_that_go_are_not_the_fault_of_a_photo():
    jobs = queue("innocent")
    attempt = jobs.next(alone=True)
    for _ in range(RETRIES + 1 + MACHINES):
        assert jobs.tries_again(attempt, own=False)
        assert jobs.next(alone=True) is attempt
    assert not jobs.tries_again(attempt, own=False)  # it has brought down six
