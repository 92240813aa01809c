"""Saving rows of a case leaves no work behind but its own."""

import pytest
from wagtail.models import ReferenceIndex

from cases.models import CaseEvent, Document, Party, PlanningApplication
from notices.models import DecisionNotice, Message, NoticeTemplate


@pytest.mark.parametrize("model", [PlanningApplication, CaseEvent, Document, Party, DecisionNotice, Message])
def test_rows_of_a_case_are_not_in_the_index_of_references(model):
    assert model not in ReferenceIndex.tracked_models


def test_templates_are(db):
    assert NoticeTemplate in ReferenceIndex.tracked_models
