"""The errors of the project: each is one clear line and has its own exit code."""

import contextlib
import sys
from typing import Any


def printable(text: Any) -> str:
    r"""Return `text` as one line that any terminal takes: the rest becomes \n, \udcff, ..."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))


def complain(kind: str, text: Any) -> None:
    """Print `kind: text`, kind being "error" or "warning", as one line on standard error."""
    with contextlib.suppress(OSError):  # a full disk behind it must not end a training
        print(f"{kind}: {printable(text)}", file=sys.stderr)


class DataError(Exception):
    """Bad input. As text, one line: `FILE: problem (got X, expected Y)`."""

    exit_code = 3

    def __init__(self, path: Any, problem: Any, got: Any = None, expected: Any = None):
        super().__init__(path, problem, got, expected)

    def __str__(self):
        path, problem, got, expected = self.args
        pairs = (("got", got), ("expected", expected))
        details = ", ".join(f"{word} {value}" for word, value in pairs if value is not None)
        return printable(f"{path}: {problem}" + (f" ({details})" if details else ""))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows, in place of all the calls between its cell and the line."""
        return [f"error: {self}"]


class UsageError(DataError):
    """A wrong flag, or one that does not apply."""

    exit_code = 2


class DownloadError(DataError):
    """MNIST could not be fetched or stored."""

    exit_code = 4


class OutputError(DataError):
    """A result could not be written, or a checkpoint could not be used."""

    exit_code = 5
