"""Many jobs, somewhere: in this process, in several of this machine, on a Ray cluster.

Processes are imported when they are first used: one photo needs none.
"""

from typing import TYPE_CHECKING

from retouch_aes.executors.executor import Executor, JobResult, in_order
from retouch_aes.executors.in_process import InProcess
from retouch_aes.lazy_names import fetcher

if TYPE_CHECKING:
    from retouch_aes.executors.local_executor import LocalExecutor

__all__ = ["Executor", "InProcess", "JobResult", "LocalExecutor", "in_order"]

__getattr__ = fetcher(__name__, globals(), {"LocalExecutor": "retouch_aes.executors.local_executor"})
