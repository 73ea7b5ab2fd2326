"""Packages that not every user needs: the extras of pyproject.toml."""

from __future__ import annotations

from importlib.util import find_spec

from modgap_core.errors import ModGapError


def need_extra(extra: str, what: str, *modules: str, error: type[ModGapError] = ModGapError) -> None:
    """Refuse to go on where a package of an extra is not installed.

    Args:
        extra: its name in pyproject.toml.
        what: that needs it, at the beginning of the sentence.
        modules: that are imported.
        error: the kind to raise.

    Raises:
        ModGapError: one of them is not there; it names the command that installs them.
    """
    if missing := [module for module in modules if find_spec(module) is None]:
        raise error(f"{what} needs the package {missing[0]!r}, which is not installed: {install_command(extra)}")


def install_command(extra: str) -> str:
    """What to type to get an extra.

    >>> install_command("app")
    "pip install 'modgap[app]'"
    """
    return f"pip install 'modgap[{extra}]'"
