"""Many photos: what a worker does with one, the manifest by which a run resumes."""

from retouch_aes.batch.groups import group_by_time
from retouch_aes.batch.manifest import Manifest
from retouch_aes.batch.run import BatchRun
from retouch_aes.batch.worker import BatchItem, RetouchWorker
from retouch_aes.executors import Executor, JobResult, LocalExecutor

__all__ = [
    "BatchItem",
    "BatchRun",
    "Executor",
    "JobResult",
    "LocalExecutor",
    "Manifest",
    "RetouchWorker",
    "group_by_time",
]
