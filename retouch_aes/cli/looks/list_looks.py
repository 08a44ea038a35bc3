"""`retouch-aes looks list`: the looks that there are."""

import click

from retouch_aes.cli import show


@click.command()
def command() -> None:
    """List the looks that --look knows by name, and their files.

    They are recipes (NAME.json) and tastes (NAME.taste) in the folder `looks` where you stand, and in your
    own (~/.config/retouch_aes/looks, or $RETOUCH_AES_LOOKS).

    \b
    retouch-aes looks list
    """
    from retouch_aes.pipeline.look import looks, own_looks

    found = looks()
    for name, path in found.items():
        show.line(f"{name}\t{path}")
    if not found:
        show.line(f"no looks yet; `retouch-aes looks add FILE` puts one into {own_looks()}", err=True)
