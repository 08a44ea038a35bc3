"""Every error this library raises on purpose, in one tree.

An error says what was expected, what came and what to do. The command line prints it without a traceback:
`UsageError` ends with exit code 2, every other `RetouchError` with 1.
"""


class RetouchError(Exception):
    """The root: catch this to catch everything the library raises on purpose.

    `UsageError`, `PhotoError`, `RecipeError`, `WeightsError`, `DatasetError` and `MissingExtraError`, in
    `retouch_aes.errors`, are kinds of it. Anything else that comes out of the library is a bug.

    Examples:
        >>> from retouch_aes import RetouchError, read
        >>> try:
        ...     read("nowhere.jpg")
        ... except RetouchError as error:
        ...     print(error)
        nowhere.jpg: there is no such file
    """


class UsageError(RetouchError, ValueError):
    """The caller asked for something that does not exist or does not fit: a name, a range, a shape."""


class PhotoError(RetouchError):
    """A file is not a photo this library can read or write."""


class RecipeError(RetouchError):
    """A recipe file is malformed, or names an operator or version that is not installed."""


class WeightsError(RetouchError):
    """A weight file is missing, damaged, or made for another model."""


class DatasetError(RetouchError):
    """A dataset folder does not follow its layout. Every problem found is listed."""


class MissingExtraError(RetouchError, ImportError):
    """An optional package is needed. The message carries the exact install line."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs an optional package: pip install 'retouch_aes[{extra}]'")


class RetouchWarning(UserWarning):
    """The root of what is told and goes on: the message names the file and what is wrong or left out."""


class PhotoWarning(RetouchWarning):
    """A photo was read or written, but not all of it, or it is damaged."""


class PluginWarning(RetouchWarning):
    """Something that another package adds could not be used and was left out."""


class ProgramWarning(RetouchWarning):
    """A file that is used runs as a program, not as weights alone: it should come from someone trusted."""
