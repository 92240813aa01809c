"""Two people's word before a document is published, where the council has switched that on; and no way around it."""

import ast
import io
from datetime import date
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accounts.roles import PLANNING_MANAGER
from cases.documents.adding import add_document, add_imported_document
from cases.documents.bulk import Deed, carry_out, plan_for
from cases.documents.describing import change_document, replace_document, supersede
from cases.documents.publishing import confirm_publication, refuse_publication, set_public_status, take_back_proposal
from cases.documents.redacted_copies import add_redacted_copy
from cases.models import Document
from cases.statuses import Origin, PublicStatus
from tests.cases import files

pytestmark = pytest.mark.django_db

DAY = date(2026, 6, 1)
PUBLISH, WITHHOLD, NOT_ASSESSED = PublicStatus.PUBLISH, PublicStatus.WITHHOLD, PublicStatus.NOT_ASSESSED


@pytest.fixture
def careful(authority):
    """The council wants a second person's look."""
    authority.second_person_publishes = True
    authority.save(update_fields=["second_person_publishes"])
    return authority


@pytest.fixture
def application(make_application):
    with transaction.atomic():
        return make_application("pp.full.householder")


@pytest.fixture
def document(application, officer):
    return _document(application, officer)


def _document(application, by, words="A plan", **fields) -> Document:
    document = add_document(application, file=io.BytesIO(files.pdf(words=words)), name=f"{words}.pdf", by=by, **fields)
    looked_through(document)
    return document


def looked_through(document: Document) -> None:
    """As the background leaves it: nothing in the file can run."""
    Document.objects.filter(pk=document.pk).update(active_content=[])
    document.refresh_from_db()


def propose(document, by) -> None:
    set_public_status([document], status=PUBLISH, by=by)


def kinds(application) -> list[str]:
    found = application.events.filter(kind__in=["publication_asked", "publication_refused", "documents_published"])
    return list(found.order_by("sequence").values_list("kind", flat=True))


def is_public(document) -> bool:
    return Document.objects.public().filter(pk=document.pk).exists()


# --- One proposes, another publishes --------------------------------------------------------------------------------


def test_without_the_switch_one_person_publishes(document, officer):
    propose(document, officer)
    assert is_public(document)
    assert document.publication_asked_by is None


def test_one_person_only_proposes(careful, document, officer):
    propose(document, officer)
    assert not is_public(document)
    assert (document.public_status, document.publication_asked_by) == (NOT_ASSESSED, officer)
    assert document.publication_asked_at
    event = document.application.events.get(kind="publication_asked")
    assert (event.by, event.data["documents"], event.data["titles"]) == (officer, [document.pk], [document.title])


def test_another_person_publishes(careful, document, officer, manager):
    propose(document, officer)
    confirm_publication([document], by=manager)
    assert is_public(document)
    assert (document.publication_asked_by, document.publication_asked_at) == (None, None)
    event = document.application.events.get(kind="documents_published")
    assert (event.by, event.data["status"], event.data["proposed_by"]) == (manager, "publish", [str(officer)])


def test_who_proposed_does_not_publish(careful, document, officer):
    propose(document, officer)
    with pytest.raises(ValidationError, match="another person must look"):
        confirm_publication([document], by=officer)
    propose(document, officer)  # nor by proposing again
    assert not is_public(document)
    assert kinds(document.application) == ["publication_asked"]


def test_a_second_proposal_is_not_the_second_look(careful, document, officer, manager):
    propose(document, officer)
    propose(document, manager)
    assert not is_public(document)
    assert document.publication_asked_by == officer
    assert kinds(document.application) == ["publication_asked"]


def test_among_many_one_own_proposal_stops_all(careful, application, officer, manager):
    mine, theirs = _document(application, officer, "One"), _document(application, officer, "Two")
    propose(mine, manager)
    propose(theirs, officer)
    with pytest.raises(ValidationError, match="“One”"):
        confirm_publication([theirs, mine], by=manager)
    assert not is_public(theirs)
    assert not is_public(mine)


def test_what_nobody_proposed_is_not_confirmed(careful, document, manager):
    with pytest.raises(ValidationError, match="Nobody proposes"):
        confirm_publication([document], by=manager)
    assert not is_public(document)


def test_withholding_needs_nobody_else(careful, document, officer, manager):
    propose(document, officer)
    set_public_status([document], status=WITHHOLD, because="A signature", by=officer)
    assert (document.public_status, document.publication_asked_by) == (WITHHOLD, None)
    with pytest.raises(ValidationError, match="Nobody proposes"):
        confirm_publication([document], by=manager)


def test_what_is_published_is_withheld_by_one_person_at_once(careful, document, officer, manager):
    propose(document, officer)
    confirm_publication([document], by=manager)
    set_public_status([document], status=WITHHOLD, because="A telephone number was overlooked", by=officer)
    assert not is_public(document)
    propose(document, officer)
    assert (document.public_status, is_public(document)) == (WITHHOLD, False)  # until somebody else has looked


def test_not_agreed_it_stays_as_it_was(careful, document, officer, manager):
    set_public_status([document], status=WITHHOLD, because="Not yet", by=officer)
    propose(document, officer)
    with pytest.raises(ValidationError, match="Say why"):
        refuse_publication([document], because=" ", by=manager)
    refuse_publication([document], because="There is a telephone number on page 2.", by=manager)
    assert (document.public_status, document.withheld_because) == (WITHHOLD, "Not yet")
    assert document.publication_asked_by is None
    event = document.application.events.get(kind="publication_refused")
    assert event.data["because"] == "There is a telephone number on page 2."
    assert event.data["proposed_by"] == [str(officer)]


def test_a_proposal_is_taken_back_by_who_made_it(careful, document, officer, manager):
    propose(document, officer)
    with pytest.raises(ValidationError, match="not you"):
        take_back_proposal([document], by=manager)
    with pytest.raises(ValidationError, match="take that back"):
        refuse_publication([document], because="Not mine to refuse", by=officer)
    take_back_proposal([document], by=officer)
    assert document.publication_asked_by is None
    with pytest.raises(ValidationError, match="Nobody proposes"):
        confirm_publication([document], by=manager)


# --- What was looked at is what is published ------------------------------------------------------------------------


def test_a_newer_file_is_not_published_by_an_older_look(careful, document, officer, manager):
    propose(document, officer)
    newer = replace_document(
        document,
        file=io.BytesIO(files.pdf(words="Revised")),
        name="b.pdf",
        revision="B",
        received_on=DAY,
        by=officer,
    )
    document.refresh_from_db()
    assert (document.publication_asked_by, newer.publication_asked_by) == (None, None)
    assert newer.public_status == NOT_ASSESSED
    for either in (document, newer):
        with pytest.raises(ValidationError, match="Nobody proposes"):
            confirm_publication([either], by=manager)


def test_superseded_meanwhile_it_is_proposed_no_longer(careful, application, document, officer):
    propose(document, officer)
    supersede(document, with_document=_document(application, officer, "Newer"), by=officer)
    assert document.publication_asked_by is None
    assert kinds(application) == ["publication_asked", "publication_refused"]


def test_of_another_type_it_must_be_looked_at_again(careful, document, officer, manager):
    propose(document, officer)
    change_document(document, types=["bankStatement"], by=officer)
    assert document.publication_asked_by is None
    with pytest.raises(ValidationError, match="Nobody proposes"):
        confirm_publication([document], by=manager)


def test_other_words_about_it_leave_the_proposal(careful, document, officer):
    propose(document, officer)
    change_document(document, drawing_number="PL-01", by=officer)
    assert document.publication_asked_by == officer


def test_a_redacted_copy_is_looked_at_by_two_as_well(careful, document, officer, manager):
    propose(document, officer)
    copy = add_redacted_copy(document, file=io.BytesIO(files.pdf(words="Black")), name="copy.pdf", by=officer)
    looked_through(copy)
    document.refresh_from_db()
    assert document.publication_asked_by is None
    propose(copy, officer)
    assert not is_public(copy)
    confirm_publication([copy], by=manager)
    assert is_public(copy)
    assert not is_public(document)


def test_what_became_harmful_after_the_proposal_is_not_confirmed(careful, document, officer, manager):
    propose(document, officer)
    Document.objects.filter(pk=document.pk).update(scan_status=Document.ScanStatus.INFECTED)
    with pytest.raises(ValidationError, match="harmful"):
        confirm_publication([document], by=manager)
    document.refresh_from_db()
    assert document.public_status == NOT_ASSESSED


# --- The switch -----------------------------------------------------------------------------------------------------


def test_switched_on_later_what_is_published_stays_so(document, officer, authority):
    propose(document, officer)
    authority.second_person_publishes = True
    authority.save()
    propose(document, officer)  # published again: there is nothing to propose
    assert is_public(document)
    assert document.publication_asked_by is None


def test_switched_off_again_one_person_publishes_what_was_proposed(careful, document, officer):
    propose(document, officer)
    careful.second_person_publishes = False
    careful.save()
    document.application.refresh_from_db()
    propose(document, officer)
    assert is_public(document)
    assert document.publication_asked_by is None


def test_an_older_register_is_imported_as_it_was_published(careful, make_application):
    imported = make_application("pp.full.householder", origin=Origin.IMPORTED)
    document = add_imported_document(
        imported, file=io.BytesIO(files.pdf()), name="Plan.pdf", received_on=DAY, is_public=True
    )
    assert is_public(document)


# --- Nobody else, and no other way ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["set_public_status", "confirm", "refuse", "take_back"])
def test_another_council_has_no_word(careful, document, officer, make_user, other_authority, verb):
    stranger = make_user("strange-manager", PLANNING_MANAGER, authority=other_authority)
    propose(document, officer)
    with pytest.raises(PermissionDenied):
        _do(verb, document, by=stranger)
    document.refresh_from_db()
    assert (document.publication_asked_by, is_public(document)) == (officer, False)


@pytest.mark.parametrize("verb", ["set_public_status", "confirm", "refuse", "take_back"])
def test_nor_has_the_installations_administrator(careful, document, officer, superuser, verb):
    propose(document, officer)
    with pytest.raises(PermissionDenied):
        _do(verb, document, by=superuser)
    assert not is_public(document)


@pytest.mark.parametrize("verb", ["confirm", "refuse"])
def test_nor_somebody_who_only_reads(careful, document, officer, reader, administrator, verb):
    propose(document, officer)
    for user in (reader, administrator):
        with pytest.raises(PermissionDenied):
            _do(verb, document, by=user)
    assert not is_public(document)


def _do(verb: str, document, *, by) -> None:
    match verb:
        case "set_public_status":
            set_public_status([document], status=PUBLISH, by=by)
        case "confirm":
            confirm_publication([document], by=by)
        case "refuse":
            refuse_publication([document], because="No", by=by)
        case "take_back":
            take_back_proposal([document], by=by)


def test_many_at_once_are_proposed_too(careful, application, officer, manager):
    documents = [_document(application, officer, words) for words in ("One", "Two")]
    propose_all = plan_for(documents, application=application, deed=Deed.PUBLISH, by=officer)
    assert propose_all.only_proposes
    carry_out(propose_all, application=application, by=officer)
    assert not Document.objects.public().exists()
    own = plan_for(application.documents.all(), application=application, deed=Deed.CONFIRM, by=officer)
    assert (own.can, len(own.cannot)) == ([], 2)
    carry_out(
        plan_for(application.documents.all(), application=application, deed=Deed.CONFIRM, by=manager),
        application=application,
        by=manager,
    )
    assert Document.objects.public().count() == 2


# Whatever is published, is so by two people's word or one's, or by the import of an older register that had it public.
# Of what comes in, only the Planning Portal's own redacted form is public (cases/intake/portal/document_kinds.py).
PUBLISHERS = {"cases/documents/publishing.py", "cases/documents/adding.py", "cases/intake/receiving.py"}
WRITING = {"update", "create", "update_or_create", "get_or_create", "Document"}
FIELD = "public_status"


def _writes_public_status(source: str) -> bool:
    return any(_writes(node) for node in ast.walk(ast.parse(source)))


def _writes(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in WRITING and any(word.arg == FIELD and not _withholds(word.value) for word in node.keywords):
            return True
        return called == "setattr" and _names(node.args[1])
    if isinstance(node, ast.Dict):  # the fields of a row, or what an update is given
        return any(_names(key) for key in node.keys)
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return any(
        (isinstance(target, ast.Attribute) and target.attr == FIELD)
        or (isinstance(target, ast.Subscript) and _names(target.slice))
        for target in targets
    )


def _withholds(value: ast.AST) -> bool:
    """To withhold needs nobody's word, so anybody may write that."""
    return isinstance(value, ast.Attribute) and value.attr == "WITHHOLD"


def _names(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == FIELD


@pytest.mark.parametrize(
    "written",
    [
        "rows.update(public_status=x)",
        "Document(public_status=x)",
        "row.public_status = x",
        "row.public_status: str = x",
        "rows.update(**{'public_status': x})",
        "setattr(row, 'public_status', x)",
        "fields['public_status'] = x",
    ],
)
def test_a_writer_is_known_however_it_writes(written):
    assert _writes_public_status(written)
    assert not _writes_public_status("rows.filter(public_status=x); row.public_status == x; ['public_status']")
    assert not _writes_public_status("rows.update(public_status=PublicStatus.WITHHOLD)")


def test_nothing_else_writes_whether_a_document_is_public():
    root = Path(__file__).parents[3]
    writers = {
        str(path.relative_to(root))
        for folder in ("cases", "notices", "home", "site/accounts", "site/config")
        for path in (root / folder).rglob("*.py")
        if _writes_public_status(path.read_text(encoding="utf-8"))
    }
    assert writers == PUBLISHERS


# --- At once --------------------------------------------------------------------------------------------------------

ROUNDS = 8


def at_once(*verbs) -> list:
    """Each verb in a thread with a connection of its own; what each raised, or None."""
    start, raised = Barrier(len(verbs)), [None] * len(verbs)

    def press(place: int, verb) -> None:
        try:
            start.wait()
            verb()
        except Exception as error:
            raised[place] = error
        finally:
            connection.close()

    threads = [Thread(target=press, args=(place, verb)) for place, verb in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def again(document) -> Document:
    return Document.objects.select_related("application").get(pk=document.pk)


@pytest.mark.django_db(transaction=True)
def test_two_propose_at_once_and_one_of_them_did(careful, application, officer, manager):
    for round_ in range(ROUNDS):
        document = _document(application, officer, f"Plan {round_}")
        raised = at_once(lambda d=document: propose(again(d), officer), lambda d=document: propose(again(d), manager))
        assert raised == [None, None]
        document.refresh_from_db()
        assert document.publication_asked_by in (officer, manager)
        assert not is_public(document)
    assert kinds(application) == ["publication_asked"] * ROUNDS


@pytest.mark.django_db(transaction=True)
def test_two_confirm_at_once_and_it_is_published_once(careful, application, officer, manager, second_manager):
    for round_ in range(ROUNDS):
        document = _document(application, officer, f"Plan {round_}")
        propose(document, officer)
        raised = at_once(
            lambda d=document: confirm_publication([again(d)], by=manager),
            lambda d=document: confirm_publication([again(d)], by=second_manager),
        )
        assert sorted(type(error) for error in raised if error) == [ValidationError]
        assert is_public(document)
    assert kinds(application) == ["publication_asked", "documents_published"] * ROUNDS


@pytest.mark.django_db(transaction=True)
def test_confirmed_and_taken_back_at_once_is_one_of_the_two(careful, application, officer, manager):
    for round_ in range(ROUNDS):
        document = _document(application, officer, f"Plan {round_}")
        propose(document, officer)
        confirmed, taken_back = at_once(
            lambda d=document: confirm_publication([again(d)], by=manager),
            lambda d=document: take_back_proposal([again(d)], by=officer),
        )
        assert (confirmed is None) != (taken_back is None), (confirmed, taken_back)
        assert is_public(document) == (confirmed is None)


@pytest.mark.django_db(transaction=True)
def test_confirmed_and_given_another_type_at_once(careful, application, officer, manager):
    """Published as it was looked at, or not at all; never a type that nobody looked at by an older proposal."""
    for round_ in range(ROUNDS):
        document = _document(application, officer, f"Plan {round_}")
        propose(document, officer)
        confirmed, changed = at_once(
            lambda d=document: confirm_publication([again(d)], by=manager),
            lambda d=document: change_document(again(d), types=["bankStatement"], by=officer),
        )
        assert changed is None
        assert is_public(document) == (confirmed is None)
        assert again(document).publication_asked_by is None
