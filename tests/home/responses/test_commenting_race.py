"""“Send” pressed twice at once, in two tabs or by a nervous finger: always exactly one comment."""

import pytest
from django.core.management import call_command
from django.db import transaction

from cases.models import Comment
from cases.timeline import broken_links
from home.models import CommentDraft
from home.responses.commenting import send
from notices.models import Message
from tests.notices.issuing.test_issue_race import both_at_once

ROUNDS = 10
ANSWERS = {
    "view": {"sentiment": "objection"},
    "words": {"text": "Too high"},
    "details": {"name": "Ann", "address": "5 Blyton Close", "email": "ann@example.com"},
}


@pytest.mark.django_db(transaction=True)
def test_two_send_one_draft_at_once(make_public):
    call_command("load_letter_templates", verbosity=0)
    with transaction.atomic():
        application = make_public()
    for number in range(1, ROUNDS + 1):
        pk = CommentDraft.objects.create(application=application, answers=ANSWERS).pk
        drafts = [CommentDraft.objects.select_related("application__authority").get(pk=pk) for _ in range(2)]
        first, second = both_at_once(*(lambda draft=draft: send(draft) for draft in drafts))
        assert first.pk == second.pk, (first, second)
        assert Comment.objects.count() == number
        assert Message.objects.filter(about="comment_received").count() == number
    assert not CommentDraft.objects.exists()
    assert list(broken_links(application.pk)) == []
