"""The same on a real Ray cluster of this machine."""

import os
from pathlib import Path

import pytest
from workers import Deaths, Work

pytest.importorskip("ray")

from retouch_aes.batch import LocalExecutor
from retouch_aes.executors.ray_executor import RayExecutor

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


@pytest.fixture(scope="module")
def cluster():
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        address="local",  # whatever other tests have started on this machine
        num_cpus=3,
        log_to_driver=False,
        include_dashboard=False,
        configure_logging=False,
        runtime_env={"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}},
    )
    yield
    ray.shutdown()


def test_the_results_are_those_of_local_workers(cluster) -> None:
    jobs = [1, 2, "raise", 3, 4, 5]
    results = [
        sorted((str(result.job), result.value, result.error) for result in executor.map(Work(), jobs))
        for executor in (RayExecutor(workers=3), LocalExecutor(workers=2))
    ]
    assert results[0] == results[1]


def test_a_killed_worker_is_survived(cluster, tmp_path) -> None:
    results = {
        result.job: result for result in RayExecutor(workers=2).map(Work(str(tmp_path)), [2, "die once", 3])
    }
    assert results["die once"].value == "lived"
    assert (tmp_path / "died").exists()
    assert (results[2].value, results[3].value) == (4, 9)


def test_what_always_dies_or_hangs_is_told(cluster) -> None:
    results = {
        result.job: result for result in RayExecutor(workers=3, time_limit=20).map(Work(), ["die", "hang", 2])
    }
    assert results[2].value == 4
    assert "lost" in results["die"].error
    assert "limit of 20 s" in results["hang"].error


def test_a_job_that_left_its_result_behind_is_tried_again_as_one_that_may_replace_it(cluster, tmp_path):
    jobs = [("once", 1, False), ("thrice", 3, False), ("always", 99, False), ("never", 0, False)]
    found = RayExecutor(workers=2).map(Deaths(str(tmp_path)), jobs)
    results = {result.job[0]: result for result in found}
    assert {name: result.value for name, result in results.items()} == {
        **dict.fromkeys(("once", "thrice", "never"), "lived"),
        "always": None,
    }
    assert results["always"].error.startswith("its worker was lost 4 times")
    assert results["always"].job == jobs[2]
    assert (tmp_path / "always.deaths").read_text() == "x" * 4
