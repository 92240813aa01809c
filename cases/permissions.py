"""Who may do what to which application: one predicate for each rule, asked in the verb and by the view.

Which role holds which permission: accounts/roles.py.

Every predicate begins with `same_authority`: tenants never meet. A user without an authority administers the
installation and does no casework.
"""

from django.db.models import Q, QuerySet

from accounts.models import User

from .models import CaseEvent, Document, DocumentType, PlanningApplication, PortalDelivery, Submission
from .models.application import PlanningApplicationQuerySet
from .models.document import DocumentQuerySet
from .request_kinds import KINDS
from .statuses import BEING_ASSESSED, BEING_DECIDED, BEING_VALIDATED, ENDED, OPEN, Status


def cases_for(user: User) -> PlanningApplicationQuerySet:
    """Every application this user may see; the scope with which each view of officers begins."""
    applications = PlanningApplication.objects.all()
    if not user.is_active or not user.has_perm("cases.view_planningapplication"):
        return applications.none()
    if user.authority_id is None:
        return applications if user.is_superuser else applications.none()
    return applications.of(user.authority_id)


def documents_for(user: User) -> DocumentQuerySet:
    return Document.objects.filter(application__in=cases_for(user))


def documents_open_to(user: User) -> DocumentQuerySet:
    """Those of `documents_for` that `can_see_document` lets this user read, as one question to the database."""
    documents = documents_for(user)
    if not user.has_perm("cases.view_document"):
        return documents.none()
    if user.authority_id is not None and user.has_perm("cases.view_private_application"):
        return documents
    personal = DocumentType.objects.filter(often_personal=True).values_list("code", flat=True)
    return documents.filter(~Q(types__overlap=personal) | Q(pk__in=Document.objects.public().values("pk")))


def administers_submissions(user: User) -> bool:
    """Who looks after the systems that send applications also sees what they sent."""
    return user.is_active and user.has_perm("cases.view_submission") and user.has_perm("accounts.view_apitoken")


def submissions_for(user: User) -> QuerySet[Submission]:
    """What arrived for the user's own authority; the installation's administrator sees also what was for nobody."""
    submissions = Submission.objects.all()
    if not administers_submissions(user):
        return submissions.none()
    if user.authority_id is None:
        return submissions if user.is_superuser else submissions.none()
    return submissions.filter(authority=user.authority_id)


def can_take_in_deliveries(user: User) -> bool:
    """Who may make a case may also take in what the Planning Portal sent."""
    return user.is_active and user.authority_id is not None and user.has_perm("cases.add_planningapplication")


def deliveries_for(user: User) -> QuerySet[PortalDelivery]:
    """What the Planning Portal sent to the user's own council."""
    if not can_take_in_deliveries(user):
        return PortalDelivery.objects.none()
    return PortalDelivery.objects.filter(authority=user.authority_id)


def events_for(user: User) -> QuerySet[CaseEvent]:
    """The audit of a council's cases; for the installation's administrator, of all."""
    if not user.is_active or not user.has_perm("cases.view_caseevent"):
        return CaseEvent.objects.none()
    return CaseEvent.objects.filter(application__in=cases_for(user))


def can_see_event(user: User, event: CaseEvent) -> bool:
    """The same rule as `events_for`, for an event that is already read with its application."""
    return user.has_perm("cases.view_caseevent") and can_view(user, event.application)


def can_see_submission(user: User, submission: Submission) -> bool:
    """The same rule as `submissions_for`, for a row that is already read."""
    if user.authority_id is None:
        return user.is_superuser and administers_submissions(user)
    return user.authority_id == submission.authority_id and administers_submissions(user)


def same_authority(user: User, application: PlanningApplication) -> bool:
    return user.is_active and user.authority_id is not None and user.authority_id == application.authority_id


def _may(user: User, permission: str, application: PlanningApplication) -> bool:
    # Never has_perm(permission, application): ModelBackend answers False as soon as an object is given.
    return same_authority(user, application) and user.has_perm(f"cases.{permission}")


def can_view(user: User, application: PlanningApplication) -> bool:
    if user.is_active and user.is_superuser and user.authority_id is None:
        return True
    return _may(user, "view_planningapplication", application)


def can_view_private(user: User, application: PlanningApplication) -> bool:
    return _may(user, "view_private_application", application)


def can_validate(user: User, application: PlanningApplication) -> bool:
    """Check what arrived and put it right: while it is being validated."""
    return application.status in BEING_VALIDATED and _may(user, "validate_application", application)


def can_correct(user: User, application: PlanningApplication) -> bool:
    """Correct facts, documents, constraints: while the application is open and not waiting for its decision."""
    return application.status in OPEN - BEING_DECIDED and _may(user, "validate_application", application)


def can_add_documents(user: User, application: PlanningApplication) -> bool:
    """Add what arrives while the application is open, also while it waits for its decision."""
    return application.status in OPEN and _may(user, "add_document", application)


def can_consult(user: User, application: PlanningApplication) -> bool:
    """Record publicity and comments: from validation until the decision (late comments count until then)."""
    return application.status in BEING_ASSESSED | BEING_DECIDED and _may(user, "validate_application", application)


def can_assess(user: User, application: PlanningApplication) -> bool:
    return application.status in BEING_ASSESSED and _may(user, "assess_application", application)


def can_sign_off(user: User, application: PlanningApplication) -> bool:
    """A manager, and never the one who recommended: four eyes."""
    if application.status not in BEING_DECIDED or not _may(user, "sign_off_application", application):
        return False
    newest = application.recommendations.first()
    return newest is None or newest.by_id != user.pk


def can_record_resolution(user: User, application: PlanningApplication) -> bool:
    return application.status == Status.IN_COMMITTEE and _may(user, "sign_off_application", application)


def can_record_appeal(user: User, application: PlanningApplication) -> bool:
    """An appeal can be made against a decision, or for want of one; never once the case was withdrawn or returned."""
    may_be_appealed = application.is_decided or application.status in BEING_ASSESSED | BEING_DECIDED
    return may_be_appealed and _may(user, "assess_application", application)


def can_assign(user: User, application: PlanningApplication) -> bool:
    return application.status in OPEN and _may(user, "assign_application", application)


def can_take(user: User, application: PlanningApplication) -> bool:
    """An officer may take a case that nobody has."""
    return (
        application.status in OPEN
        and application.officer_id is None
        and _may(user, "change_planningapplication", application)
    )


def can_extend(user: User, application: PlanningApplication) -> bool:
    return (
        application.status in OPEN
        and application.valid_from is not None
        and _may(user, "extend_application", application)
    )


def can_ask(user: User, application: PlanningApplication, kind: str) -> bool:
    """Note and send a request of this kind (cases/request_kinds.py): faults and words by who validates, conditions and
    terms by who assesses a valid application, more time by who may agree to it."""
    return can_settle(user, application, kind) and (KINDS[kind].before_valid or application.valid_from is not None)


def can_settle(user: User, application: PlanningApplication, kind: str) -> bool:
    """Look at the answer to a request of this kind, settle or withdraw it: while the application is open.

    Only more time is also a matter while the application waits for its decision.
    """
    rules = KINDS[kind]
    in_time = application.status in (OPEN if rules.while_decided else OPEN - BEING_DECIDED)
    return in_time and _may(user, rules.permission, application)


def can_remind(user: User, application: PlanningApplication) -> bool:
    """Write to the applicant about what is asked of them."""
    return application.status in OPEN and _may(user, "change_planningapplication", application)


def can_revoke_links(user: User, application: PlanningApplication) -> bool:
    """Close an applicant's link; also after the decision, since it opens what was asked and answered."""
    return _may(user, "change_planningapplication", application)


def can_publish(user: User, application: PlanningApplication) -> bool:
    """Decide what of the documents and comments the public may see; also after the decision."""
    return _may(user, "publish_application", application)


def can_close(user: User, application: PlanningApplication) -> bool:
    return application.status in OPEN and _may(user, "close_application", application)


def can_reopen(user: User, application: PlanningApplication) -> bool:
    return application.status in ENDED and not application.decision and _may(user, "close_application", application)


def can_note(user: User, application: PlanningApplication) -> bool:
    return _may(user, "change_planningapplication", application)


def can_see_document(user: User, document: Document) -> bool:
    """Evidence about people (bank statements, tenancies) only who may see personal data, until it is published."""
    if not can_view(user, document.application) or not user.has_perm("cases.view_document"):
        return False
    if document.is_public or can_view_private(user, document.application):
        return True
    return not DocumentType.objects.filter(code__in=document.types, often_personal=True).exists()


def can_change_what_all_share(user: User) -> bool:
    """Reference data without a council: the installation's administrator, or the only council's own."""
    return user.authority_id is None or user.works_in_the_only_council
