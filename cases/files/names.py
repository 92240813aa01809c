"""What a file is called here, and a title for it, from the name that its sender gave it."""

import re

from accounts.plain_text import plain


def clean_name(name: str) -> str:
    """Without what a name cannot hold, or what makes it read otherwise than it is (writing from right to left)."""
    return re.sub(r"[\n\r\t/\\]+", " ", plain(name)).strip()[-255:]


def title_from(name: str) -> str:
    """ "Site_plan%20A.pdf" → Site plan A."""
    stem = clean_name(name).rsplit(".", 1)[0].replace("%20", " ").replace("_", " ")
    return re.sub(r"\s+", " ", stem).strip() or "Document"
