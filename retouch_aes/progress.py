"""How long work says how far it is: one callback everywhere, `progress(stage, done, of)`.

    def progress(stage, done, of):
        print(f"{stage}: {done} of {of}")

    learn(answers, "photos/", progress=progress)

A callback may raise to stop the work. Trainings tell their losses too, by
`optim.training_loop.TrainingProgress`.
"""

from typing import Protocol


class Progress(Protocol):
    """Takes the name of a stage, how many of its steps are done, counted from 1, and how many there are."""

    def __call__(self, stage: str, done: int, of: int, /) -> None:
        """Take one report; raise to stop the work."""


def silent(stage: str, done: int, of: int, /) -> None:
    """A `Progress` that says nothing."""
