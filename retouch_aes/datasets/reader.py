"""`DatasetReader`: what a published layout has to say to be read by name."""

from abc import ABC, abstractmethod
from typing import ClassVar

from retouch_aes.datasets.rated_dataset import RatedDataset


class DatasetReader(ABC):
    """A frozen dataclass whose first field is the `folder`, the others options with defaults.

    `short_name` is what users type, `title` what tables show, `layout` the files expected in the folder, one
    a line, and `source` where they are to be had under their owners' terms.
    """

    short_name: ClassVar[str]
    title: ClassVar[str]
    layout: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def read(self) -> RatedDataset:
        """The dataset. What does not fit is in its `skipped`; `DatasetError` only where nothing is left."""
