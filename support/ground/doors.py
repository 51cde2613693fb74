"""A room's door: the names that the other rooms may use, each loaded when it is first used.

So `from support import pictures` costs nothing, and `--help` does not wait for the libraries that
reading a picture takes. Source: PEP 562, https://peps.python.org/pep-0562/.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def door(room: str, **names: str) -> Callable[[str], Any]:
    """Return a `__getattr__` for the package `room`.

    Args:
        room: the package's own `__name__`.
        names: for each name that it offers, the module of the room that holds it. No name is that
            of a module: Python would put the module itself in its place once it is imported.
    """
    assert not names.keys() & set(names.values()), f"{room}: a name of its door is a module's"

    def __getattr__(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(f"{room}.{names[name]}"), name)

    return __getattr__
