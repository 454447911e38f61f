"""The command ``completion``."""

from __future__ import annotations

import click

from conformance.cli import output

VARIABLE = "_DFPY_CONFORMANCE_COMPLETE"
"""The variable by which a shell's script asks for completions."""

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=output.examples(
        "completion bash > ~/.local/share/bash-completion/completions/dfpy-conformance",
        "completion zsh > ~/.zfunc/_dfpy-conformance",
        "completion fish > ~/.config/fish/completions/dfpy-conformance.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script with which SHELL completes commands, options, clauses and divergences.

    Each example writes the script where the shell looks for it; a new shell completes. bash needs
    version 4.4 and the package bash-completion. zsh needs `fpath+=~/.zfunc` before
    `autoload -U compinit && compinit` in ~/.zshrc.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found, shell
    made = found(context.find_root().command, {}, "dfpy-conformance", VARIABLE)
    click.echo(made.source_template % made.source_vars())
