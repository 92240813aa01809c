"""What somebody is asked who wants to follow something: the e-mail address, and for an area where and how far."""

from django import forms

from accounts.models import LocalAuthority
from accounts.plain_text import PlainWords

from .followed import RADII
from .places import Place, tidy_postcode, where_is

BAD_EMAIL = "Enter an e-mail address in the correct format, like name@example.com"


class FollowForm(PlainWords, forms.Form):
    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        error_messages={"required": "Enter your e-mail address", "invalid": BAD_EMAIL, "max_length": BAD_EMAIL},
        widget=forms.EmailInput(
            attrs={"class": "govuk-input govuk-!-width-two-thirds", "autocomplete": "email", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            said = [f"id_{name}-hint"]
            if self.is_bound and self.errors.get(name):
                said.append(f"id_{name}-error")
                field.widget.attrs["class"] += f" {field.widget.attrs['class'].split()[0]}--error"
            field.widget.attrs["aria-describedby"] = " ".join(said)


class AreaForm(FollowForm):
    """With the council whose register knows where postcodes are. `place` is set when the form is valid."""

    postcode = forms.CharField(
        label="Postcode",
        max_length=20,
        error_messages={"required": "Enter a postcode", "max_length": "Enter a full UK postcode"},
        widget=forms.TextInput(
            attrs={"class": "govuk-input govuk-input--width-10", "autocomplete": "postal-code", "spellcheck": "false"}
        ),
    )
    radius = forms.TypedChoiceField(
        label="How far around it",
        coerce=int,
        initial=500,
        choices=list(RADII.items()),
        error_messages={"required": "Choose how far around it", "invalid_choice": "Choose how far around it"},
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    field_order = ("postcode", "radius", "email")
    place: Place | None = None

    def __init__(self, *args, council: LocalAuthority, **kwargs):
        self.council = council
        super().__init__(*args, **kwargs)

    def clean_postcode(self) -> str:
        postcode = tidy_postcode(self.cleaned_data["postcode"])
        if not postcode:
            raise forms.ValidationError("Enter a full UK postcode, like HP9 2LX", code="invalid")
        self.place = where_is(self.council, postcode)
        if self.place is None:
            raise forms.ValidationError(
                f"We do not know where {postcode} is: no application on this register is there or near it",
                code="unknown",
            )
        return postcode

    def unknown_postcode(self) -> str:
        """The postcode that is one, and of which nobody here knows where it is; else empty."""
        unknown = any(error.code == "unknown" for error in self.errors.as_data().get("postcode", []))
        return tidy_postcode(self.data.get("postcode", "")) if unknown else ""
