"""A thread that decodes leaves the warning filters of every other thread alone."""

import threading
import types
import warnings

import pytest

from retouch_aes.errors import PhotoWarning
from retouch_aes.photo.guard import quiet

pillow = types.ModuleType("PIL.SomePlugin")
exec("import warnings\ndef complain():\n    warnings.warn('odd metadata')\n", pillow.__dict__)


class Decoding:
    """A thread that is inside `quiet` from `begin` to `end`."""

    def __init__(self) -> None:
        self._inside, self._leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._decode)

    def _decode(self) -> None:
        with quiet():
            self._inside.set()
            self._leave.wait(10)
            pillow.complain()

    def begin(self) -> None:
        self._thread.start()
        self._inside.wait(10)

    def end(self) -> None:
        self._leave.set()
        self._thread.join(10)


def test_a_decoder_that_ends_meanwhile_puts_no_old_filters_back():
    decoding = Decoding()
    decoding.begin()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PhotoWarning)
        decoding.end()
        warnings.warn("the file is damaged", PhotoWarning, stacklevel=1)  # an error, were the filter gone


def test_a_decoder_that_outlives_the_filters_leaves_none_of_them():
    decoding = Decoding()
    with quiet():  # as after any photo
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PhotoWarning)
        decoding.begin()
    with pytest.raises(PhotoWarning):
        warnings.warn("the file is damaged", PhotoWarning, stacklevel=1)
    decoding.end()
    with pytest.raises(PhotoWarning):
        warnings.warn("the file is damaged", PhotoWarning, stacklevel=1)


def test_pillow_is_silent_inside_and_in_that_thread_only():
    decoding = Decoding()
    decoding.begin()
    with pytest.raises(UserWarning, match="odd metadata"):
        pillow.complain()
    with quiet():
        with quiet():
            pillow.complain()
        pillow.complain()
        with pytest.raises(UserWarning, match="ours"):
            warnings.warn("ours", stacklevel=1)
    decoding.end()
    with pytest.raises(UserWarning, match="odd metadata"):
        pillow.complain()


def test_the_filter_is_there_once():
    with warnings.catch_warnings():
        for _ in range(3):
            warnings.simplefilter("always")
            with quiet():
                count = len(warnings.filters)
        with warnings.catch_warnings(record=True) as told, quiet():
            warnings.simplefilter("always")
            with quiet():
                pillow.complain()
        assert not told
        assert len(warnings.filters) == count
