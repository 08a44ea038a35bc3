"""The pages that are killed while somebody clicks: `rank` and `review`."""

import contextlib
import http.client
import json
import os
import select
from collections.abc import Callable
from pathlib import Path
from random import Random

from kill_world import Over, Scenario, World, hash_of

from retouch_aes.append_log import read_log
from retouch_aes.batch.made import read_made
from retouch_aes.preferences import read_answers
from retouch_aes.preferences.answers import Choice
from retouch_aes.web.rank import RankSettings, rank
from retouch_aes.web.review import ReviewSettings, open_review, review
from retouch_aes.web.review_log import NAME as REVIEWS
from retouch_aes.web.server import ServerSocket

PROBLEMS = (OSError, http.client.HTTPException, ValueError, KeyError, IndexError)
PAGE = 4.0  # seconds for which a page lives at most


class Visitor:
    """Who opens the page that tells its address on the pipe, and asks it until it is dead."""

    def __init__(self, reading: int, over: Over) -> None:
        address = b""
        while not over() and not address.endswith(b"\n"):
            if select.select([reading], [], [], 0.01)[0]:
                address += os.read(reading, 4096)
        self.port, _, self.token = address.decode().strip().partition(" ")

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """The content of an answer; `ValueError` where it is not 200."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=5)
        headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.port}"}
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/{self.token}/{path}", text, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise ValueError(answer.status)
            return content
        finally:
            connection.close()


def address_to(pipe: int) -> Callable[[ServerSocket], None]:
    """What tells the visitor where the page is."""

    def announce(door: ServerSocket) -> None:
        os.write(pipe, f"{door.port} {door.token}\n".encode())

    return announce


class Ranking:
    """`rank` on the photos: answers that were confirmed are there for ever."""

    def __init__(self, world: World) -> None:
        self.photos, self.choices = world.photos, world.folder / "rank.jsonl"

    def scenario(self) -> Scenario:
        """What is killed."""
        return Scenario("rank", self.serve, self.check, 2, self.clicks, PAGE)

    def serve(self, pipe: int) -> None:
        """The page."""
        tell = address_to(pipe)
        rank(self.photos, self.choices, RankSettings(budget=1000), announce=lambda _, door: tell(door))

    def clicks(self, reading: int, over: Over) -> bytes:
        """Answer cards; how many answers are confirmed by now, as text."""
        visitor, count = Visitor(reading, over), _count(self.choices)
        while not over():
            with contextlib.suppress(*PROBLEMS):
                state = json.loads(visitor.ask("GET", "api/state?side=200&wait=1"))
                over()
                visitor.ask("POST", "api/answer", {"card": state["cards"][0]["number"], "verdict": "left"})
                count += 1
        return str(count).encode()

    def check(self, told: bytes) -> None:
        """No confirmed answer is missing."""
        assert _count(self.choices) >= int(told or b"0")


class Reviewing:
    """`review` on a finished batch: verdicts that were confirmed stand, and the next start obeys them."""

    def __init__(self, world: World, in_fork: Callable[[Callable[[], None]], None], random: Random) -> None:
        self.out, self.choices = world.folder / "reviewed", world.folder / "reviewed.answers.jsonl"
        self.world, self.in_fork, self.random = world, in_fork, random
        if not self.out.exists():
            in_fork(lambda: world.batch(world.photos, self.out))

    def scenario(self) -> Scenario:
        """What is killed."""
        return Scenario("review", self.serve, self.check, 4, self.clicks, PAGE)

    def serve(self, pipe: int) -> None:
        """The page."""
        review(self.out, self.choices, ReviewSettings(), announce=address_to(pipe))

    def clicks(self, reading: int, over: Over) -> bytes:
        """Keep, correct, reject, take back; how many lines of verdicts are confirmed by now, as text."""
        visitor, count = Visitor(reading, over), len(_verdicts(self.out))
        while not over():
            with contextlib.suppress(*PROBLEMS):
                place = self.random.randrange(8)
                turn = self.random.choice(("keep", "correct", "correct", "reject", "undo"))
                if turn == "undo":
                    count += json.loads(visitor.ask("POST", "api/undo", {}))["place"] >= 0
                    continue
                about: dict[str, object] = {"place": place, "verdict": "keep" if turn == "correct" else turn}
                if turn == "correct":
                    about["values"] = {"exposure.ev": round(self.random.uniform(-0.5, 0.5), 3)}
                visitor.ask("POST", "api/judge", about)
                count += 1
        return str(count).encode()

    def check(self, told: bytes) -> None:
        """No verdict is missing; nothing is cut; and after the next start results and answers follow."""
        assert len(_verdicts(self.out)) >= int(told or b"0")
        self.world.whole(self.out)
        self.in_fork(self.goes_on)

    def goes_on(self) -> None:
        """Open it again, wait, and compare."""
        session = open_review(read_made(self.out), self.out, self.choices, ReviewSettings())
        left, (_, failures) = session.writer.finish(60), session.writer.state()
        assert left == 0, left
        assert failures == {}, failures
        found = {one.key: one for one in read_made(self.out).results}
        wanted = {item.made.key: session._wanted(item) for item in session.items}
        judged = sum(verdict != "." for verdict in session.state()["verdicts"])
        session.close()
        for key, recipe in wanted.items():
            assert found[key].recipe.effective().steps == recipe.effective().steps, key
            assert hash_of(found[key].output) == found[key].made, key
        about = {one.winner.photo for one in read_answers(self.choices) if isinstance(one, Choice)}
        assert len(about) <= judged, (about, judged)


def _count(choices: Path) -> int:
    return len(read_answers(choices)) if choices.exists() else 0


def _verdicts(out: Path) -> list[object]:
    lines = read_log(out / REVIEWS, "result").objects if (out / REVIEWS).exists() else []
    return [line for _, line in lines if "verdict" in line]
