"""Where the cache lies on each platform, and that nobody else reads it."""

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from retouch_aes.user_cache import cache_folder, user_cache

HOME, USERS = PurePosixPath("/home/me"), PureWindowsPath("C:/Users/me")


@pytest.mark.parametrize(
    ("platform", "environment", "home", "expected"),
    [
        ("linux", {}, HOME, PurePosixPath("/home/me/.cache/retouch_aes")),
        ("linux", {"XDG_CACHE_HOME": "/tmp/x"}, HOME, PurePosixPath("/tmp/x/retouch_aes")),
        ("linux", {"XDG_CACHE_HOME": "relative"}, HOME, PurePosixPath("/home/me/.cache/retouch_aes")),
        ("linux", {"RETOUCH_AES_CACHE": "/data"}, HOME, PurePosixPath("/data")),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, HOME, PurePosixPath("/home/me/Library/Caches/retouch_aes")),
        ("win32", {"LOCALAPPDATA": "D:/L"}, USERS, PureWindowsPath("D:/L/retouch_aes/Cache")),
        ("win32", {}, USERS, PureWindowsPath("C:/Users/me/AppData/Local/retouch_aes/Cache")),
    ],
)
def test_the_platforms_place(platform, environment, home, expected) -> None:
    assert cache_folder(platform, environment, home) == expected


@pytest.mark.skipif(os.name != "posix", reason="modes of folders are Unix")
def test_only_the_user_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETOUCH_AES_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir(mode=0o755)
    folder = user_cache("weights", "timm")
    assert folder == tmp_path / "cache" / "weights" / "timm"
    for one in (folder, folder.parent, tmp_path / "cache"):
        assert one.stat().st_mode & 0o777 == 0o700
