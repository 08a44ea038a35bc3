"""What the benchmarks share: their methods, their photos, and how a report is written.

A benchmark's command is its own options and one call of the library. `reported` gives it `--json`,
`--markdown` and `--overwrite`, refuses before any work what could not be written, and publishes the report
that it returns:

    @click.command()
    @options.photo_folder
    @options.model
    @options.device
    @common.reported
    def command(folder: Path, model: str, device: str) -> common.Measured:
        candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
        photos, code = common.sound_photos(folder)
        with show.bar() as progress:
            report = stability(photos, candidate.score, progress=progress)
        return common.Measured(report, candidate.made_by, code)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import settings
from retouch_aes.cli.run_jobs import failed, run_jobs
from retouch_aes.errors import RetouchError

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from retouch_aes.bench.common.methods import Method
    from retouch_aes.bench.common.report import Report
    from retouch_aes.models import AestheticModel
    from retouch_aes.models.edit_prior import LearnedPrior


@dataclass(frozen=True)
class Candidate:
    """The model and prior under test, on their device."""

    model: "AestheticModel"
    prior: "LearnedPrior | None"
    device: "torch.device"
    names: dict[str, str]

    @staticmethod
    def load(model: str, prior: str, device: str) -> "Candidate":
        """By bundled names or files."""
        where = loading.pick_device(device)
        names = {"model": model, "prior": prior}
        return Candidate(loading.model(model, where), loading.prior(prior, where), where, names)

    @property
    def made_by(self) -> dict[str, str]:
        """What a report says that it measured."""
        return {**self.names, "fingerprint": self.model.fingerprint}

    def methods(
        self, operators: list[str] | None, side: int, seed: int, steps: int | None
    ) -> "dict[str, Method]":
        """Our methods by the names that tables show."""
        from retouch_aes.bench.common.ours import ours, prior_alone
        from retouch_aes.editing.solve import RetouchSettings
        from retouch_aes.pipeline import Retoucher

        settings = RetouchSettings(proxy=side, solver=loading.solver(steps), seed=seed)
        retoucher = Retoucher(self.model, prior=self.prior, operators=operators, settings=settings)
        found = {"retouch_aes": ours(retoucher)}
        if self.prior is not None:
            found["prior alone"] = prior_alone(self.prior, operators=retoucher.allowed, device=self.device)
        return found

    def score(self, image: "torch.Tensor") -> "torch.Tensor":
        """Scores `(B,)` of `(B, 3, H, W)`, wherever the image is."""
        import torch

        with torch.no_grad():
            scores: torch.Tensor = self.model(image.to(self.device))
        return scores.to(image)


def sound_photos(folder: Path, limit: int | None = None) -> tuple[list[Path], int]:
    """The photos of `folder` that can be read, and 1 where one could not (it is told), else 0."""
    from retouch_aes.cli import output_paths
    from retouch_aes.photo import read

    paths = [item.path for item in output_paths.find([folder])][:limit]
    records = run_jobs("opening", paths, lambda path: path, lambda path: {"pixels": read(path).width})
    return [path for path, record in zip(paths, records, strict=True) if "error" not in record], failed(
        records
    )


@dataclass(frozen=True)
class Measured:
    """What a benchmark's command returns: the report, what it was `made_by`, the exit code."""

    report: "Report"
    made_by: Mapping[str, str] = field(default_factory=dict)
    code: int = 0


def reported(command: Callable[..., Measured]) -> Callable[..., int]:
    """The options of a report over `command`, which is given `overwrite` where it takes that itself."""
    takes_overwrite = "overwrite" in signature(command).parameters

    @wraps(command)
    def run(json: str | None, markdown: Path | None, overwrite: bool, **given: Any) -> int:
        from retouch_aes.cli import output_paths

        output_paths.check_reports(show.files(json, markdown), [], overwrite)
        if takes_overwrite:
            given["overwrite"] = overwrite
        measured = command(**given)
        publish(measured, json, markdown, overwrite)
        return measured.code

    with_options: Callable[..., int] = settings.reports(run)
    return with_options


def check_gallery(gallery: Path | None, overwrite: bool) -> None:
    """Raise before any work unless the gallery is empty or to be replaced."""
    if gallery is not None and gallery.is_dir() and any(gallery.iterdir()) and not overwrite:
        raise RetouchError(f"{gallery} is not empty; choose another folder, or --overwrite")


def check_picture(output: Path | None, overwrite: bool) -> None:
    """Raise before any work unless a picture can be written to `output`, a PNG."""
    if output is not None and output.suffix.lower() != ".png":
        raise click.BadParameter(f"{output} does not end in .png.", param_hint="--output")
    from retouch_aes.cli import output_paths

    output_paths.check_reports(show.files(output), [], overwrite)


def save_picture(picture: "Image", output: Path, overwrite: bool) -> None:
    """Write a picture as PNG, whole or not at all."""
    from retouch_aes.atomic_io import replacing

    with replacing(output, overwrite=overwrite) as temporary:
        picture.save(temporary, "PNG")


def publish(measured: Measured, json: str | None, markdown: Path | None, overwrite: bool) -> None:
    """Show the tables (unless stdout is for JSON) and write the files."""
    from retouch_aes import __version__
    from retouch_aes.bench.common.machine import machine

    report = measured.report
    if json != options.STDOUT:
        show_report(report)
    made_by = {**measured.made_by, "version": __version__, **machine()}
    value = {**report.to_json(), "made_by": made_by}
    show.report_json(value, json, overwrite=overwrite)
    if markdown is not None:
        show.report_text(report.to_markdown().rstrip() + "\n", str(markdown), overwrite=overwrite)


def show_report(report: "Report") -> None:
    """The tables, for the terminal or as Markdown."""
    import sys

    if sys.stdout is not None and sys.stdout.isatty():
        from rich.console import Console

        Console().print(report.table())
    else:
        show.line(report.to_markdown().rstrip())


def chosen_operators(operators: Sequence[str] | None) -> list[str] | None:
    """The names given, checked; None stays None."""
    from retouch_aes.operators import select

    return None if operators is None else [operator.name for operator in select(operators)]
