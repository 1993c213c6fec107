"""A zip that holds one file, unpacked piece by piece."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rows.bytes.file import File, FileTooLarge, write_pieces
from rows.bytes.gzip import ArchiveDamaged
from rows.bytes.spool import Spool
from rows.fault import FileRefused

MAGIC = b"PK\x03\x04"
PIECE_BYTES = 64 * 1024

DIRECTORY_BYTES_MAX = 64 * 1024
"""A larger directory is not read: one of a single file has a hundred bytes and its name."""

END = b"PK\x05\x06"
END_BYTES = 22
COMMENT_BYTES_MAX = 65535
"""The record at the end of a zip says how large the directory is; a comment may stand behind it: APPNOTE 4.3.16."""

LOCAL_HEADER_BYTES = 30
"""What stands before the name of a packed file: APPNOTE 4.3.7."""

ENCRYPTED = 1
"""The bit of a file's flags that says so: APPNOTE 4.4.4."""


@contextmanager
def unzipped(file: File) -> Iterator[File]:
    """Give the block the one file in a zip, or the file itself where it is no zip.

    Raises FileRefused where a zip holds another number of files, a workbook, or what cannot be unpacked;
    FileTooLarge and ArchiveDamaged.
    """
    file.stream.seek(0)
    if file.stream.read(len(MAGIC)) != MAGIC:
        yield file
        return
    with file.spools.open() as stream:
        try:
            _unzip(file.stream, stream, file.bytes_max)
        except (BadZipFile, zlib.error, EOFError, struct.error) as error:
            raise ArchiveDamaged("the zip archive is damaged; nothing is stored") from error
        yield replace(file, stream=stream)


@contextmanager
def unzipped_start(file: File) -> Iterator[File]:
    """Give the block what can be unpacked of the start of a zip, or the file itself where it is no zip.

    The directory stands at the end of a zip: where it is not there, the first file that counts is taken, by the header
    before it.
    """
    file.stream.seek(0)
    start = file.stream.read()
    if not start.startswith(MAGIC):
        yield file
        return
    with file.spools.open() as stream:
        try:
            with suppress(BadZipFile, FileTooLarge):
                _unzip(file.stream, stream, file.bytes_max)
            if not stream.tell():
                stream.write(_first_file(start, file.bytes_max))
        except (zlib.error, struct.error) as error:
            raise ArchiveDamaged("the zip archive is damaged") from error
        yield replace(file, stream=stream)


def _first_file(start: bytes, bytes_max: int) -> bytes:
    """Return the beginning of the first file in the start of a zip: APPNOTE 4.3.7."""
    place = 0
    while start.startswith(MAGIC, place):
        flags, method, packed_bytes, name_bytes, more_bytes = struct.unpack_from("<6xHH8xL4xHH", start, place)
        name_start = place + LOCAL_HEADER_BYTES
        name = start[name_start : name_start + name_bytes].decode("utf-8", "replace")
        _refuse_documents([name])
        place = name_start + name_bytes + more_bytes
        if not name.endswith("/") and not _is_passed_over(name):
            _refuse_packing(flags, method)
            if method == ZIP_STORED:
                return start[place : place + (packed_bytes or bytes_max)]
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(start[place:], bytes_max)
        place += packed_bytes
    return b""


def _unzip(stream: IO[bytes], into: Spool, bytes_max: int) -> None:
    """Write the one file of a zip to a stream."""
    if _directory_bytes(stream) > DIRECTORY_BYTES_MAX:
        raise FileRefused(
            "not_csv", f"the zip archive has a directory of over {DIRECTORY_BYTES_MAX} bytes: send one file"
        )
    with ZipFile(stream) as archive, archive.open(_only(archive)) as packed:
        write_pieces(iter(lambda: packed.read(PIECE_BYTES), b""), into, bytes_max)


def _directory_bytes(stream: IO[bytes]) -> int:
    """Return the size of the archive's directory, as zipfile finds it: 4 GiB where that stands elsewhere (zip64)."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - END_BYTES - COMMENT_BYTES_MAX))
    tail = stream.read()
    if not (tail[-END_BYTES:].startswith(END) and tail.endswith(b"\0\0")):
        tail = tail[: tail.rfind(END) + END_BYTES]
    if not tail[-END_BYTES:].startswith(END):
        raise BadZipFile("no end")
    (directory_bytes,) = struct.unpack("<L", tail[-END_BYTES:][12:16])
    return int(directory_bytes)


def _only(archive: ZipFile) -> ZipInfo:
    """Return the one file that counts."""
    names = archive.namelist()
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise FileRefused(
            "not_csv", "the file is a workbook (.xlsx or .ods) or another document: save its sheet as CSV"
        )
    files = [info for info in archive.infolist() if not info.is_dir() and not _is_passed_over(info.filename)]
    if len(files) != 1:
        raise FileRefused(
            "not_csv", f"the zip archive holds {len(files)} files: expected one CSV, so send one file each"
        )
    _refuse_packing(files[0].flag_bits, files[0].compress_type)
    return files[0]


def _refuse_documents(names: Sequence[str]) -> None:
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise FileRefused(
            "not_csv", "the file is a workbook (.xlsx or .ods) or another document: save its sheet as CSV"
        )


def _refuse_packing(flags: int, method: int) -> None:
    if flags & ENCRYPTED or method not in (ZIP_STORED, ZIP_DEFLATED):
        raise FileRefused(
            "not_csv", "the file in the zip archive is encrypted, or not packed by deflate: unpack it first"
        )


def _is_passed_over(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")
