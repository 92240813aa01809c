"""The questions of a comment, one form each, in the words that people answer them in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.plain_text import PlainWords
from cases.statuses import Sentiment, Topic

LONGEST_COMMENT = 20_000
LONGEST_ADDRESS = 400
SENTIMENTS = (
    (Sentiment.OBJECTION.value, "I object to it"),
    (Sentiment.NEUTRAL.value, "I neither object nor support"),
    (Sentiment.SUPPORTIVE.value, "I support it"),
)


class LongText(forms.CharField):
    """Words over several lines. A line's end counts as one character, as browsers count it."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        return super().to_python(value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value)


class QuestionForm(PlainWords, forms.Form):
    """A form that knows where on its page each error belongs."""

    def faults(self) -> Iterator[tuple[str, str]]:
        """(id of the field on the page, what is wrong), in the order of the fields."""
        for field in self:
            for error in field.errors:
                yield f"id_{field.html_name}", str(error)

    def kept(self) -> dict[str, Any]:
        """What the draft keeps of the answers."""
        return self.cleaned_data


class SentimentForm(QuestionForm):
    sentiment = forms.ChoiceField(
        label="What do you think of the application?",
        choices=SENTIMENTS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you object, support or neither"},
    )


class TopicsForm(QuestionForm):
    topics = forms.MultipleChoiceField(
        label="What is your comment about?",
        choices=Topic,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Select all that apply. You can also select nothing and go on.",
    )


class TextForm(QuestionForm):
    text = LongText(
        label="Your comment",
        max_length=LONGEST_COMMENT,
        help_text="Say how the proposal would affect you or the area. Do not write about people, their health or their "
        "family, and do not put your phone number, e-mail address or signature here: anybody can read what we publish.",
        error_messages={
            "required": "Enter your comment",
            "max_length": f"Your comment must be {LONGEST_COMMENT:,} characters or fewer",
        },
    )


class DetailsForm(QuestionForm):
    name = forms.CharField(
        label="Full name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": "Enter your full name"},
    )
    address = LongText(
        label="Address",
        help_text="With the postcode. It tells the planning officer how near to the site you are.",
        widget=forms.Textarea(attrs={"autocomplete": "street-address", "rows": 4}),
        error_messages={"required": "Enter your address"},
    )
    email = forms.EmailField(
        label="E-mail address (optional)",
        max_length=254,
        required=False,
        help_text="For an e-mail that says that we have your comment. We never publish it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address in the correct format, like name@example.com"},
    )
    phone = forms.CharField(
        label="Phone number (optional)",
        max_length=40,
        required=False,
        help_text="In case the planning officer has a question. We never publish it.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    # Programs fill in whatever there is. People do not see it; one who does is told to leave it empty.
    subject = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if len(on_one_line(address)) > LONGEST_ADDRESS:
            raise forms.ValidationError(f"Your address must be {LONGEST_ADDRESS} characters or fewer")
        return address

    def clean_subject(self) -> str:
        if self.cleaned_data["subject"]:
            raise forms.ValidationError("Leave this empty: it is there to stop programs that fill in every field")
        return ""

    def kept(self) -> dict[str, Any]:
        return {name: value for name, value in super().kept().items() if name != "subject"}


def on_one_line(address: str) -> str:
    """The address as it is kept and shown: what people write on a line of its own stands after a comma."""
    lines = [line.strip(" ,") for line in address.splitlines()]
    return ", ".join(filter(None, lines))


@dataclass(frozen=True)
class Question:
    slug: str  # in the address
    form: type[QuestionForm]
    title: str
    template: str


QUESTIONS = (
    Question("view", SentimentForm, "What do you think of the application?", "comment_sentiment.html"),
    Question("topics", TopicsForm, "What is your comment about?", "comment_topics.html"),
    Question("words", TextForm, "Your comment", "comment_text.html"),
    Question("details", DetailsForm, "Your details", "comment_details.html"),
)


def question_named(slug: str) -> Question | None:
    return next((question for question in QUESTIONS if question.slug == slug), None)


def first_unanswered(answers: dict[str, Any]) -> Question | None:
    return next((question for question in QUESTIONS if question.slug not in answers), None)
