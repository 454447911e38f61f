"""The command ``schema``."""

from __future__ import annotations

import json
from importlib import resources

import click

from conformance.cli import completions, output

IN_STORE = {"manifest": "manifest.schema.json", "negative": "negative/schema.json"}
"""The schemas in the golden store, by name."""

IN_PACKAGE = {
    "report": "report/schema.json",
    "merged": "report/merged.schema.json",
    "grid": "interop/schema.json",
    "inspect": "inspection/schema.json",
    "protocol": "subjects/external/protocol.schema.json",
}
"""The schemas in the package ``conformance``, by name."""


@click.command(epilog=output.examples("schema", "schema report > report.schema.json"))
@click.argument("name", required=False, shell_complete=completions.schemas)
@output.json_option
def schema(name: str | None, as_json: bool) -> None:
    """Print the JSON Schema (2020-12) of a document; without NAME, list the names.

    Documents are the manifest of the golden vectors, the report of a run, what inspect prints,
    and what else the list has. With --json, the list is an object with a title for each name; a
    schema is JSON with and without it.
    """
    try:
        found = _schemas()
    except OSError as error:
        output.exit_with_error(f"{error.filename}: cannot be read: {error.strerror}")
    if name is None and as_json:
        output.print_json({one: json.loads(text)["title"] for one, text in found.items()})
    elif name is None:
        width = max(map(len, found))
        for one, text in found.items():
            click.echo(f"{one:<{width}}  {json.loads(text)['title']}")
    elif name in found:
        click.echo(found[name], nl=False)
    else:
        output.exit_with_error(f"schema {name}: unknown name; expected one of {', '.join(found)}")


def _schemas() -> dict[str, str]:
    """Return the text of each schema that this edition has, by name."""
    from conformance.golden.files import Files
    from conformance.golden.store import root

    store, package = Files(root()), resources.files("conformance")
    found = {name: store.text(file) for name, file in IN_STORE.items() if file in store}
    for name, file in IN_PACKAGE.items():
        if (path := package.joinpath(file)).is_file():
            found[name] = path.read_text(encoding="utf-8")
    return found
