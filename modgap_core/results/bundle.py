"""A result as one zip: the files of its folder, written for a download and read back with no trust in it.

Only files of a result's own names are unpacked, under those names, so no name in the zip ever becomes a path.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath

from modgap_core.errors import ResultError
from modgap_core.results.store import FILES, FURTHER_FILES, NAMES_THE_REST

MAX_BYTES = 2**30
"""Unpacked; a table of ten interventions on a 32-layer model and a clip of 30 s takes a tenth of it."""
MAX_ENTRIES = 64
_SAVED_BY = "give the zip that the app's button 'Whole result (zip)' wrote"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def bundle_bytes(save: Callable[[Path], Path]) -> bytes:
    """The zip of a folder that ``save`` fills."""
    buffer = BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in sorted(save(Path(folder)).iterdir()):
            bundle.write(path, path.name)
    return buffer.getvalue()


@contextmanager
def opened_result(source: str | Path | bytes, name: str = "") -> Iterator[Path]:
    """The folder of a saved result, which may be a zip; what is unpacked is gone afterwards.

    Args:
        source: a folder, a zip file, or the bytes of one.
        name: of a zip given as bytes, for the sentences.

    Raises:
        ResultError: the zip is none, damaged, unsafe, too large or holds something else.
    """
    if isinstance(source, (str, Path)) and not Path(source).is_file():
        yield Path(source)
        return
    name = name if isinstance(source, bytes) else str(source)
    with tempfile.TemporaryDirectory(prefix="modgap-") as folder:
        _unpack(BytesIO(source) if isinstance(source, bytes) else Path(source), name, Path(folder))
        try:
            yield Path(folder)
        except ResultError as error:
            raise ResultError(str(error).replace(repr(folder), repr(name)).replace(f"{folder}/", "")) from error


def _unpack(source: BytesIO | Path, name: str, folder: Path) -> None:
    try:
        with zipfile.ZipFile(source) as bundle:
            parts = _parts(bundle.infolist(), name)
            for file, entry in parts.items():
                with bundle.open(entry) as packed, (folder / file).open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
    except ResultError:
        raise
    except zipfile.BadZipFile as error:
        raise ResultError(f"{name!r} is no zip, or a damaged one ({error}); {_SAVED_BY}, whole.") from error
    except _BROKEN as error:
        raise ResultError(f"The zip {name!r} cannot be unpacked ({error}); {_SAVED_BY}, whole.") from error


def _parts(entries: list[zipfile.ZipInfo], name: str) -> dict[str, zipfile.ZipInfo]:
    """The entries that are a result's files, by file; they may lie in one folder of the zip."""
    _refuse_unsafe(entries, name)
    headers = [PurePosixPath(e.filename) for e in entries if PurePosixPath(e.filename).name == NAMES_THE_REST]
    if len(headers) != 1:
        raise ResultError(
            f"The zip {name!r} holds {len(headers)} ModGap results ({NAMES_THE_REST}), not one; {_SAVED_BY}."
        )
    parts = {
        PurePosixPath(e.filename).name: e for e in entries if PurePosixPath(e.filename).parent == headers[0].parent
    }
    if missing := [file for file in FILES if file not in parts]:
        raise ResultError(f"The zip {name!r} lacks {', '.join(missing)}; {_SAVED_BY}, whole.")
    return {file: parts[file] for file in (*FILES, *FURTHER_FILES) if file in parts}


def _refuse_unsafe(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ResultError(f"The zip {name!r} holds {len(entries)} files, a result {len(FILES) + 1}; {_SAVED_BY}.")
    names = [entry.filename for entry in entries]
    if twice := [file for file in names if names.count(file) > 1]:
        raise ResultError(f"The zip {name!r} holds {twice[0]!r} twice; {_SAVED_BY}.")
    for entry in entries:
        if _leads_out(entry.filename):
            raise ResultError(
                f"The zip {name!r} holds the name {entry.filename!r}, which leads out of it; {_SAVED_BY}."
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ResultError(f"The zip {name!r} holds a link, {entry.filename!r}; {_SAVED_BY}.")
    if (size := sum(entry.file_size for entry in entries)) > MAX_BYTES:
        raise ResultError(
            f"The zip {name!r} unpacks to {size / 1e6:,.0f} MB, more than {MAX_BYTES / 1e6:,.0f} MB; unpack it "
            "yourself, and open the folder if you trust it."
        )


def _leads_out(file: str) -> bool:
    posix, windows = PurePosixPath(file), PureWindowsPath(file)
    return posix.is_absolute() or bool(windows.anchor) or ".." in windows.parts
