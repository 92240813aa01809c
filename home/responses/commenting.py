"""A comment that somebody writes without an account: its draft, sending it, the acknowledgement, and what is deleted.

The draft stands behind an address that nobody can guess. Whoever holds the address may go on writing, on any device;
there is no session that could end and no cookie. Sending makes the draft a comment (cases/consultation/comments.py).
"""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.consultation.comments import receive_comment
from cases.models import CaseEvent, Comment, PlanningApplication
from home.models import CommentDraft
from notices.letters.fields import register_url
from notices.outbox.messages import queue_to_person
from notices.wording.merge import long_date

from .comment_forms import on_one_line

# How long a draft is kept after it was last touched.
KEPT = timedelta(days=7)


class IncompleteDraft(Exception):
    """A question without which a comment cannot be sent is not answered yet."""


def start(application: PlanningApplication) -> CommentDraft:
    return CommentDraft.objects.create(application=application)


def draft_of(council: LocalAuthority, token: str) -> CommentDraft | None:
    """The draft behind this token, of an application of this council."""
    if not token.isprintable():  # a U+0000 is more than PostgreSQL takes
        return None
    drafts = CommentDraft.objects.select_related("application__authority", "application__application_type")
    return drafts.filter(token=token, application__authority=council, updated_at__gt=timezone.now() - KEPT).first()


@transaction.atomic
def answer(draft: CommentDraft, *, question: str, answers: dict[str, Any]) -> None:
    """Keep the answers to one question. Two tabs on the same draft do not undo each other's questions.

    A draft that was sent meanwhile stays sent: nothing is kept.
    """
    held = CommentDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if held:
        held.answers[question] = answers
        held.save(update_fields=["answers", "updated_at"])
        draft.answers = held.answers


def submission_key(token: str) -> str:
    """What the comment remembers of the draft that it was: enough to know it again, not enough to read the draft."""
    return hashlib.sha256(token.encode()).hexdigest()


def sent_comment(council: LocalAuthority, token: str) -> Comment | None:
    """The comment that the draft with this token became; None while it was not sent."""
    sent = Comment.objects.filter(source=Comment.Source.WEBSITE, submission_key=submission_key(token))
    return sent.filter(application__authority=council).select_related("application__authority").first()


@transaction.atomic
def send(draft: CommentDraft) -> Comment:
    """Make the draft a comment, and delete the draft. Pressed twice, or in two tabs at once: one comment.

    Raises IncompleteDraft, and what `cases.consultation.comments.receive_comment` raises: CommentsClosed,
    ValidationError.
    """
    held = CommentDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if held is None:
        comment = sent_comment(draft.application.authority, draft.token)
        if comment is None:
            raise IncompleteDraft("The draft was deleted.")
        return comment
    said = {name: value for answers in held.answers.values() for name, value in answers.items()}
    if not all(said.get(name) for name in ("sentiment", "text", "name", "address")):
        raise IncompleteDraft("A question is not answered yet.")
    comment = receive_comment(
        held.application,
        sentiment=said["sentiment"],
        topics=said.get("topics", []),
        text=said["text"],
        name=said["name"],
        address=on_one_line(said["address"]),
        email=said.get("email", ""),
        phone=said.get("phone", ""),
        source=Comment.Source.WEBSITE,
        submission_key=submission_key(held.token),
    )
    held.delete()
    return comment


def acknowledge(event: CaseEvent) -> None:
    """Write to whoever commented and left an e-mail address; in the transaction of the comment.

    What an officer entered came by letter or e-mail, and is answered as such. The e-mail repeats nothing of what was
    typed: it goes to an address that nobody has proved to be theirs.
    """
    comment = Comment.objects.select_related("application__authority__site").get(pk=event.data["comment"])
    if comment.source == Comment.Source.OFFICER or not comment.email:
        return
    application = comment.application
    queue_to_person(
        authority=application.authority,
        application=application,
        template_slug="comment_received",
        to_email=comment.email,
        fields={
            "comment_reference": comment.reference,
            "received_date": long_date(comment.received_on),
            "reference": application.reference,
            "site_address": application.full_address,
            "description": application.description,
            "application_link": register_url(application),
        },
    )


def delete_old_drafts() -> int:
    """Delete drafts that nobody has touched for a week: what people wrote and did not send is theirs. How many."""
    return CommentDraft.objects.filter(updated_at__lte=timezone.now() - KEPT).delete()[0]


def what_is_shown(authority: LocalAuthority) -> str:
    """Which of name and address the council publishes with a comment, in words."""
    name, address = authority.publishes_commenter_names, authority.publishes_commenter_addresses
    if name and address:
        return "your name and your address"
    if name:
        return "your name, but not your address"
    if address:
        return "your address, but not your name"
    return "neither your name nor your address"
