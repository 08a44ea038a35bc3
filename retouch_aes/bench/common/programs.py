"""The command lines of other photo programs that edit unasked."""

from pathlib import Path

_AUTO_EXPOSURE = "[Version]\nAppVersion=5.9\nVersion=349\n\n[Exposure]\nAuto=true\nClip=0.02\n"


def write_auto_exposure(profile: Path) -> None:
    """RawTherapee's processing profile of its automatic exposure alone."""
    profile.write_text(_AUTO_EXPOSURE)


def rawtherapee(program: str, source: Path, target: Path, profile: Path, quality: int) -> list[str]:
    """`rawtherapee-cli`: `source` with `profile` to the JPEG `target`, which it replaces; colours in full."""
    ends = ["-o", str(target), "-Y", "-a", "-p", str(profile)]
    return [program, *ends, f"-j{quality}", "-js3", "-c", str(source)]


def darktable(program: str, source: Path, target: Path, own: Path) -> list[str]:
    """`darktable-cli`: `source` as it opens it, to `target`, which must not exist; its files lie in `own`."""
    folders = ["--configdir", str(own), "--cachedir", str(own), "--library", ":memory:"]
    return [program, str(source), str(target), "--core", *folders]
