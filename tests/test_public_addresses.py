"""What anybody may open without signing in: this list, and nothing else.

A new address fails here until somebody has thought about who may open it.
"""

import re

import pytest
from django.test import Client

from tests.addresses import all_addresses

PUBLIC = {
    "council_stylesheet", "robots", "sitemap", "media", "register", "register_property", "register_application",
    "register_comments", "register_comment", "register_comment_question", "register_comment_sent",
    "register_report", "register_report_file", "register_document", "health",
    "register_csv", "register_json", "register_geojson",
    "register_list_csv", "register_list_json", "register_list_geojson", "open_data", "open_data_file",
    "verify_notice", "issued_notice", "issued_notice_pdf", "issued_notice_json",
    "register_documents", "register_documents_zip", "register_map", "register_map_data",
    "weekly_lists", "weekly_list", "weekly_list_csv", "monthly_list", "monthly_list_csv",
    "register_feed", "property_feed", "application_feed",
    "alerts", "alert_application", "alert_property", "alert_area", "alert_search", "alert_asked",
    # Behind a token of the follower's own, which the address holds; without it they know nothing.
    "alert_confirm", "alert_manage", "alert_stop", "alert_stop_all",
    # Behind the signed link of an applicant or agent; whatever else is tried, one page that knows of no application.
    "applicant_requests", "applicant_request", "applicant_check", "applicant_sent", "applicant_upload",
    "applicant_file_remove", "applicant_document",
    # A form that sends to the address on file alone, and says the same whatever was typed.
    "applicant_new_link", "applicant_new_link_asked",
    "wagtail_serve", "wagtaildocs_serve",
    # How a date that is being typed would be read: of nobody and no row.
    "understood_date",
    # Wagtail's pages with a password, of which a council may make some.
    "wagtaildocs_authenticate_with_password", "wagtailcore_authenticate_with_password", "wagtailcore_login",
    # The description of the API, and what it lets everybody read.
    "api:openapi-json", "api:openapi-view", "api:api-root", "api_nothing_here",
    "api:bops_public_search", "api:bops_public_application", "api:bops_public_documents", "api:bops_public_submission",
    "api:bops_public_comments", "api:bops_public_specialists", "api:bops_public_types",
    "api:odp_applications", "api:odp_application", "api:odp_documents", "api:odp_document",
    "api:odp_public_comments", "api:odp_public_comment", "api:odp_specialist_comments", "api:odp_specialist",
}  # fmt: skip
PROTECTED_BY_TOKEN = {
    "notify_callback", "api:ping", "api:create_planning_application", "api:create_submission",
    "api:create_signed_submission", "api:planning_applications", "api:search", "api:planning_application",
    "api:documents", "api:case_document", "api:submission", "api:public_comments", "api:comments_public",
    "api:specialist_comments", "api:application_types", "api:validation_requests",
    "api:validation_requests_of_case", "api:neighbour_responses",
}  # fmt: skip
BEFORE_SIGN_IN = {
    "wagtailadmin_login",
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_complete",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_sprite",
}


def test_every_address_outside_the_admin_is_on_the_list():
    outside = {a.view_name for a in all_addresses() if not a.route.startswith("admin/")}
    assert outside - PUBLIC - PROTECTED_BY_TOKEN == set()


def filled(route: str) -> str:
    """An address with something in each place; whose it is does not matter to somebody who is not signed in."""
    path = re.sub(r"\(\?P<\w+>[^)]*\)", "1", route)
    path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: _value(m[1]), path)
    return "/" + path.replace("^", "").replace("$", "").replace("\\.", ".").replace(".*", "x").replace("\\", "")


def _value(converter: str | None) -> str:
    return {"int": "1", "uuid": "7f4c2d4e-6b0a-4b6e-9a53-000000000001"}.get(converter or "", "x")


INSIDE = [a for a in all_addresses() if a.route.startswith("admin/") and a.view_name not in BEFORE_SIGN_IN]


@pytest.mark.django_db
def test_every_address_of_the_admin_sends_a_stranger_to_the_sign_in_page():
    client = Client()
    open_to_all = []
    for address in INSIDE:
        response = client.get(filled(address.route))
        asked_to_sign_in = response.status_code == 302 and response.url.startswith("/admin/login/")
        if not asked_to_sign_in and response.status_code not in {403, 404, 405}:
            open_to_all.append((address.route, filled(address.route), response.status_code))
    assert open_to_all == []
    assert len(INSIDE) > 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PROTECTED_BY_TOKEN))
def test_addresses_for_machines_ask_for_a_token(client, name):
    (address,) = [a for a in all_addresses() if a.view_name == name]
    path = filled(address.route)
    answers = {client.get(path).status_code, client.post(path, "{}", content_type="application/json").status_code}
    assert answers <= {401, 405}
    assert 401 in answers
