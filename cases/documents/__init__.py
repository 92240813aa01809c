"""Documents of a case: adding, describing, publishing, replacing; and the one way out of the storage."""

from cases.file_types import UnacceptableFile

from .adding import add_document, add_imported_document, has_file, retry_fetch, store_fetched, supply_file
from .describing import CHANGEABLE, change_document, replace_document, supersede
from .publishing import (
    add_redacted_copy,
    confirm_publication,
    refuse_publication,
    set_public_status,
    take_back_proposal,
)
from .serving import LINK_SECONDS, file_response, readable_name, thumbnail_response

__all__ = [
    "CHANGEABLE",
    "LINK_SECONDS",
    "UnacceptableFile",
    "add_document",
    "add_imported_document",
    "add_redacted_copy",
    "change_document",
    "confirm_publication",
    "file_response",
    "has_file",
    "readable_name",
    "refuse_publication",
    "replace_document",
    "retry_fetch",
    "set_public_status",
    "store_fetched",
    "supersede",
    "supply_file",
    "take_back_proposal",
    "thumbnail_response",
]
