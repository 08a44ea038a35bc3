"""Jobs whose files are elsewhere, on a store in memory."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from retouch_aes.errors import PhotoError, RetouchError
from retouch_aes.executors import Executor, InProcess, JobResult
from retouch_aes.remote.fetching import FetchingExecutor
from retouch_aes.remote.other_names import is_address, renamed
from retouch_aes.remote.shadow import Shadow
from retouch_aes.remote.store import Store, local_path

fsspec = pytest.importorskip("fsspec")


@dataclass(frozen=True)
class Job:
    photo: Path
    output: Path
    note: str = ""


@pytest.fixture
def ends(tmp_path):
    """Two shadows, of three files and of an empty folder."""
    memory = fsspec.filesystem("memory")
    for name, content in (("a.txt", b"aa"), ("day 1/b.txt", b"bbb"), ("c.txt", b"c")):
        memory.pipe_file(f"/store/in/{name}", content)
    shadows = [Shadow(Store(f"memory://store/{end}"), tmp_path / end) for end in ("in", "in2")]
    for shadow in shadows:
        shadow.root.mkdir()
        shadow.lay_out()
    yield shadows
    memory.rm("/store", recursive=True)


def jobs(ends) -> list[Job]:
    source, target = ends
    photos = sorted(source.root.rglob("*.txt"))
    return [Job(photo, target.root / photo.relative_to(source.root), note=f"see {photo}") for photo in photos]


def doubled(job: Job) -> dict:
    content = job.photo.read_bytes()
    if content == b"c":
        raise PhotoError(f"{job.photo}: too short")
    job.output.parent.mkdir(parents=True, exist_ok=True)
    job.output.write_bytes(2 * content)
    return {"photo": str(job.photo), "note": job.note, "places": [job.output]}


def test_a_shadow_has_names_and_sizes(ends):
    source = ends[0]
    sizes = {
        path.relative_to(source.root).as_posix(): path.stat().st_size for path in source.root.rglob("*.txt")
    }
    assert sizes == {"a.txt": 2, "day 1/b.txt": 3, "c.txt": 1}
    assert len(set(source.stamps.values())) == 3


def test_photos_are_fetched_results_put_and_names_kept(ends):
    source, target = ends
    stamps: dict[str, str] = {}
    executor = FetchingExecutor(InProcess(), [source], [target], stamps=stamps)
    found = {result.job.photo.name: result for result in executor.map(doubled, jobs(ends))}
    assert found["b.txt"].value == {
        "photo": str(source.root / "day 1/b.txt"),
        "note": f"see {source.root / 'day 1/b.txt'}",
        "places": [target.root / "day 1/b.txt"],
    }
    assert fsspec.filesystem("memory").cat_file("/store/in2/day 1/b.txt") == b"bbbbbb"
    assert found["c.txt"].error == f"{source.root / 'c.txt'}: too short"
    assert isinstance(found["c.txt"].cause, PhotoError)
    assert set(stamps) == {str(end.root / name) for end in ends for name in ("a.txt", "day 1/b.txt")}


def test_what_is_known_is_not_sent(ends):
    class Watched(Executor):
        def __init__(self):
            self.sent = []

        def map(self, function, jobs):
            for job in jobs:
                self.sent.append(job.job.photo.name)
                yield JobResult(job, function(job))

    watched = Watched()
    executor = FetchingExecutor(
        watched, ends[:1], ends[1:], known=lambda job: None if job.photo.name == "b.txt" else "known"
    )
    values = {result.job.photo.name: result.value for result in executor.map(doubled, jobs(ends))}
    assert watched.sent == ["b.txt"]
    assert (values["a.txt"], values["c.txt"]) == ("known", "known")
    everything = FetchingExecutor(watched, ends[:1], ends[1:], known=lambda _: "known")
    assert [result.value for result in everything.map(doubled, jobs(ends))] == ["known"] * 3
    assert watched.sent == ["b.txt"]


def test_a_result_of_somebody_else_is_left_alone_but_not_one_of_a_lost_worker(ends):
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/store/in2/a.txt", b"somebody's")  # since it was listed

    class TwiceLost(Executor):
        def map(self, function, jobs):
            for job in jobs:
                yield JobResult(job, function(function.again(job)))

    [first] = FetchingExecutor(InProcess(), ends[:1], ends[1:]).map(doubled, jobs(ends)[:1])
    assert "exists already" in first.error
    assert memory.cat_file("/store/in2/a.txt") == b"somebody's"
    [again] = FetchingExecutor(TwiceLost(), ends[:1], ends[1:]).map(doubled, jobs(ends)[:1])
    assert not again.error
    assert memory.cat_file("/store/in2/a.txt") == b"aaaa"


def test_a_file_that_changes_while_it_is_fetched_is_not_used(ends, monkeypatch, tmp_path):
    def half(system, remote, place):
        Path(place).write_bytes(b"a")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "get_file", half)
    with pytest.raises(RetouchError, match="cut short"):
        ends[0].store.fetch("a.txt", tmp_path / "a.txt")


def test_names_that_no_file_can_have_are_left_out(tmp_path):
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/odd/a.txt", b"a")
    memory.pipe_file(f"/odd/{'n' * 300}.txt", b"a")
    shadow = Shadow(Store("memory://odd"), tmp_path)
    shadow.lay_out()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert len(shadow.left_out) == 1
    memory.rm("/odd", recursive=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/t/in/a.jpg: no", "s3://b/in/a.jpg: no"),
        ("/t/in2/a.jpg", "/t/in2/a.jpg"),
        ("/t/in/out/a.jpg and '/t/in'", "s3://b/done/a.jpg and 's3://b/in'"),
    ],
)
def test_folders_are_called_by_their_address(text, said):
    assert renamed(text, {"/t/in": "s3://b/in", "/t/in/out": "s3://b/done"}) == said


def test_addresses():
    assert is_address("s3://bucket/a")
    assert is_address("memory://a")
    assert not any(map(is_address, ("C:\\photos", "photos", "/s3://a", Path("s3://a"), None)))
    assert local_path("file:///a%20b/c") == Path("/a b/c")
    assert local_path("s3://bucket") is None
