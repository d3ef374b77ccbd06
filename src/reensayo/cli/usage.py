"""Help and complaints about the command line in both languages; click itself only speaks English."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from reensayo.text import LANGUAGES, Language, Text, default_language, quoted

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def asked_language() -> Language:
    """The language of ``--help``, which is printed before options are parsed."""
    given = [b for a, b in zip(sys.argv, [*sys.argv[1:], ""], strict=True) if a == "--lang"]
    given += [word.removeprefix("--lang=") for word in sys.argv if word.startswith("--lang=")]
    return next((lang for lang in LANGUAGES if lang in given), default_language())


def say(es: str, en: str) -> str:
    """Help in the language asked for."""
    return Text(es=es, en=en)(asked_language())


class Command(click.Command):
    """A click command whose help has its headings in the language asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True  # click would refuse them in English
        rest = super().parse_args(ctx, args)
        if rest and not isinstance(self, click.Group):
            words = Text(es="sobra {extra}", en="{extra} is one argument too many")
            raise click.UsageError(words.format(extra=" ".join(rest))(asked_language()), ctx)
        return rest

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        usage = " ".join(self.collect_usage_pieces(ctx)).replace("[OPTIONS]", say("[OPCIONES]", "[OPTIONS]"))
        formatter.write_usage(ctx.command_path, usage, prefix=say("Uso: ", "Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        with formatter.section(say("Opciones", "Options")):
            formatter.write_dl([record for option in options if (record := option.get_help_record(ctx))])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        if option := super().get_help_option(ctx):
            option.help = say("esta ayuda", "this help")
        return option


class Commands(Command, click.Group):
    """A group of such commands, each with its whole first sentence."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(say("Órdenes", "Commands")):
            names = self.list_commands(ctx)
            formatter.write_dl([(n, command.help or "") for n in names if (command := self.get_command(ctx, n))])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in (known := self.list_commands(ctx)):
            words = Text(es="no hay orden {name!r}; las hay: {known}", en="no command {name!r}; there are: {known}")
            raise click.UsageError(words.format(name=args[0], known=", ".join(known))(asked_language()), ctx)
        return super().resolve_command(ctx, args)


class _Option(click.Option):
    """A click option that says in the language asked for what it expects and what it received."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        try:
            return super().type_cast_value(ctx, value)
        except click.BadParameter:
            words = Text(
                es="valor no válido para {name}: se esperaba {expected}; se recibió {received}",
                en="invalid value for {name}: expected {expected}; received {received}",
            )
            name = max(self.opts, key=len)
            message = words.format(name=name, expected=_expected(self.type), received=quoted(value))
            raise click.UsageError(message(asked_language()), ctx) from None


def option(*names: str, es: str, en: str, **about: Any) -> Decorator:
    """Give a command an option with this help."""
    return click.option(*names, cls=_Option, help=say(es, en), **about)


def command(es: str, en: str, name: str | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command with this help."""
    return click.command(name, cls=Command, help=say(es, en))


def complaint(error: click.ClickException) -> Text:
    """What is wrong with the command line, and where to look."""
    message = Text(error.format_message(), error.format_message())
    match error:
        case click.NoSuchOption(option_name=name, possibilities=near):
            hint = Text(es="; ¿quizá {near}?", en="; perhaps {near}?").format(near=", ".join(near or ()))
            words = Text(es="no hay opción {name}{hint}", en="no option {name}{hint}")
            message = words.format(name=name, hint=hint if near else "")
        case click.MissingParameter(param=click.Parameter(name=str() as name)):
            message = Text(es="falta {name}", en="{name} is missing").format(name=name.upper())
        case click.BadOptionUsage(option_name=name):
            message = Text(es="{name} espera un valor", en="{name} expects a value").format(name=name)
    if (ctx := getattr(error, "ctx", None)) is None:
        return message
    words = Text(es="{message}\nVea: {command} --help", en="{message}\nSee: {command} --help")
    return words.format(message=message, command=ctx.command_path)


def _expected(kind: click.ParamType[Any]) -> Text:
    if isinstance(kind, click.Choice):
        choices = " | ".join(map(str, kind.choices))
        return Text(choices, choices)
    if isinstance(kind, click.Path):
        return Text(es="una carpeta", en="a folder")
    return Text(es="un número entero", en="a whole number")
