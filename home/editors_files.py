"""Files of web editors: they must open, and the public is not told more by them than is to be seen.

What an editor uploads is cleaned before it is stored, so that the original, which the public may get too, and every
size of a picture that Wagtail makes of it are clean. A picture's file gets a name of ours: the sender's stays private.
"""

from collections.abc import Iterator
from copy import copy
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.images import get_image_dimensions
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from wagtail.documents import get_document_model
from wagtail.documents.forms import BaseDocumentForm
from wagtail.documents.models import AbstractDocument
from wagtail.images import get_image_model
from wagtail.images.forms import BaseImageForm
from wagtail.images.models import AbstractImage
from wagtail.users.models import UserProfile
from wagtail.utils.file import hash_filelike

from cases.documents.clean_copies.copying import NotCopied, copied
from cases.files.opening import refuse_unopenable
from cases.files.types import CLEANED, SUFFIXES, UnacceptableFile, inspect
from cases.jobs.child import BrokenOff

NO_TITLE = "Document"  # what a PDF is called inside; readers announce it


class NotClean(ValidationError):
    """The file cannot be taken; the message says why."""


def cleaned(file: File) -> tuple[bytes, str]:
    """The file without what it tells beside what is to be seen, and its type. Raises NotClean, BrokenOff."""
    try:
        mime_type = inspect(file, name=file.name or "").mime_type
        refuse_unopenable(file, mime_type=mime_type)
        if mime_type not in CLEANED:
            return file.read(), mime_type
        with copied(file, mime_type=mime_type, title=NO_TITLE) as copy:
            return copy.path.read_bytes(), copy.mime_type
    except (UnacceptableFile, NotCopied) as error:
        raise NotClean(str(error)) from error


class _CleanedFile:
    """A form whose file is cleaned before the field looks at it: Wagtail falls over a picture that breaks off."""

    keeps_name = True

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Not there where many were uploaded at once, and each is described after.
        if field := self.fields.get("file"):  # type: ignore[attr-defined]  # of the forms that this is mixed into
            look = field.to_python
            field.to_python = lambda file: look(self._cleaned(file) if file else file)

    def _cleaned(self, file: UploadedFile) -> UploadedFile:
        try:
            content, mime_type = cleaned(file)
        except BrokenOff as error:
            raise NotClean(str(error)) from error
        name = str(file.name) if self.keeps_name else own_name(mime_type)
        return SimpleUploadedFile(name, content, content_type=mime_type)


class ImageForm(_CleanedFile, BaseImageForm):
    keeps_name = False


class DocumentForm(_CleanedFile, BaseDocumentForm):
    def _post_clean(self) -> None:
        """Wagtail's document looks at the end of the file's name, and says that of a refused one it is not allowed."""
        refused = copy(self.errors.get("file"))
        super()._post_clean()
        if refused:
            self.errors["file"] = refused


def own_name(mime_type: str) -> str:
    return f"{uuid4().hex}.{SUFFIXES[mime_type]}"


def clean_avatar(sender: Any, instance: UserProfile, **kwargs: Any) -> None:
    """Before a profile is saved: pictures of members of staff lie in a folder that anybody may read."""
    avatar = instance.avatar
    if avatar and not avatar._committed:
        content, mime_type = cleaned(avatar.file)
        instance.avatar = ContentFile(content, own_name(mime_type))


# --- What is there already --------------------------------------------------------------------------------------------


def files_of_editors() -> Iterator[FieldFile]:
    """Every file that web editors have uploaded, and the pictures of members of staff."""
    for model, name in ((get_image_model(), "file"), (get_document_model(), "file"), (UserProfile, "avatar")):
        for row in model._default_manager.exclude(**{name: ""}).order_by("pk").iterator(200):
            yield getattr(row, name)


def clean_again(file: FieldFile) -> bool:
    """Clean a file that was stored before uploads were. False: there was nothing in it. Raises NotClean, OSError."""
    with file.open("rb") as stored:
        before = stored.read()
    content, _ = cleaned(File(ContentFile(before), file.name))
    if content == before:
        return False
    file.storage.save_over(file.name, ContentFile(content))  # type: ignore[attr-defined]  # both of our stores have it
    _forget_what_was_made_of(file.instance, content)
    return True


@transaction.atomic
def _forget_what_was_made_of(row: AbstractImage | AbstractDocument | UserProfile, content: bytes) -> None:
    """Sizes of a picture were made of the file with all that it told; they are made anew when a page asks for them."""
    if isinstance(row, get_image_model()):
        row.renditions.all().delete()
        row.width, row.height = get_image_dimensions(ContentFile(content))
    if not isinstance(row, UserProfile):
        row.file_size, row.file_hash = len(content), hash_filelike(ContentFile(content))
        row.save()
