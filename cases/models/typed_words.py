"""What somebody typed into a form of the admin and has not saved yet."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainJSONField


class TypedWords(models.Model):
    """A form as its writer left it. Nobody else reads it; it goes when the form is saved, or after some days.

    It is no part of any case: in no search, export, history or audit. Written by cases/typed_words.py alone.
    """

    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="typed_words")
    path = PlainCharField(max_length=300)  # of the page
    query = PlainCharField(max_length=300, blank=True)  # with which its form was open
    form = PlainCharField(max_length=200, blank=True)  # which of the page's forms
    title = PlainCharField(max_length=200, blank=True)  # of the page
    sent = PlainJSONField(default=list)  # [[name, value]], as the form would send them
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["-saved_at", "-pk"]
        verbose_name_plural = "typed words"
        constraints = [models.UniqueConstraint(fields=["writer", "path", "form"], name="typed_words_once")]
        indexes = [models.Index(fields=["saved_at"], name="typed_words_old")]

    def __str__(self) -> str:
        return self.title or self.path
