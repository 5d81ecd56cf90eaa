"""Data in URLs (RFC 2397), as OpenAI's dialects carry pictures and files."""

from tulou.services.gateway.dialects.prompt import DocumentPart, ImagePart


def split_data_url(url: str) -> tuple[str, str]:
    """Return the media type and the base64 of a data URL; nothing of another URL."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return "", ""
    kind = head[5:-7].partition(";")[0].lower()
    return _RIGHT.get(kind, kind), data


_RIGHT = {"image/jpg": "image/jpeg"}
"""OpenAI takes this name, which is in no registry; Anthropic and Bedrock refuse it."""


def data_url(media_type: str, data: str) -> str:
    """Return the data URL of base64."""
    return f"data:{media_type or 'application/octet-stream'};base64,{data}"


def address(part: ImagePart | DocumentPart) -> str:
    """Return where a picture or a document is, as a URL."""
    return part.url or data_url(part.media_type, part.data)


def media_type_of(name: str) -> str:
    """Return what the name of a file says of its kind; PDF where it says nothing, since that is what is sent most."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/pdf")


_TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "htm": "text/html",
    "json": "application/json",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
