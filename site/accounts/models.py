"""Councils, the people who work for them, and the systems that may call us.

`LocalAuthority` is the tenant: every case, template, letter and user belongs to one, and tenants never meet.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import time
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from .plain_text import PlainCharField, PlainTextField
from .website_grants import GrantsMixin


class LocalAuthority(models.Model):
    """A local planning authority: one installation serves many."""

    code = models.CharField(
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2,4}$", "Two to four capital letters, as planning.data.gov.uk has them.")],
        help_text="The council's code on planning.data.gov.uk, for example BKM.",
    )
    name = PlainCharField(max_length=120, help_text="In full, for example Buckinghamshire Council.")
    short_name = PlainCharField(max_length=60, help_text="As residents say it, for example Buckinghamshire.")
    site = models.OneToOneField(
        "wagtailcore.Site",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="authority",
        help_text="The public site, whose host name decides which council a visitor reads.",
    )
    collection = models.OneToOneField(
        "wagtailcore.Collection",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="authority",
        help_text="Where the pictures and documents of its public pages lie.",
    )
    client_name = PlainCharField(
        "name in the Digital Planning Register",
        max_length=60,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters and digits, with hyphens between.")],
        help_text="What that register calls the council, for example south-gloucestershire.",
    )
    address = PlainTextField(blank=True, help_text="Postal address of the planning department, a line each.")
    email = models.EmailField(blank=True)
    phone = PlainCharField(max_length=30, blank=True)
    website = models.URLField(blank=True)
    signatory_name = PlainCharField(max_length=120, blank=True, help_text="Who signs decision notices.")
    signatory_job_title = PlainCharField(max_length=120, blank=True)

    logo = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    brand_colour = models.CharField(
        max_length=7, default="#1d70b8", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "A colour such as #1d70b8.")]
    )
    font = models.CharField(
        max_length=120,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9 ,\-]*$", "Font names, with commas between them.")],
        help_text="Names of fonts on the reader's computer, best first. Empty: Arial.",
    )

    publishes_commenter_names = models.BooleanField("show commenters' names", default=False)
    publishes_commenter_addresses = models.BooleanField("show commenters' addresses", default=True)
    comments_until_decision = models.BooleanField(
        default=True, help_text="Comments are taken until the decision, not only until the consultation ends."
    )
    working_day_ends_at = models.TimeField(
        default=time(17), help_text="What arrives later counts as received on the next working day."
    )
    office_posting_days = models.PositiveSmallIntegerField(
        default=2, help_text="Working days that a letter takes to arrive."
    )

    second_person_publishes = models.BooleanField(
        "a second person looks before documents are published",
        default=False,
        help_text="One officer proposes to publish a document, another one looks at it and publishes.",
    )
    local_list_reviewed_on = models.DateField(
        null=True,
        blank=True,
        help_text="When the local list of requirements was last published or reviewed. It binds for two years.",
    )
    local_list_url = models.URLField(blank=True, help_text="Where applicants read the local list.")

    notify_email_template_id = models.UUIDField(
        null=True, blank=True, help_text="GOV.UK Notify template with the placeholders ((subject)) and ((body))."
    )
    notify_letter_template_id = models.UUIDField(
        null=True, blank=True, help_text="GOV.UK Notify letter template with ((subject)) and ((body))."
    )
    notify_reply_to_id = models.UUIDField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "local authority"
        verbose_name_plural = "local authorities"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """No council is called as another one's code is: a client may name it by either."""
        super().clean()
        self.client_name = self.client_name or None  # the name of nobody may be there more than once
        others = LocalAuthority.objects.exclude(pk=self.pk)
        if self.client_name and others.filter(code=self.client_name.upper()).exists():
            raise ValidationError({"client_name": "This is the code of another council."})
        if others.filter(client_name=self.code.lower()).exists():
            raise ValidationError({"code": "The Digital Planning Register knows another council by this name."})


class FormerAddress(models.Model):
    """Where a council's public pages were once. Visitors are sent on from there to where they are now."""

    authority = models.ForeignKey(LocalAuthority, on_delete=models.CASCADE, related_name="former_addresses")
    host = models.CharField(max_length=270, unique=True, help_text="With its port, unless that is 80 or 443.")
    until = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["-until", "-pk"]

    def __str__(self) -> str:
        return self.host


# RFC 2606 keeps this name for examples: nobody real has an address there, and the demonstration's people all do.
DEMONSTRATION_DOMAIN = "@example.com"


def refuse_the_demonstrations(email: str) -> None:
    """Production has nobody of the demonstration, whose password is published. Raises ValidationError."""
    if settings.IS_PRODUCTION and email.strip().lower().endswith(DEMONSTRATION_DOMAIN):
        raise ValidationError(
            f"Nobody can have an address at {DEMONSTRATION_DOMAIN.removeprefix('@')}: it is kept for examples. "
            "Give an address at which the person is reached."
        )


class UserManager(BaseUserManager["User"]):
    """E-mail is the name; upper and lower case are the same person."""

    use_in_migrations = True

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def _create(self, email, password, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        refuse_the_demonstrations(email)
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email, password=None, **fields):
        return self._create(email, password, **{"is_staff": False, "is_superuser": False, **fields})

    def create_superuser(self, email, password=None, **fields):
        return self._create(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(GrantsMixin, AbstractUser):
    """Somebody who signs in. No authority means the administrator of the whole installation."""

    username = None  # type: ignore[assignment]  # Django's way to have a user without the field
    email = models.EmailField("e-mail address", unique=True)
    authority = models.ForeignKey(LocalAuthority, null=True, blank=True, on_delete=models.PROTECT, related_name="users")
    job_title = PlainCharField(max_length=120, blank=True)
    phone = PlainCharField(max_length=30, blank=True)
    signature = PlainCharField(max_length=120, blank=True, help_text="As it stands under letters and notices.")

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # not Django's: ours asks no username
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
            # A superuser passes every permission, so nobody of a council may be one: councils would meet.
            models.CheckConstraint(
                name="superuser_has_no_council", condition=models.Q(is_superuser=False) | models.Q(authority=None)
            ),
        ]
        ordering = ["first_name", "last_name", "email"]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def __getstate__(self) -> dict:
        """The row alone goes into a cache (with a picture that the user uploaded): nothing that one request learnt."""
        state = super().__getstate__()
        state["_state"].fields_cache.clear()
        fields = {"_state", *(field.attname for field in self._meta.concrete_fields)}
        return {name: value for name, value in state.items() if name in fields}

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Asked by every form; by the manager for whoever makes an account without one."""
        super().clean_fields(exclude=exclude)
        if "email" not in (exclude or ()):
            try:
                refuse_the_demonstrations(self.email)
            except ValidationError as refusal:
                raise ValidationError({"email": refusal}) from refusal

    @property
    def signed_as(self) -> str:
        return self.signature or str(self)

    @cached_property
    def works_in_the_only_council(self) -> bool:
        """Counted once for a request: lists ask it of each of their rows, and the menu of each of its items."""
        return LocalAuthority.objects.filter(is_active=True).count() == 1


class ApiTokenQuerySet(models.QuerySet):
    def usable(self):
        return self.filter(revoked_at=None, authority__is_active=True)

    def named_by(self, secret: str) -> "ApiToken | None":
        """The usable token with this secret. The hash is looked up, so no comparison leaks timing."""
        return self.usable().filter(secret_hash=ApiToken.hash_of(secret)).select_related("authority__site").first()


class ApiToken(models.Model):
    """A bearer token of one authority. The secret is shown once and only its hash is kept."""

    class Scope(models.TextChoices):
        SUBMIT = "submit", "Send submissions"
        READ = "read", "Read cases"
        RESPOND = "respond", "Send comments of the public"

    authority = models.ForeignKey(LocalAuthority, on_delete=models.PROTECT, related_name="api_tokens")
    name = PlainCharField(max_length=80, help_text="Which system uses it.")
    prefix = models.CharField(max_length=12, help_text="The first characters, to tell tokens apart.")
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def hash_of(secret: str) -> str:
        # The secret is 256 random bits: a fast hash is enough, and lets the token be found by an index.
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def create(cls, *, authority: LocalAuthority, name: str, scopes: list[str]) -> "tuple[ApiToken, str]":
        """A new token and its secret. This is the only time that the secret can be read."""
        secret = f"bops_{secrets.token_urlsafe(32)}"
        token = cls.objects.create(
            authority=authority, name=name, prefix=secret[:10], secret_hash=cls.hash_of(secret), scopes=scopes
        )
        return token, secret


class RateCount(models.Model):
    """How often somebody did something within one window of time. Written by accounts/rate_limits.py alone."""

    key = models.CharField(max_length=100)
    window_began_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key", "window_began_at"], name="rate_count_once_per_window")]
        indexes = [models.Index(fields=["window_began_at"], name="rate_count_old")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
