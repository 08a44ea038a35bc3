"""`retouch-aes bench one-pass`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common


@click.command()
@options.photo_folder
@click.option(
    "--fast",
    "network",
    required=True,
    metavar="FILE",
    help="What `train one-pass` made for it.",
)
@options.editing_model
@options.taste
@options.prior
@options.device
@options.steps
@options.seed
@options.proxy
@options.limit
@common.reported
def command(
    folder: Path,
    network: str,
    model: str,
    taste: Path | None,
    prior: str,
    device: str,
    steps: int | None,
    seed: int,
    proxy: int,
    limit: int | None,
) -> common.Measured:
    """One-pass retouching against a search.

    How much of the solver's gain does the one-pass retoucher reach on photos it has not seen, and in what
    share of the time?

    \b
    retouch-aes bench one-pass --photos unseen/ --taste me.taste --fast me.fast.safetensors
    """
    from retouch_aes.bench.editing.one_pass import one_pass
    from retouch_aes.editing.solve import RetouchSettings
    from retouch_aes.models.edit_prior import load_prior
    from retouch_aes.pipeline import Retoucher
    from retouch_aes.taste import load_taste

    candidate = common.Candidate.load(model, prior, device)
    retoucher = Retoucher(
        candidate.model,
        taste=None if taste is None else load_taste(taste),
        prior=candidate.prior,
        settings=RetouchSettings(proxy=proxy, solver=loading.solver(steps), seed=seed),
    )
    fast = load_prior(network).to(candidate.device)
    photos, code = common.sound_photos(folder, limit)
    with show.bar() as progress:
        report = one_pass(
            photos,
            retoucher,
            fast,
            seed=seed,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by, code)
