"""The command ``modgap app``: the dashboard from any folder."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from importlib.resources import files
from pathlib import Path

from modgap_core.cli.options import Commands
from modgap_core.errors import ModGapError
from modgap_core.extras import need_extra

LOCAL_ADDRESS = "localhost"
_MAX_PORT = 65535


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    app = commands.add_parser("app", help="open the app in the browser")
    app.add_argument("--port", type=int, help="where it listens (default: 8501, or the next that is free)")
    app.add_argument(
        "--address", default=LOCAL_ADDRESS, help="0.0.0.0 lets other machines in (default: this machine only)"
    )
    app.set_defaults(run=_run)


def server_command(port: int | None, address: str) -> list[str]:
    """The program that serves the app, with the settings beside it.

    They lie in ``dashboard/.streamlit``, in a checkout a link to ``.streamlit``.

    ``-P`` keeps modules of the folder that the user happens to be in from being taken for ModGap's.
    """
    script = Path(str(files("dashboard"))) / "app.py"
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(script), "--server.address", address]
    return command if port is None else [*command, "--server.port", str(port)]


def _run(options: argparse.Namespace) -> None:
    need_extra("app", "The app", "streamlit", "plotly")
    _refuse_unusable(options.port, options.address)
    sys.stdout.flush()
    os.execv(sys.executable, server_command(options.port, options.address))


def _refuse_unusable(port: int | None, address: str) -> None:
    """Streamlit itself would end with a traceback."""
    if port is not None and not 1 <= port <= _MAX_PORT:
        raise ModGapError(f"--port is {port}; it must be from 1 to {_MAX_PORT}.")
    try:
        family = socket.getaddrinfo(address, port or 0, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((address, port or 0), family=family).close()
    except OSError as error:
        where = address if port is None else f"{address}:{port}"
        raise ModGapError(
            f"The app cannot listen at {where} ({error.strerror}); choose another --port or --address."
        ) from error
