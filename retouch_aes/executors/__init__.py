"""Many jobs, somewhere: in this process, in several of this machine, on a Ray cluster."""

from retouch_aes.executors.executor import Executor, JobResult, in_order
from retouch_aes.executors.in_process import InProcess
from retouch_aes.executors.local_executor import LocalExecutor

__all__ = ["Executor", "InProcess", "JobResult", "LocalExecutor", "in_order"]
