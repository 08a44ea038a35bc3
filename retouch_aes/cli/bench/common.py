"""What the benchmarks share: their methods, their photos, and how a report is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.run_jobs import failed, run_jobs
from retouch_aes.errors import RetouchError

if TYPE_CHECKING:
    import torch

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
            found["prior alone"] = prior_alone(self.prior, operators=retoucher.names, device=self.device)
        return found

    def score(self, image: "torch.Tensor") -> "torch.Tensor":
        """Scores `(B,)` of `(B, 3, H, W)`, wherever the image is."""
        import torch

        with torch.no_grad():
            scores: torch.Tensor = self.model(image.to(self.device))
        return scores.to(image)


def sound_photos(folder: Path, limit: int | None) -> tuple[list[Path], int]:
    """The photos of `folder` that can be read, and 1 where one could not (it is told), else 0."""
    from retouch_aes.cli import output_paths
    from retouch_aes.photo import read

    paths = [item.path for item in output_paths.find([folder])][:limit]
    records = run_jobs("opening", paths, lambda path: path, lambda path: {"pixels": read(path).width})
    return [path for path, record in zip(paths, records, strict=True) if "error" not in record], failed(
        records
    )


def check_places(
    json: str | None, markdown: Path | None, overwrite: bool, gallery: Path | None = None
) -> None:
    """Raise before any work unless the reports can be written and the gallery is empty or to be replaced."""
    from retouch_aes.cli import output_paths

    output_paths.check_reports(show.files(json, markdown), [], overwrite)
    if gallery is not None and gallery.is_dir() and any(gallery.iterdir()) and not overwrite:
        raise RetouchError(f"{gallery} is not empty; choose another folder, or --overwrite")


def publish(
    report: "Report", candidate: Candidate, json: str | None, markdown: Path | None, overwrite: bool
) -> None:
    """Show the tables (unless stdout is for JSON) and write the files."""
    made_by = {**candidate.names, "fingerprint": candidate.model.fingerprint}
    publish_by(report, made_by, json, markdown, overwrite)


def publish_by(
    report: "Report", made_by: dict[str, str], json: str | None, markdown: Path | None, overwrite: bool
) -> None:
    """The same for a report that was `made_by` something else than a `Candidate`."""
    from retouch_aes import __version__

    if json != options.STDOUT:
        show_report(report)
    value = {**report.to_json(), "made_by": {**made_by, "version": __version__}}
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
