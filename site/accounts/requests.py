"""What requests and views are behind sign-in, for annotations."""

from django.db.models import Model
from django.http import HttpRequest
from django.views import View

from .models import User


class SignedInRequest(HttpRequest):
    """In the admin nobody but a signed-in user comes as far as a page, so `user` is one of ours."""

    user: User


class SignedInView(View):
    """For a mixin of one of Wagtail's views of a model, which has no types of its own."""

    request: SignedInRequest
    model: type[Model]
