"""What counts as text, by name and by declared type: the one table that guards and listings share."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_MEDIA = (
    "apng avif bmp cr2 dng eps gif heic heif ico jfif jp2 jpe jpeg jpg jxl nef png psd raw svg svgz tga tif tiff webp "
    "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg ogv ts vob webm wmv m3u8 mpd "
    "aac aif aiff flac m4a mid midi mp3 oga ogg opus wav wma "
    "eot otf ttf woff woff2 doc docx odt pdf ppt pptx xls xlsx epub mobi"
)
_WEIGHTS = (
    "bin ckpt gguf ggml h5 hdf5 joblib keras mar mlmodel mnn model msgpack npy npz onnx ot params pb pdparams pickle "
    "pkl pt pth safetensors sft tflite weights"
)
_ARCHIVES = (
    "7z apk apkm appimage br bz2 cab crx deb dmg exe gz img ipa iso jar lz lz4 lzma msi pkg rar rpm tar tbz2 tgz war "
    "whl wasm xapk xpi xz zip zst arrow parquet sqlite db"
)
REFUSED_SUFFIXES = frozenset(f".{name}" for name in f"{_MEDIA} {_WEIGHTS} {_ARCHIVES}".split())
_TEXT_SUFFIXES = frozenset(
    ".txt .md .markdown .rst .json .jsonl .xml .html .htm .xhtml .rss .atom".split()  # noqa: SIM905 - a table of words
)
_SITEMAP = ".xml.gz"
_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "application/xhtml",
        "application/x-ndjson",
        "application/jsonl",
        "application/vnd.github.raw",
        "application/vnd.github.v3.raw",
    }
)
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x1f\x9d", b"\x28\xb5\x2f\xfd")
_RIFF, _BOX = b"RIFF", b"ftyp"  # WebP, WAV, AVI; MP4, AVIF, HEIC
_GZIP_TYPES = frozenset({"application/gzip", "application/x-gzip"})


def _name(url: str) -> str:
    try:
        return unquote(PurePosixPath(urlsplit(url).path).name).lower()
    except ValueError:
        return ""


def is_refused_by_name(url: str) -> bool:
    """Tell whether an address names an image, a video, a sound, weights or an archive by its suffix."""
    name = _name(url)
    return PurePosixPath(name).suffix in REFUSED_SUFFIXES and not name.endswith(_SITEMAP)


def is_text(content_type: str, url: str) -> bool:
    """Tell whether a response is text by its declared type.

    Args:
        content_type: the header's value; empty when there is none.
        url: where it came from. An absent type is believed to be text only for robots.txt and names
            with a text suffix; gzip is text only for a compressed sitemap.
    """
    kind = content_type.partition(";")[0].strip().lower()
    name = _name(url)
    if not kind:
        return name == "robots.txt" or PurePosixPath(name).suffix in _TEXT_SUFFIXES
    if kind in _GZIP_TYPES:
        return name.endswith(_SITEMAP)
    if kind.startswith("text/") or kind in _TEXT_TYPES:
        return True
    return kind.startswith("application/") and kind.endswith(("+json", "+xml"))


def is_binary(body: bytes) -> bool:
    """Tell whether a body begins as an image, a video, a document or an archive does, whatever its declared type."""
    return body.startswith(_MAGIC) or body[:4] == _RIFF or body[4:8] == _BOX
