"""What every template knows of the council whose site is read."""

from django.http import HttpRequest


def council(request: HttpRequest) -> dict:
    return {}
