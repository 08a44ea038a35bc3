"""What commands with a page have in common: their extra, who may look, and where the page is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.optional_value import OptionalValue
from retouch_aes.errors import MissingExtraError

if TYPE_CHECKING:
    from retouch_aes.web.server import ServerSocket

FOUND = "found"

serving = options.together(
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=0,
        show_default=True,
        help="Of the page on this machine; 0 takes any that is free.",
    ),
    click.option(
        "--share",
        cls=OptionalValue,
        flag_value=FOUND,
        metavar="[ADDRESS]",
        help="Also serve the page to your local network, as for a phone, at ADDRESS or at the one that this "
        "machine has there. Whoever knows the printed address sees your photos and can answer; nothing is "
        "encrypted: at home only.",
    ),
    click.option("--no-browser", is_flag=True, help="Only print the address."),
)


@contextmanager
def extra(command: str) -> Iterator[None]:
    """Say which extra is missing where the packages of a page are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        raise MissingExtraError(f"the page of `{command}`", "web") from error


def address(share: str | None) -> str:
    """The address that `--share` means; "" for none."""
    if share != FOUND:
        return share or ""
    from retouch_aes.web.server import network_address

    return network_address()


def told(what: str, door: "ServerSocket", *, browser: bool) -> None:
    """Say where the page is, and open it."""
    from retouch_aes.web.server import open_browser

    show.line(f"{what} {door.url}")
    if door.shared_url:
        show.line(f"On your network: {door.shared_url}")
        show.line("Whoever has that address sees these photos and can answer; it is not encrypted.", err=True)
    show.line("Ctrl-C ends it; every answer is saved at once.", err=True)
    if browser:
        open_browser(door.ticket_url)
