"""The PDFs of a decision are made before anything is locked, by a process that may hang or die."""

import logging
from threading import Event

import pytest
from django.db import connection, transaction
from django.urls import reverse

from accounts.models import LocalAuthority
from cases.jobs import child
from cases.lifecycle import StepNotAllowed
from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Status
from notices.issuing import issue
from notices.models import DecisionNotice, IssuedNotice
from notices.printing import pdf
from notices.signoff.approving import approve

from .test_issue_race import both_at_once

pytestmark = pytest.mark.pdf
HANGS = "import time; time.sleep(3600)"
IS_KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
BREAKS_OFF = "import sys; sys.stdout.write('[100, 100]\\n%PDF')"
SPEAKS_NONSENSE = "print('hello')"


def assert_as_it_was(notice: DecisionNotice) -> None:
    notice = DecisionNotice.objects.select_related("application").get(pk=notice.pk)
    assert not IssuedNotice.objects.exists()
    assert notice.application.status == Status.AWAITING_DETERMINATION
    assert notice.workflow_in_progress
    assert not CaseEvent.objects.filter(kind="determine").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("program", [HANGS, IS_KILLED, BREAKS_OFF, SPEAKS_NONSENSE])
def test_a_writer_that_hangs_or_dies_leaves_the_case_as_it_was_and_says_so(
    submitted, manager, client, monkeypatch, program, caplog
):
    notice = submitted()
    client.force_login(manager)
    address = reverse("case_sign_off", args=[notice.application_id])
    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL):
        broken.setattr(child, "PROGRAM", program)
        broken.setattr(pdf, "SECONDS", 0.3 if program == HANGS else 30)
        response = client.post(address, {"action": "approve", "issue": "on", "comment": "Well reasoned."})
    page = response.content.decode()
    assert response.status_code == 422
    assert "The PDF of the notice could not be made, so nothing was issued" in page
    assert "Well reasoned." in page
    assert_as_it_was(notice)
    assert client.post(address, {"action": "approve", "issue": "on"}).status_code == 302
    assert IssuedNotice.objects.get().notice_id == notice.pk


@pytest.mark.django_db
def test_the_report_as_a_pdf_says_when_it_cannot_be_made(submitted, manager, client, monkeypatch, caplog):
    notice = submitted()
    client.force_login(manager)
    monkeypatch.setattr(child, "PROGRAM", IS_KILLED)
    with caplog.at_level(logging.CRITICAL):
        response = client.get(reverse("case_report_pdf", args=[notice.application_id]), follow=True)
    assert "The PDF could not be made." in response.content.decode()


@pytest.mark.django_db
def test_the_process_knows_no_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setattr(
        child, "PROGRAM", "import os, sys; sys.exit('DATABASE_URL' in os.environ or 'SECRET_KEY' in os.environ)"
    )
    with pytest.raises(pdf.NotWritten, match="nonsense"):  # and not: ended with 1
        pdf.html_to_pdf("<p>x</p>", title="x")


def meanwhile(monkeypatch, happens) -> None:
    """Have something happen while the PDFs are being made, once."""
    write_pdfs = issue.write_pdfs

    def write(papers):
        monkeypatch.setattr(issue, "write_pdfs", write_pdfs)
        happens()
        return write_pdfs(papers)

    monkeypatch.setattr(issue, "write_pdfs", write)


@pytest.mark.django_db
def test_a_case_that_changed_meanwhile_is_read_again_before_it_is_issued(submitted, manager, client, monkeypatch):
    notice = submitted()
    client.force_login(manager)
    address = reverse("case_sign_off", args=[notice.application_id])
    meanwhile(monkeypatch, lambda: LocalAuthority.objects.update(signatory_name="Somebody New"))
    response = client.post(address, {"action": "approve", "issue": "on", "comment": "Well reasoned."})
    page = response.content.decode()
    assert response.status_code == 422
    assert "changed while its notice was being made" in page
    assert "Read the report and the notice again" in page
    assert "Well reasoned." in page
    assert_as_it_was(notice)
    approve(notice, by=manager)
    assert "Somebody New" in IssuedNotice.objects.get().html


@pytest.mark.django_db
def test_what_is_published_by_another_way_than_the_sign_off_has_no_papers(submitted, manager):
    notice = submitted()
    state = notice.current_workflow_state.current_task_state
    with pytest.raises(issue.ChangedMeanwhile), transaction.atomic():
        state.approve(user=manager)
    assert_as_it_was(notice)


@pytest.mark.django_db(transaction=True)
def test_the_case_is_free_while_the_pdfs_are_made(submitted, manager, monkeypatch):
    with transaction.atomic():
        notice = submitted()
    seen = []

    def happens():
        def take_the_row():
            with transaction.atomic():
                PlanningApplication.objects.select_for_update(nowait=True).get(pk=notice.application_id)
            return "free"

        seen.extend(both_at_once(take_the_row))

    meanwhile(monkeypatch, happens)
    approve(DecisionNotice.objects.get(pk=notice.pk), by=manager)
    assert seen == ["free"]


@pytest.mark.django_db(transaction=True)
def test_the_second_manager_hears_of_the_first_who_was_quicker_while_the_pdfs_were_made(
    submitted, manager, second_manager, monkeypatch
):
    with transaction.atomic():
        notice = submitted()
    is_issued, results = Event(), []

    def happens():
        results.extend(both_at_once(lambda: approve(DecisionNotice.objects.get(pk=notice.pk), by=second_manager)))
        is_issued.set()

    meanwhile(monkeypatch, happens)
    with pytest.raises(StepNotAllowed, match="already been issued"):
        approve(DecisionNotice.objects.get(pk=notice.pk), by=manager)
    assert is_issued.is_set()
    assert isinstance(results[0], IssuedNotice)
    assert IssuedNotice.objects.get().signed_by == second_manager
    connection.close()
