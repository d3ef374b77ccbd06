"""Help and complaints about the command line in both languages; click itself only speaks English."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from reensayo.cli.options import asked_language, say
from reensayo.text import Text

WIDTH = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}


class Command(click.Command):
    """A click command whose help has its headings in the language asked for."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        usage = " ".join(self.collect_usage_pieces(ctx)).replace("[OPTIONS]", say("[OPCIONES]", "[OPTIONS]"))
        formatter.write_usage(ctx.command_path, usage, prefix=say("Uso: ", "Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section(say("Opciones", "Options")):
            formatter.write_dl([record for record in records if record])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = say("esta ayuda", "this help")
        return option


class Commands(Command, click.Group):
    """A group of such commands, each with its whole first sentence."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(say("Órdenes", "Commands")):
            formatter.write_dl([(name, self._about(ctx, name)) for name in self.list_commands(ctx)])

    def _about(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return (command.help or "") if command else ""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = ", ".join(self.list_commands(ctx))
            raise click.UsageError(
                Text(es="no hay orden {name!r}; las hay: {known}", en="no command {name!r}; there are: {known}").format(
                    name=args[0], known=known
                )(asked_language()),
                ctx,
            )
        return super().resolve_command(ctx, args)


def command(
    es: str, en: str, name: str | None = None, within: click.Group | None = None
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command with this help, alone or ``within`` a group."""
    make = within.command if within else click.command
    return make(name, cls=Command, help=say(es, en), context_settings=WIDTH)


def group(es: str, en: str) -> Callable[[Callable[..., Any]], Commands]:
    """Make a function a group of commands with this help."""
    return click.group(cls=Commands, help=say(es, en), context_settings=WIDTH)


def complaint(error: click.ClickException) -> Text:
    """What is wrong with the command line, and where to look."""
    ctx = getattr(error, "ctx", None)
    message = _message(error)
    if ctx is None:
        return message
    return Text(es="{message}\nVea: {command} --help", en="{message}\nSee: {command} --help").format(
        message=message, command=ctx.command_path
    )


def _message(error: click.ClickException) -> Text:
    match error:
        case click.NoSuchOption():
            near = ", ".join(error.possibilities or ())
            text = (
                Text(es="no hay opción {name}; ¿quizá {near}?", en="no option {name}; perhaps {near}?")
                if near
                else Text(es="no hay opción {name}", en="no option {name}")
            )
            return text.format(name=error.option_name, near=near)
        case click.MissingParameter(param=click.Parameter() as param):
            return Text(es="falta {name}", en="{name} is missing").format(name=(param.name or "").upper())
        case click.BadParameter(param=click.Parameter() as param):
            text = Text(
                es="valor no válido para {name}: se esperaba {expected}; se recibió {received}",
                en="invalid value for {name}: expected {expected}; received {received}",
            )
            quoted = re.search("'.*'(?= )", error.message)  # click keeps what it received in its own sentence only
            received = quoted[0] if quoted else error.message
            return text.format(name=_name(param), expected=_expected(param.type), received=received)
        case click.BadOptionUsage():
            return Text(es="{name} espera un valor", en="{name} expects a value").format(name=error.option_name)
    if extra := re.search(r"unexpected extra arguments? \((.*)\)", error.message):
        return Text(es="sobra {extra}", en="{extra} is one argument too many").format(extra=extra[1])
    return Text(error.format_message(), error.format_message())


def _name(param: click.Parameter) -> str:
    return max(param.opts, key=len)


def _expected(kind: click.ParamType[Any]) -> Text:
    if isinstance(kind, click.Choice):
        choices = " | ".join(map(str, kind.choices))
        return Text(choices, choices)
    if isinstance(kind, click.Path):
        return Text(es="una carpeta", en="a folder")
    if kind is click.INT or kind.name == "integer":
        return Text(es="un número entero", en="a whole number")
    return Text(kind.name, kind.name)
