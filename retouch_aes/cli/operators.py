"""`retouch-aes operators`: what an edit can be made of."""

import click

from retouch_aes.cli import options, show


@click.command()
@options.json
@options.overwrite
def command(json: str | None, overwrite: bool) -> None:
    """List operators, parameters and units.

    In the order of application. The last column names the functions of kornia that an operator stands on.

    \b
    retouch-aes operators
    retouch-aes operators --json
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.operators import installed

    output_paths.check_free(show.files(json), overwrite)
    found = installed().values()
    if json != options.STDOUT:
        rows = [
            [
                operator.name,
                param.name,
                f"{param.low:g} to {param.high:g}",
                param.unit,
                param.doc,
                "" if index else ", ".join(operator.kornia),
            ]
            for operator in found
            for index, param in enumerate(operator.params)
        ]
        show.table(["operator", "parameter", "range", "unit", "what it does", "kornia"], rows)
    value = [
        {
            "name": operator.name,
            "version": operator.version,
            "doc": operator.doc,
            "params": [dict(vars(param)) for param in operator.params],
            "kornia": list(operator.kornia),
        }
        for operator in found
    ]
    show.report_json(value, json, overwrite=overwrite)
