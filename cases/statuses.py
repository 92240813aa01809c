"""The words that the law and neighbouring systems use for where a case stands. Imports nothing of ours."""

from django.db import models


class Status(models.TextChoices):
    """Where an application stands. Publication, consultation, extension, appeal and decision are facts of their own."""

    PENDING = "pending", "Being taken in"
    NOT_STARTED = "not_started", "To validate"
    INVALIDATED = "invalidated", "Invalid"
    IN_ASSESSMENT = "in_assessment", "In assessment"
    AWAITING_DETERMINATION = "awaiting_determination", "Awaiting sign-off"
    TO_BE_REVIEWED = "to_be_reviewed", "Sent back"
    IN_COMMITTEE = "in_committee", "At committee"
    DETERMINED = "determined", "Determined"
    RETURNED = "returned", "Returned"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CLOSED = "closed", "Closed"


BEING_VALIDATED = frozenset({Status.NOT_STARTED, Status.INVALIDATED})
BEING_ASSESSED = frozenset({Status.IN_ASSESSMENT, Status.TO_BE_REVIEWED})
BEING_DECIDED = frozenset({Status.AWAITING_DETERMINATION, Status.IN_COMMITTEE})
OPEN = frozenset({Status.PENDING}) | BEING_VALIDATED | BEING_ASSESSED | BEING_DECIDED
ENDED = frozenset(Status) - OPEN
# The register holds valid applications and what became of them (TCPA 1990 s.69); never what was sent back unread.
ON_THE_REGISTER = BEING_ASSESSED | BEING_DECIDED | {Status.DETERMINED, Status.WITHDRAWN, Status.CLOSED}


class Origin(models.TextChoices):
    """How the row came to be here. Set when it is inserted and never changed after (a trigger holds it)."""

    SUBMITTED = "submitted", "Submitted to us"
    ENTERED = "entered", "Entered by an officer"
    IMPORTED = "imported", "Imported from an older register"


class WorkStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    EXISTING = "existing", "Existing"
    RETROSPECTIVE = "retrospective", "Retrospective"


class Decision(models.TextChoices):
    """Every outcome that the law knows; mapped outwards at the edge, since no standard can hold them all."""

    GRANTED = "granted", "Granted"
    GRANTED_WITH_CONDITIONS = "granted_with_conditions", "Granted with conditions"
    REFUSED = "refused", "Refused"
    SPLIT = "split", "Split decision"
    LDC_GRANTED = "ldc_granted", "Certificate granted"
    LDC_GRANTED_PART = "ldc_granted_part_or_modified", "Certificate granted in part or modified"
    LDC_REFUSED = "ldc_refused", "Certificate refused"
    PA_NOT_REQUIRED = "pa_not_required", "Prior approval not required"
    PA_APPROVED = "pa_required_approved", "Prior approval given"
    PA_REFUSED = "pa_required_refused", "Prior approval refused"
    PA_DEEMED = "pa_default_deemed", "No decision within the period: deemed permission"
    PA_NOT_PD = "pa_not_permitted_development", "Not permitted development"
    RM_APPROVED = "rm_approved", "Reserved matters approved"
    DETAILS_APPROVED = "details_approved", "Details approved"
    DETAILS_PART = "details_part", "Details approved in part"
    DETAILS_REFUSED = "details_refused", "Details refused"
    DETAILS_DEEMED = "details_deemed", "Details deemed approved"
    NMA_APPROVED = "nma_approved", "Amendment approved"
    NMA_REFUSED = "nma_refused", "Amendment refused"
    TREE_NO_OBJECTION = "tree_no_objection", "No objection"
    TREE_TPO_MADE = "tree_tpo_made", "Tree preservation order made"
    PIP_GRANTED = "pip_granted", "Permission in principle granted"
    PIP_REFUSED = "pip_refused", "Permission in principle refused"
    NO_OBJECTION = "no_objection", "No objection"
    ADVICE_GIVEN = "advice_given", "Advice given"


REFUSALS = frozenset(
    {
        Decision.REFUSED,
        Decision.LDC_REFUSED,
        Decision.PA_REFUSED,
        Decision.PA_NOT_PD,
        Decision.DETAILS_REFUSED,
        Decision.NMA_REFUSED,
        Decision.PIP_REFUSED,
        Decision.TREE_TPO_MADE,
    }
)
CONDITIONAL = frozenset({Decision.GRANTED_WITH_CONDITIONS})
# Permission from the council itself: the notice must carry the biodiversity net gain statement (DMPO art. 35(1)(za)).
GRANTS_OF_PLANNING_PERMISSION = frozenset({Decision.GRANTED, Decision.GRANTED_WITH_CONDITIONS, Decision.SPLIT})


class Route(models.TextChoices):
    OFFICER = "officer", "Officer (delegated)"
    COMMITTEE = "committee", "Planning committee"


class Resolution(models.TextChoices):
    GRANT = "grant", "Resolved to grant"
    REFUSE = "refuse", "Resolved to refuse"
    DEFER = "defer", "Deferred"


class PublicStatus(models.TextChoices):
    """MHCLG public-register-status: what nobody has looked at is not public. The words name states, never deeds."""

    NOT_ASSESSED = "not_assessed", "Not looked at yet"
    PUBLISH = "publish", "Public"
    WITHHOLD = "withhold", "Withheld"


class Sentiment(models.TextChoices):
    OBJECTION = "objection", "Objects"
    NEUTRAL = "neutral", "Neutral"
    SUPPORTIVE = "supportive", "Supports"
    AMENDMENTS = "amendments", "Wants changes"  # consultees only: no objection if something is changed


PUBLIC_SENTIMENTS = (Sentiment.OBJECTION, Sentiment.NEUTRAL, Sentiment.SUPPORTIVE)
# A body that answers without objecting or supporting has, in most letters, “no comment”.
CONSULTEE_SENTIMENTS: dict[str, str] = {one.value: str(one.label) for one in Sentiment} | {
    Sentiment.NEUTRAL.value: "No comment / neutral"
}


class Topic(models.TextChoices):
    """What a comment is about: the topics that PlanX and the Digital Planning Register ask commenters for."""

    DESIGN = "design", "Design, size or height"
    USE = "use", "Use of the land or building"
    LIGHT = "light", "Daylight and sunlight"
    PRIVACY = "privacy", "Privacy of neighbours"
    ACCESS = "access", "Access"
    NOISE = "noise", "Noise"
    TRAFFIC = "traffic", "Traffic, parking or road safety"
    OTHER = "other", "Something else"
