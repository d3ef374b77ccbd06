"""reensayo: run a published deep-learning work again, trial by trial, and say claim by claim what holds."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reensayo.api import Trials, run

__version__ = "0.1.0"
__all__ = ["Trials", "run"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: importing reensayo itself costs nothing."""
    if name in __all__:
        from reensayo import api

        return getattr(api, name)
    raise AttributeError(f"module 'reensayo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
