"""`retouch-aes taste info`."""

from dataclasses import asdict
from pathlib import Path

import click

from retouch_aes.cli import options, show


@click.command()
@click.argument("taste", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.json
@options.overwrite
def command(taste: Path, json: str | None, overwrite: bool) -> int:
    """Say what a taste rests on, what it was learned from, and how sure it is.

    \b
    retouch-aes taste info me.taste
    """
    from retouch_aes.cli.taste.describe import lines
    from retouch_aes.models import bundled, holds_model, load_model, read_header
    from retouch_aes.taste.gp.opinions import slider_opinions
    from retouch_aes.taste.gp.taste import GPTaste

    if holds_model(taste):
        header = read_header(taste)
        show.report_json(asdict(header), json, overwrite=overwrite)
        if json != options.STDOUT:
            show.line(
                f"a whole model ({header.model}, version {header.version}) made on {header.card.created}"
            )
            show.line(header.card.provenance)
            for name, value in header.card.metrics.items():
                show.line(f"{name.replace('_', ' ')}: {value:.2f}")
        return 0
    found = GPTaste.load(taste)
    card = found.card
    said = {**card.to_json(), "best_look": found.adjustment.best_style}
    if found.evidence is not None:
        said["sliders"] = [asdict(one) for one in slider_opinions(found.adjustment, found.evidence)]
    show.report_json(said, json, overwrite=overwrite)
    if json == options.STDOUT:
        return 0
    for line in lines(found):
        show.line(line)
    show.line(f"rests on the model {card.model}, fingerprint {card.fingerprint}; made on {card.created}")
    if card.model in bundled() and (now := load_model(card.model).fingerprint) != card.fingerprint:
        show.line(f"the bundled {card.model} is another version ({now}): learn it again from the choices")
    return 0
