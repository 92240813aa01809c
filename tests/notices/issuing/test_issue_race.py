"""Two managers press at once: always exactly one notice, and a clear sentence for the other."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from cases.lifecycle import StepNotAllowed
from cases.models import CaseEvent
from cases.statuses import Status
from cases.timeline import broken_links
from notices.issuing import issue
from notices.models import DecisionNotice, IssuedNotice
from notices.signoff.approving import approve, send_back

ROUNDS = 5  # without the lock on the case, the two meet in every single round


def both_at_once(*verbs) -> list:
    """Run the verbs in threads of their own, each on its own connection; what each returned or raised."""
    start, results = Barrier(len(verbs)), [None] * len(verbs)

    def press(place: int, verb) -> None:
        try:
            start.wait()
            results[place] = verb()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=press, args=(place, verb)) for place, verb in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_managers_approve_at_once(submitted, manager, second_manager, monkeypatch):
    # Written in no time, so that the two really meet.
    monkeypatch.setattr(issue, "write_pdfs", lambda papers: [b"%PDF"] * len(papers))
    for _ in range(ROUNDS):
        with transaction.atomic():
            pk = submitted().pk
        results = both_at_once(
            lambda pk=pk: approve(DecisionNotice.objects.get(pk=pk), by=manager),
            lambda pk=pk: approve(DecisionNotice.objects.get(pk=pk), by=second_manager),
        )
        issued = [result for result in results if isinstance(result, IssuedNotice)]
        refused = [result for result in results if isinstance(result, StepNotAllowed)]
        assert (len(issued), len(refused)) == (1, 1), results
        assert "already been issued" in str(refused[0])
        assert IssuedNotice.objects.filter(notice_id=pk).count() == 1
        application = issued[0].application
        application.refresh_from_db()
        assert application.status == Status.DETERMINED
        assert CaseEvent.objects.filter(application=application, kind="determine").count() == 1
        assert list(broken_links(application.pk)) == []


@pytest.mark.django_db(transaction=True)
def test_approved_and_sent_back_at_once_is_one_of_the_two(submitted, manager, second_manager):
    for _ in range(ROUNDS):
        with transaction.atomic():
            pk = submitted().pk
        results = both_at_once(
            lambda pk=pk: approve(DecisionNotice.objects.get(pk=pk), by=manager),
            lambda pk=pk: send_back(DecisionNotice.objects.get(pk=pk), by=second_manager, comment="Wait."),
        )
        refused = [result for result in results if isinstance(result, StepNotAllowed | PermissionDenied)]
        assert len(refused) == 1, results
        notice = DecisionNotice.objects.select_related("application").get(pk=pk)
        assert notice.live == (notice.application.status == Status.DETERMINED)
        assert notice.live == IssuedNotice.objects.filter(notice=notice).exists()
