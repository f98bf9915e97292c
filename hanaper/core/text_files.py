"""Files that people bring as text."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from hanaper.core.errors import InvalidInput


def as_text(file: bytes, field: str) -> str:
    """UTF-8, without the mark that some programs put first. InvalidInput at `field`: `not_utf8`."""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        if file.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            message = "The file is text in UTF-16: save it again as UTF-8."
        else:
            message = "The file is no text in UTF-8: save it again as UTF-8."
        raise InvalidInput(message, field=field, code="not_utf8") from None
