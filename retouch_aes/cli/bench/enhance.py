"""`retouch-aes bench enhance`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common, settings
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    import torch

    from retouch_aes.bench.common.methods import Method, Score
    from retouch_aes.bench.editing.enhance import EnhanceCase

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--pairs", multiple=True, type=_FOLDER, help="Photos with references (see `train enhancer`).")
@click.option("--brackets", type=_FOLDER, help="Exposure brackets with frames.csv.")
@click.option("--photos", multiple=True, type=_FOLDER, help="Photos without references. Repeatable.")
@click.option(
    "--enhancer",
    "names",
    multiple=True,
    metavar="[LABEL=]NAME|CLASS|FILE[,WEIGHTS]",
    help="A network to be measured, as for `enhance`, with its weights after a comma. Repeatable.",
)
@options.trust
@click.option(
    "--scorer", "others", multiple=True, metavar="NAME_OR_FILE", help="A further score, best a held-out one."
)
@click.option(
    "--lpips", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="SqueezeNet's weights."
)
@click.option("--no-retouch", is_flag=True, help="Leave our own search out; it takes longest.")
@click.option("--fast", metavar="FILE", help="Also our one-pass retoucher, which `train one-pass` made.")
@settings.search
@click.option(
    "--gallery", type=click.Path(file_okay=False, path_type=Path), help="Save a contact sheet per set there."
)
@options.limit
@common.reported
def command(
    pairs: tuple[Path, ...],
    brackets: Path | None,
    photos: tuple[Path, ...],
    names: tuple[str, ...],
    trust: bool,
    others: tuple[str, ...],
    lpips: Path | None,
    no_retouch: bool,
    fast: str | None,
    model: str,
    prior: str,
    device: str,
    operators: list[str] | None,
    steps: int | None,
    seed: int,
    side: int,
    gallery: Path | None,
    limit: int | None,
    overwrite: bool,
) -> common.Measured:
    """Compare enhancement networks.

    On pairs, exposure brackets and plain photos: PSNR, SSIM, Delta E 2000 and LPIPS where there is a
    reference, scores and seconds everywhere; beside doing nothing, Pillow and our own retouch. --limit is for
    each set.

    \b
    retouch-aes bench enhance --pairs fivek/ --enhancer lut3d,LUTs.pth --lpips squeezenet1_1.pth
    retouch-aes bench enhance --photos dark/ --enhancer before=zero-dce,Epoch99.pth \\
        --enhancer after=mine.safetensors --scorer held_out.safetensors
    """
    from retouch_aes.bench.common.baselines import BASELINES
    from retouch_aes.bench.editing.enhance import enhance
    from retouch_aes.losses import LPIPS

    common.check_gallery(gallery, overwrite)
    cases = _cases(pairs, brackets, photos, limit)
    chosen = common.chosen_operators(operators)
    candidate = common.Candidate.load(model, loading.NO_PRIOR if no_retouch else prior, device)
    methods: dict[str, Method] = {
        name: BASELINES[name] for name in ("identity", "autocontrast", "autocontrast (tone)")
    }
    methods |= _networks(names, candidate.device, trust)
    if not no_retouch:
        methods |= candidate.methods(chosen, side, seed, steps)
    if fast is not None:
        methods["one pass"] = _one_pass(fast, candidate.device)
    scorers: dict[str, Score] = {model: candidate.score}
    for name in others:
        judge = common.Candidate.load(name, loading.NO_PRIOR, device)
        scorers[Path(name).stem] = judge.score
    perceptual = None if lpips is None else LPIPS(lpips)
    with show.bar() as progress:
        report = enhance(
            cases,
            methods,
            scorers,
            perceptual=perceptual,
            seed=seed,
            side=side,
            progress=progress,
            gallery_dir=gallery,
        )
    return common.Measured(report, candidate.made_by)


def _cases(
    pairs: tuple[Path, ...], brackets: Path | None, photos: tuple[Path, ...], limit: int | None
) -> list["EnhanceCase"]:
    from retouch_aes.bench.editing.enhance import EnhanceCase, bracket_cases
    from retouch_aes.cli import output_paths
    from retouch_aes.datasets import read_pairs

    sets = [[EnhanceCase(folder.name, *pair) for pair in read_pairs(folder)] for folder in pairs]
    if brackets is not None:
        both = bracket_cases(brackets)
        sets += [[case for case in both if case.kind == kind] for kind in {case.kind: 0 for case in both}]
    sets += [
        [EnhanceCase(folder.name, found.path) for found in output_paths.find([folder])] for folder in photos
    ]
    if not sets:
        raise UsageError("expected at least one of --pairs, --brackets and --photos")
    return [case for one in sets for case in one[:limit]]


def _networks(names: tuple[str, ...], device: object, trust: bool) -> dict[str, "Method"]:
    from retouch_aes.bench.editing.enhance import method_of

    found: dict[str, Method] = {}
    for text in names:
        label, _, rest = text.rpartition("=")
        name, _, weights = rest.partition(",")
        file = Path(weights) if weights else None
        network = loading.enhancer(name, file, device, trust=trust)  # type: ignore[arg-type]
        label = label or (name if weights else Path(name).stem)
        if label in found:
            raise UsageError(f"two networks are called {label}; give LABEL=... before the second")
        found[label] = method_of(network, device)  # type: ignore[arg-type]
    return found


def _one_pass(fast: str, device: "torch.device") -> "Method":
    from retouch_aes.bench.common.ours import prior_alone
    from retouch_aes.models.edit_prior import load_prior

    network = load_prior(fast).requires_grad_(False).to(device)
    return prior_alone(network, operators=network.config["operators"], device=device)
