"""The references of cases: allotted in turn, known again however they are punctuated, never used twice."""

import re

from django.db import models, transaction
from django.db.models import Func, Value
from django.db.models.functions import Upper

from accounts.plain_text import PlainCharField

FIRST_CASE_NUMBER = 100

# The column, and the same of what somebody types: 26/00107/HAPP, "26-00107-happ" and 2600107HAPP are one.
KEY_OF_REFERENCE = Func(Upper("reference"), Value("[^A-Z0-9]"), Value(""), Value("g"), function="regexp_replace")


def reference_key(text: str) -> str:
    """What `reference_key` holds of a reference; "" of a text without a letter or digit, which no case has."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


class ReferenceCounter(models.Model):
    """The next case number of an authority. Never reset, never given back."""

    authority = models.OneToOneField("accounts.LocalAuthority", on_delete=models.PROTECT, related_name="counter")
    next_number = models.PositiveIntegerField(default=FIRST_CASE_NUMBER)

    def __str__(self) -> str:
        return f"{self.authority}: {self.next_number}"

    @staticmethod
    def allot(*, authority, suffix: str, year: int) -> str:
        """The next reference, such as 26-00107-HAPP. Call inside a transaction: the row stays locked until its end."""
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("A reference is allotted inside the transaction that uses it.")
        held = ReferenceCounter.objects.select_for_update().filter(authority=authority)
        counter = held.first()
        if counter is None:
            ReferenceCounter.objects.bulk_create([ReferenceCounter(authority=authority)], ignore_conflicts=True)
            counter = held.get()
        number = counter.next_number
        while ReferenceCounter._is_taken(authority, reference := f"{year % 100:02d}-{number:05d}-{suffix}"):
            number += 1
        counter.next_number = number + 1
        counter.save(update_fields=["next_number"])
        return reference

    @staticmethod
    def _is_taken(authority, reference: str) -> bool:
        """Whether an older register has brought this reference in, however it is punctuated there."""
        key = reference_key(reference)
        earlier = PreviousReference.objects.filter(authority=authority, reference_key=key)
        return authority.applications.filter(reference_key=key).exists() or earlier.exists()

    @staticmethod
    def keep_clear_of_imported(authority) -> None:
        """Go on after the highest number of an older register that counts as we do: 24/01234/FUL."""
        ReferenceCounter.objects.bulk_create([ReferenceCounter(authority=authority)], ignore_conflicts=True)
        with transaction.get_connection().cursor() as cursor:
            cursor.execute(
                r"""
                UPDATE cases_referencecounter c SET next_number = greatest(c.next_number, 1 + (
                    SELECT max(substring(a.reference FROM '^[0-9]{2}[^A-Za-z0-9]([0-9]{5})')::int)
                    FROM cases_planningapplication a
                    WHERE a.authority_id = c.authority_id AND a.origin = 'imported'
                    AND a.reference ~ '^[0-9]{2}[^A-Za-z0-9][0-9]{5}[^A-Za-z0-9]?[A-Za-z]'
                )) WHERE c.authority_id = %s
                """,
                [authority.pk],
            )


class PreviousReference(models.Model):
    """A reference that the application had before its type changed: still findable, never used again."""

    application = models.ForeignKey(
        "cases.PlanningApplication", on_delete=models.PROTECT, related_name="previous_references"
    )
    authority = models.ForeignKey("accounts.LocalAuthority", on_delete=models.PROTECT, related_name="+")
    reference = PlainCharField(max_length=40)
    reference_key = models.GeneratedField(
        expression=KEY_OF_REFERENCE,
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "reference"], name="previous_reference_once")]
        indexes = [models.Index("authority", "reference_key", name="previous_reference_key")]

    def __str__(self) -> str:
        return self.reference
