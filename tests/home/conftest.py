"""Fixtures of the public site's tests: what a visitor of one council's host name sees."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cases.models import PlanningApplication
from cases.statuses import Status


@pytest.fixture(autouse=True)
def _no_site_paths_of_other_tests():
    cache.clear()  # Wagtail remembers where sites begin; rolled-back rows leave no signal


@pytest.fixture
def visitor(authority) -> Client:
    """Somebody without a session, on the host name of the council."""
    return Client(HTTP_HOST=authority.site.hostname)


@pytest.fixture
def visitor_elsewhere(other_authority) -> Client:
    return Client(HTTP_HOST=other_authority.site.hostname)


@pytest.fixture
def make_public(make_application) -> Callable[..., PlanningApplication]:
    """make_public("pp.full.householder", …) → an application on the register, in assessment unless said otherwise."""

    def make(type_code: str = "pp.full.householder", *, status: Status = Status.IN_ASSESSMENT, **fields):
        return make_application(type_code, status=status, **{"published_at": timezone.now(), **fields})

    return make
