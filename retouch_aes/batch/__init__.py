"""Many photos: jobs and results, local and Ray executors, the manifest by which a run resumes."""

from retouch_aes.batch.executor import Executor, Result
from retouch_aes.batch.groups import by_time
from retouch_aes.batch.local import Local
from retouch_aes.batch.manifest import Manifest
from retouch_aes.batch.night import Night
from retouch_aes.batch.photographs import Develop, Item

__all__ = ["Develop", "Executor", "Item", "Local", "Manifest", "Night", "Result", "by_time"]
