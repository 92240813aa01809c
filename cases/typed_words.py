"""Keeping what was typed, for its writer alone, and giving it back.

Who writes is said by a signed word that every page with a form carries: so what is typed after a session has ended is
kept for whoever opened the page, and for nobody who signs in at the same desk after them. It opens nothing else.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from accounts.models import User
from accounts.requests import SignedInRequest
from cases.models import TypedWords

KEPT = timedelta(days=14)
PAGE_IS_GOOD_FOR = timedelta(days=2)  # how long after it was opened a page may keep words for its writer
MOST_BYTES = 1_000_000  # of one form
MOST_FORMS = 100  # of one writer; older ones make room
SALT = "typed words"
PUT_BACK = "put_back"  # in an address: the key of the words to be put into the forms
OPENS_A_FORM = ("open", "row", "document", "show", "p")
NEVER_KEPT = ("password", "csrfmiddlewaretoken", "typed_", "next-task")


class RequestForAPage(SignedInRequest):
    """A request to the admin, and what of this was found for its page: words to be put into its forms, and all that is
    kept of it."""

    put_back: QueryDict | None
    typed_here: tuple[list[TypedWords], TypedWords | None]


def sign_for(user: User) -> str:
    return signing.dumps(user.pk, salt=SALT)


def writer_of(request: HttpRequest) -> User | None:
    """Whoever opened the page; else whoever is signed in. Only somebody who may work here now."""
    said = request.POST.get("typed_by", "")
    try:
        key = signing.loads(said, salt=SALT, max_age=PAGE_IS_GOOD_FOR)
    except signing.BadSignature:
        return request.user if request.user.is_authenticated else None
    working = User.objects.filter(pk=key, is_active=True).exclude(authority__is_active=False)
    return working.first()


def keep(writer: User, posted: QueryDict, *, page: str = "") -> TypedWords | None:
    """Keep a form as it was sent, in the place of what was kept of it before. None where it says nothing."""
    path, query = _split(posted.get("typed_page") or page)
    sent = [[name, value] for name, values in posted.lists() for value in values if _is_kept(name)]
    if not path or not any(value.strip() for _, value in sent):
        return None
    words, is_new = TypedWords.objects.update_or_create(
        writer=writer,
        path=path,
        form=form_of(posted, query),
        defaults={
            "query": query,
            "title": posted.get("typed_title", "")[:200],
            "sent": sent,
            "saved_at": timezone.now(),
        },
    )
    if is_new:
        newest = TypedWords.objects.filter(writer=writer).values("pk")[:MOST_FORMS]
        TypedWords.objects.filter(writer=writer).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
    return words


def forget(writer: User, posted: QueryDict, *, page: str = "") -> None:
    """The form was saved."""
    path, query = _split(posted.get("typed_page") or page)
    TypedWords.objects.filter(writer=writer, path=path, form=form_of(posted, query)).delete()


def forget_old() -> int:
    """Delete what nobody came back for. Returns how many."""
    return TypedWords.objects.filter(saved_at__lt=timezone.now() - KEPT).delete()[0]


def kept_for(user: User, path: str = "") -> QuerySet[TypedWords]:
    """What this user typed and did not save, newest first; on one page of it."""
    words = TypedWords.objects.filter(writer=user)
    return words.filter(path=path) if path else words


def put_back_on(request: HttpRequest) -> TypedWords | None:
    """The words that the address asks to be put back: the reader's own, of this page."""
    key = request.GET.get(PUT_BACK, "")
    is_a_key = key.isascii() and key.isdecimal() and len(key) < 19
    if request.method != "GET" or not is_a_key or not request.user.is_authenticated:
        return None
    return kept_for(request.user, request.path).filter(pk=int(key)).first()


def as_sent(words: TypedWords) -> QueryDict:
    """The words as a form reads them."""
    data = QueryDict(mutable=True)
    for name, value in words.sent:
        data.appendlist(name, value)
    return data


def address_of(words: TypedWords) -> str:
    """The page with the words put back."""
    query = f"{words.query}&" if words.query else ""
    return f"{words.path}?{query}{PUT_BACK}={words.pk}#typed"


def form_of(posted: QueryDict, query: str = "") -> str:
    """Which form of a page it is: as the script says by its hidden fields; without one by the button as well."""
    kind = "opened" if "opened" in posted else "action"
    row = posted.get("opened_row" if kind == "opened" else "row", "")
    name = posted.get("typed_form", f"{posted.get(kind, '')}/{row}")
    asked = QueryDict(query, mutable=True)
    for one in OPENS_A_FORM:  # the same form may stand open without it
        asked.pop(one, None)
    return f"{name}?{asked.urlencode()}"[:200]


def suffix_beside(found: list[TypedWords], put_back: TypedWords | None) -> str:
    """What a page adds to the names of its forms, so that what is typed now stands beside what was typed before and is
    only offered; what was put back goes on under its own name."""
    if put_back:
        _, mark, suffix = put_back.form.partition("?")[0].partition("~")
        return mark + suffix
    return f"~{max(words.pk for words in found)}" if found else ""


def _split(address: str) -> tuple[str, str]:
    """Path and query of a page of the admin; empty for any other address."""
    parts = urlsplit(address)
    if not parts.path.startswith("/admin/") or len(parts.path) > 300:
        return "", ""
    query = QueryDict(parts.query, mutable=True)
    query.pop(PUT_BACK, None)
    asked = query.urlencode()
    return parts.path, asked if len(asked) <= 300 else ""


def _is_kept(name: str) -> bool:
    return not any(part in name.lower() for part in NEVER_KEPT)
