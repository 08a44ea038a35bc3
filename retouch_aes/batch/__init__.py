"""Many photos: jobs and results, local and Ray executors, the manifest by which a run resumes."""

from retouch_aes.batch.executor import Executor, JobResult
from retouch_aes.batch.groups import group_by_time
from retouch_aes.batch.local_executor import LocalExecutor
from retouch_aes.batch.manifest import Manifest
from retouch_aes.batch.run import BatchRun
from retouch_aes.batch.worker import BatchItem, RetouchWorker

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
