"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import io
import re
import zipfile

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
HEAD = 512

# What a file of each beginning is, and what a person can do about it.
_UNPACK = "Unpack it and open what is inside"
_SAVE = "Save it as CSV"
_BEGINNINGS: dict[bytes, tuple[str, str]] = {
    b"\x1f\x8b": ("a gzip archive", _UNPACK),
    b"BZh": ("a bzip2 archive", _UNPACK),
    b"\xfd7zXZ\0": ("an xz archive", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a zstd archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": ("a RAR archive", _UNPACK),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("an old Office document", _SAVE),
    b"PAR1": ("a Parquet file", _SAVE),
    b"ARROW1": ("an Arrow file", _SAVE),
    b"\x89HDF\r\n": ("an HDF5 file", _SAVE),
    b"SQLite format 3\0": ("an SQLite database", _SAVE),
    b"\x93NUMPY": ("a single numpy array", "Save x and y together with numpy.savez"),
    b"\x80\x02": ("a Python pickle", "Save x and y with numpy.savez"),
    b"\x80\x03": ("a Python pickle", "Save x and y with numpy.savez"),
    b"\x80\x04\x95": ("a Python pickle", "Save x and y with numpy.savez"),
    b"\x80\x05\x95": ("a Python pickle", "Save x and y with numpy.savez"),
    b"\x89PNG\r\n": ("a PNG image", ""),
    b"\xff\xd8\xff": ("a JPEG image", ""),
    b"GIF8": ("a GIF image", ""),
    b"II*\0": ("a TIFF image", ""),
    b"MM\0*": ("a TIFF image", ""),
    b"%PDF-": ("a PDF document", ""),
    b"\x7fELF": ("a program", ""),
    b"MZ\x90\0": ("a program", ""),
    b"OggS": ("an Ogg recording", ""),
    b"ID3": ("an MP3 recording", ""),
    b"{\\rtf": ("an RTF document", _SAVE),
}
_TEXTS: dict[bytes, tuple[str, str]] = {
    rb"<(!doctype html|html|head|body|table)": ("a web page", _SAVE),
    rb"<\?xml|<svg": ("an XML document", _SAVE),
    rb"\{\s*[\"}]|\[\s*[\[{\]]": ("JSON", _SAVE),
    rb"(%[^\n]*\n\s*)*@relation": ("an ARFF file", _SAVE),
}


def foreign(data: bytes) -> tuple[str, str] | None:
    """Return what `data` is and what to do about it; None where it may be text or a zip archive."""
    head = data[:HEAD]
    for beginning, what in _BEGINNINGS.items():
        if head.startswith(beginning):
            return what
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if head[:4] == b"RIFF":
        return ("a WebP image", "") if head[8:12] == b"WEBP" else ("a WAV or AVI recording", "")
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "a BMP image", ""
    if head[4:8] == b"ftyp":
        return "a video", ""
    if head[3:8] == b"\0\0\0\0\0" and head[8:9] == b"{":
        return "a safetensors file", "Save x and y with numpy.savez"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, what in _TEXTS.items():
        if re.match(pattern, text, re.IGNORECASE):
            return what
    return None


def zip_contents(data: bytes) -> tuple[str, str]:
    """Return what a zip archive that holds no x and y is, and what to do about it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return "a zip archive that is cut off or damaged", "Fetch it again"
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook", _SAVE
    if any(name.startswith("word/") for name in names):
        return "a Word document", _SAVE
    if "content.xml" in names:
        return "an OpenDocument file", _SAVE
    if any(name.endswith("data.pkl") for name in names):
        return "a PyTorch file", "Save x and y with numpy.savez"
    if "run.safetensors" in names:
        return "a recording of a run", "Open it as a recording"
    if names and all(name.endswith(".npy") for name in names):
        arrays = ", ".join(name.removesuffix(".npy") for name in names[:4])
        return f"a numpy archive of {arrays}", "It needs arrays named x and y"
    return "a zip archive", _UNPACK
