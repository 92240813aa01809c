"""Documents of a case: adding, describing, publishing, replacing; and the one way out of the storage."""

from cases.file_types import UnacceptableFile

from .adding import add_document, add_imported_document, has_file, retry_fetch, store_fetched, supply_file
from .again import make_previews_again, scan_again
from .describing import (
    CHANGEABLE,
    change_document,
    change_documents,
    replace_document,
    supersede,
    use_suggested_type,
)
from .publishing import confirm_publication, refuse_publication, set_public_status, take_back_proposal
from .redacted_copies import add_redacted_copy
from .serving import (
    LINK_SECONDS,
    file_response,
    page_response,
    picture_response,
    public_file_response,
    readable_name,
    thumbnail_response,
)
from .together import Deed, Plan, carry_out, deeds_for, plan_for

__all__ = [
    "CHANGEABLE",
    "LINK_SECONDS",
    "Deed",
    "Plan",
    "UnacceptableFile",
    "add_document",
    "add_imported_document",
    "add_redacted_copy",
    "carry_out",
    "change_document",
    "change_documents",
    "confirm_publication",
    "deeds_for",
    "file_response",
    "has_file",
    "make_previews_again",
    "page_response",
    "picture_response",
    "plan_for",
    "public_file_response",
    "readable_name",
    "refuse_publication",
    "replace_document",
    "retry_fetch",
    "scan_again",
    "set_public_status",
    "store_fetched",
    "supersede",
    "supply_file",
    "take_back_proposal",
    "thumbnail_response",
    "use_suggested_type",
]
