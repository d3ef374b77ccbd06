"""The group of commands, and what every error becomes: a sentence and an exit code."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from reensayo import environment
from reensayo.cli import signals, streams
from reensayo.cli.options import original_option
from reensayo.cli.usage import Commands, asked_language, complaint, say
from reensayo.errors import ReensayoError
from reensayo.text import Text

COMMANDS = {
    "new": "reensayo.cli.new",
    "list": "reensayo.cli.catalogue",
    "show": "reensayo.cli.catalogue",
    "run": "reensayo.cli.running",
    "status": "reensayo.cli.results",
    "verdicts": "reensayo.cli.verdicts",
    "compare": "reensayo.cli.results",
    "report": "reensayo.cli.results",
    "export": "reensayo.cli.catalogue",
    "data": "reensayo.cli.machine",
    "doctor": "reensayo.cli.machine",
}
"""Which module has a command; only the one that is called is imported."""


class _Commands(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if (module := COMMANDS.get(cmd_name)) is None:
            return None
        return getattr(import_module(module), cmd_name.replace("list", "list_"))  # type: ignore[no-any-return]


@click.group(
    cls=_Commands,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    help=say(
        "Vuelve a ejecutar un trabajo publicado, ensayo por ensayo, y dice qué afirmaciones se sostienen.",
        "Run a published deep-learning work again, trial by trial, and say claim by claim what holds.",
    ),
)
@original_option
@click.version_option(package_name="reensayo", message="%(prog)s %(version)s", help=say("la versión", "the version"))
def reensayo(wanted: str | None) -> None: ...


def main() -> None:
    """Run the command line and exit: 0 done, 1 something failed, 2 wrong input, 3 data missing, 130 interrupted."""
    streams.prepare()
    environment.settle()
    code = _exit_code()
    if not code and (error := streams.failure()) and not streams.is_reader_gone(error):
        streams.complain(streams.CANNOT_WRITE.format(reason=error.strerror)(asked_language()))
        code = 1
    sys.exit(code)


def _exit_code() -> int:
    try:
        outcome = reensayo.main(prog_name="reensayo", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except ReensayoError as error:
        message, code = error.message, error.exit_code
    except click.ClickException as error:
        message, code = complaint(error), error.exit_code
    except (KeyboardInterrupt, click.Abort):
        message, code = Text(es="interrumpido", en="interrupted"), signals.INTERRUPTED
    except OSError as error:
        words = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
        message, code = Text(words, words), 2
    streams.complain(message(asked_language()))
    return code
