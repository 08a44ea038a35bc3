"""`retouch-aes bench score-folds`."""

from pathlib import Path

import click

from retouch_aes.cli import options, show


@click.command()
@click.option(
    "--ratings",
    "table",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns user,photo,rating; photo is relative to --photos.",
)
@click.option(
    "--photos",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the rated photos.",
)
@click.option(
    "--sights",
    "run",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The output folder of `train score`, which keeps what the trunk has seen of these photos.",
)
@click.option(
    "--nima", type=click.FloatRange(0), help="Fixed weight of NIMA's opinion; nothing is chosen then."
)
@click.option("--heads", type=click.IntRange(1), default=2, show_default=True, help="Averaged on each fold.")
@click.option(
    "--people",
    type=click.IntRange(1),
    help="Also say what answers of so many people, of the half that is not tuned on, add on each fold.",
)
@options.seed
def command(
    table: Path,
    folder: Path,
    run: Path,
    nima: float | None,
    heads: int,
    people: int | None,
    seed: int,
) -> int:
    """Fit the default score anew on four fifths of the themes and judge it on the fifth, five times.

    Settings are chosen on inner folds. Prints what was chosen, the agreement with people's ratings over all
    folds, and what the heads see of faults, edits and mirror images of photos they never saw.

    \b
    retouch-aes bench score-folds --ratings ratings.csv --photos photos/ --sights run/
    """
    from dataclasses import replace

    from rich import print as rich_print

    from retouch_aes.bench.scoring.generic import generic
    from retouch_aes.bench.scoring.personal_folds import personal_folds
    from retouch_aes.bench.scoring.score_folds import CANDIDATES, LIGHTS, score_folds
    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.taste.gp.people import RaterPopulation
    from retouch_aes.training.score.adapter_stage import photos_untaught
    from retouch_aes.training.score.sights import Sights
    from retouch_aes.training.score.trunk_head import TrunkHeadFitting
    from retouch_aes.training.score.worth import WorthFitting

    ratings = RatingsCSV(table, folder).read()
    sights = Sights.load(sorted(run.glob("sights/*.safetensors"))).symmetric()
    for file in sorted(run.glob("found*.safetensors")):
        sights = sights.and_also(Sights.load([file]))
    candidates = CANDIDATES if nima is None else (WorthFitting(nima=nima),)
    fitting = replace(TrunkHeadFitting(), heads=heads)
    untaught = photos_untaught(run)
    if untaught is not None:
        show.line(f"NIMA's order is judged on the {len(untaught)} photos that the adapters were not taught")
    result = score_folds(sights, ratings, fitting, untaught=untaught, candidates=candidates, seed=seed)
    for number, fold in enumerate(result.folds):
        chosen = f"nima {fold.chosen.nima:g}, people {fold.chosen.people:g} (out of {len(candidates)})"
        chosen = f"{chosen}, light {fold.light:g} (out of {len(LIGHTS)})"
        show.line(f"fold {number}: {chosen}, NIMA's order kept {fold.found['nima']:.3f}")
    scores = result.scores.double().numpy()
    report = generic(scores, ratings.user_index, ratings.photo_index, ratings.original, seed=seed)
    rich_print(report.table())
    for name, value in result.means().items():
        show.line(f"{name}: {value:.3f}")
    if people is not None:
        crowd = RaterPopulation.seen(ratings, result.features, result.scores)
        rich_print(personal_folds(crowd, result.fold_of.numpy(), tested=people, seed=seed).table())
    return 0
