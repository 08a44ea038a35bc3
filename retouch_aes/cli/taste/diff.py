"""`retouch-aes taste diff`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

_SHOWN = 10


@click.command()
@click.argument("one", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("other", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("photos", type=click.Path(exists=True, path_type=Path))
@options.model
@options.device
@options.proxy
@options.json
@options.overwrite
def command(
    one: Path,
    other: Path,
    photos: Path,
    model: str,
    device: str,
    proxy: int,
    json: str | None,
    overwrite: bool,
) -> int:
    """Compare two tastes on a folder: how alike they rank it, and where they differ most.

    Spearman's rho is 1 where both rank the photos alike, 0 where their orders have nothing to do with each
    other, -1 where one is the other upside down. The table shows the photos whose places differ most: one
    and other are the scores (1 to 10) by the first and the second taste, place is where each puts the photo,
    1 for the best. Scores of two people are not on one scale; places are.

    \b
    retouch-aes taste diff me.taste you.taste holiday/
    """
    import numpy as np

    from retouch_aes.cli import output_paths
    from retouch_aes.cli.taste.describe import leaning
    from retouch_aes.pipeline import Scorer
    from retouch_aes.taste.gp.taste import GPTaste
    from retouch_aes.taste.gp.tuning import rank_correlation

    found = output_paths.find([photos])
    where = loading.pick_device(device)
    generic = loading.model(model, where)
    tastes = [GPTaste.load(path) for path in (one, other)]
    scorers = [Scorer(generic, taste, side=proxy) for taste in tastes]

    def both(item: output_paths.FoundPhoto) -> Record:
        first, second = (scorer(item.path).score for scorer in scorers)
        return {"one": first, "other": second}

    records = run_jobs("scoring", found, lambda item: item.path, both)
    scored = [record for record in records if "one" in record]
    first, second = (np.array([record[name] for record in scored]) for name in ("one", "other"))
    rho = rank_correlation(first, second) if len(scored) > 1 else None
    show.report_json({"rank_correlation": rho, "photos": records}, json, overwrite=overwrite)
    if json != options.STDOUT:
        for path, taste in zip((one, other), tastes, strict=True):
            show.line(f"{path} leans to: {leaning(taste)}")
        if rho is not None:
            show.line(f"they rank {len(scored)} photos alike with Spearman's rho {rho:.2f}")
        places = [1 + (-values).argsort().argsort() for values in (first, second)]
        order = np.argsort(-np.abs(places[0] - places[1]))[:_SHOWN]
        rows = [
            [f"{first[i]:.2f}", f"{second[i]:.2f}", *(str(place[i]) for place in places), scored[i]["path"]]
            for i in order
        ]
        columns = ["one", "other", "place (one)", "place (other)", "photo"]
        show.table(columns, rows, title="Ranked most differently", right=4)
    return failed(records)
