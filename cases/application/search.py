"""One search for officers and the public: PostgreSQL's own columns and indexes, on the ordinary queryset.

What was typed is recognised first: a reference or a part of one, a postcode or its first half, a UPRN. Else it is
words; else a part of an address; else words or addresses that are nearly the same, for a slip of the pen. The first of
these that finds something answers.

Each of them is a small question to an index of its own. One question with an OR over all would be answered by none.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Expression,
    F,
    FloatField,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Length, Upper

from cases.models import Party, PlanningApplication, PreviousReference, reference_key
from cases.models.application import KNOWN_AS

LONGEST_SEARCH = 200
MOST_COUNTED = 10_000  # nobody reads on; counting a million rows takes a second
MOST_PREVIOUS = 100
MOST_NAMED = 1_000
MOST_WORDS = 6  # that may be misspelt
ENOUGH_TO_CORRECT = 50  # applications
MOST_ALIKE = 3_000  # rows looked at
MOST_CLOSEST = 200
NEARLY_AS_CLOSE = 0.1  # of closeness, which is 1 where the text is part of the address

USUAL_LETTERS = "abcdefghiklmnoprstuvwy"

Applications = QuerySet[PlanningApplication]

# 26-00107-HAPP, 26/00107, 2600107happ, PL/26/0107: digits in it, and no more than letters, digits and separators. With
# spaces for separators there are more digits than a house has: 26 00107 HAPP, but not 121 High Road. A separator stands
# between any two parts: were it optional, a long row of digits could be parted in millions of ways, all of them tried.
REFERENCE = re.compile(
    r"(?=.*\d{3})[A-Z0-9]+(?:[-/.][A-Z0-9]+){0,4}|(?=(?:.*\d){5})[A-Z0-9]+(?:[-/. ][A-Z0-9]+){0,4}", re.ASCII
)
_OUTWARD = r"[A-Z]{1,2}\d[A-Z\d]?"
POSTCODE = re.compile(rf"({_OUTWARD}) ?(\d[A-Z]{{2}})", re.ASCII)
POSTCODE_BEGUN = re.compile(rf"({_OUTWARD}) (\d[A-Z]?)", re.ASCII)
FIRST_HALF = re.compile(_OUTWARD, re.ASCII)
UPRN = re.compile(r"\d{5,12}", re.ASCII)
_POSTCODE_WITHIN = re.compile(rf"\b({_OUTWARD}) ?(\d[A-Z]{{2}})\b", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")
_EXCLUDED = re.compile(r"(?:^|\s)-")
_TERMS = re.compile(r'-?"[^"]*"?|\S+')


class How(StrEnum):
    """What the text was taken for."""

    EVERYTHING = "everything"  # nothing was asked
    REFERENCE = "reference"
    POSTCODE = "postcode"
    UPRN = "uprn"
    WORDS = "words"
    PART_OF_ADDRESS = "part of an address"
    CORRECTED_WORDS = "corrected words"
    SIMILAR_ADDRESSES = "similar addresses"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Found:
    """What a search found, in no order.

    `applications` is for reading by date, page by page; `countable` holds the same applications in the form that is
    counted soonest. `number` says how many they are, no further than MOST_COUNTED + 1, where that is known already.
    """

    applications: Applications
    countable: Applications
    how: How
    number: int | None = None
    keys: list[int] | None = None  # of all of them, newest first, where they are few
    corrected: str = ""  # the words that were looked for instead

    @property
    def has_more(self) -> bool:
        """Whether there are more than are counted."""
        return self.number is not None and self.number > MOST_COUNTED

    @property
    def counted(self) -> int:
        return min(self.number or 0, MOST_COUNTED)


def search_applications(applications: Applications, text: str, *, with_names: bool = False) -> Applications:
    """Those of `applications` that `text` finds, in no order of its own; all of them when there is nothing in it.

    `with_names` finds applicants and agents too: only for readers who may see personal data. See `find`.
    """
    return find(applications, text, with_names=with_names).applications


def find(applications: Applications, text: str, *, with_names: bool = False) -> Found:
    """What `text` finds among `applications`, and what it was taken for.

    Asks the database at most eight small questions by itself, however many rows there are.
    """
    text = " ".join(text.replace("\x00", " ").split())[:LONGEST_SEARCH]
    if not text:
        return Found(applications, applications, How.EVERYTHING)
    upper = text.upper()
    return (
        _by_postcode(applications, upper)
        or _by_uprn(applications, upper)
        or _by_reference(applications, upper)
        or _by_words(applications, text, with_names=with_names)
        or _by_part_of_address(applications, upper)
        or _by_corrected_words(applications, text)
        or _by_similar_addresses(applications, upper)
        or Found(applications.none(), applications.none(), How.NOTHING, 0)
    )


def count_up_to_most(applications: Applications) -> int:
    """How many there are; MOST_COUNTED + 1 where there are more than that."""
    return applications.order_by().values("pk")[: MOST_COUNTED + 1].count()


# --- Recognised -----------------------------------------------------------------------------------------------------


def _by_postcode(applications: Applications, text: str) -> Found | None:
    """A whole postcode with or without its space, or its first half with as much of the second as has been typed."""
    for first, length in _readings(text):
        # A prefix as a range, which an index serves in whatever order the database sorts letters.
        usual, rare = (
            Q(postcode_key__gte=known(Value(first)), postcode_key__lte=known(Value(f"{first}ZZZ")))
            for known in (lambda value: value, _Unforeseen)
        )
        within = applications.alias(key_length=Length("postcode_key")).filter(key_length=length)
        found = settled(within.filter(rare), among=applications, how=How.POSTCODE)
        if found.has_more:
            found = replace(found, applications=within.filter(usual), countable=within.filter(usual))
        if found.number:
            return found
    return None


def _readings(text: str) -> Iterable[tuple[str, int]]:
    """(what the postcode begins with, its length without the space), the likelier reading first."""
    if whole := POSTCODE.fullmatch(text):
        yield whole[1] + whole[2], len(whole[1] + whole[2])
    elif begun := POSTCODE_BEGUN.fullmatch(text):
        yield begun[1] + begun[2], len(begun[1]) + 3
    elif FIRST_HALF.fullmatch(text):
        yield text, len(text) + 3  # E17 is the first half of E17 4AB
        if text[-1].isdigit() and len(text) > 2:
            yield text, len(text) + 2  # or the beginning of E1 7AA


def _by_uprn(applications: Applications, text: str) -> Found | None:
    if not UPRN.fullmatch(text):
        return None
    return _if_any(applications.filter(uprn__in={text, text.lstrip("0") or text}), How.UPRN)


def _by_reference(applications: Applications, text: str) -> Found | None:
    """The reference, present or previous, without regard to its punctuation; else a part of one."""
    if not REFERENCE.fullmatch(text):
        return None
    key = reference_key(text)
    holding = PreviousReference.objects.filter(reference_key__contains=key).order_by("-pk")
    previous = list(holding.values_list("application_id", "reference_key")[:MOST_PREVIOUS])
    same = [pk for pk, reference in previous if reference == key]
    present = list(applications.filter(reference_key=key).order_by().values_list("pk", flat=True)[:MOST_PREVIOUS])
    if present or same:
        exactly = _if_any(applications.filter(pk__in={*present, *same}), How.REFERENCE)
        if exactly:
            return exactly
    pattern = Value(f"%{key}%")
    earlier = Q(pk__in=[pk for pk, _ in previous]) if previous else Q()
    return _counted(
        applications,
        How.REFERENCE,
        rare=Q(_Operator(F("reference_key"), _Unforeseen(pattern), operator="LIKE")) | earlier,
        usual=Q(_Operator(F("reference_key"), pattern, operator="LIKE")) | earlier,
        common=Q(_Function(F("reference_key"), pattern, function="textlike")) | earlier,
    )


def _if_any(applications: Applications, how: How) -> Found | None:
    number = count_up_to_most(applications)
    return Found(applications, applications, how, number) if number else None


# --- Words ----------------------------------------------------------------------------------------------------------


def _by_words(applications: Applications, text: str, *, with_names: bool) -> Found | None:
    """As a visitor would type: words, “a phrase”, -without, this or that."""
    text = _POSTCODE_WITHIN.sub(r"\1 \2", text.replace("“", '"').replace("”", '"'))
    query = SearchQuery(text, search_type="websearch", config="english")
    named = _named(text) if with_names else Q()
    if _only_excludes(text):  # no index helps to find what does not hold a word: nearly everything
        rest = applications.filter(Q(_Function(F("search"), query, function="ts_match_vq")) | named)
        number = count_up_to_most(rest)
        return Found(rest, rest, How.WORDS, number) if number else None
    return _matching(applications, query, How.WORDS, named)


def _matching(applications: Applications, query: SearchQuery, how: How, named: Q = Q()) -> Found | None:  # noqa: B008
    return _counted(
        applications,
        how,
        rare=Q(_Operator(F("search"), _Unforeseen(query), operator="@@")) | named,
        usual=Q(_Operator(F("search"), query, operator="@@")) | named,
        common=Q(_Function(F("search"), query, function="ts_match_vq")) | named,
    )


def _only_excludes(text: str) -> bool:
    terms = [term.lower() for term in _TERMS.findall(text)]
    excluded = [term for term in terms if term.startswith("-")]
    return bool(excluded) and ("or" in terms or len(excluded) == len(terms))


def _named(text: str) -> Q:
    """Applications whose applicant or agent is called so, or has this e-mail address."""
    named = Party.objects.filter(role__in=[Party.Role.APPLICANT, Party.Role.AGENT])
    named = named.alias(known_as=Upper(KNOWN_AS)).filter(known_as__contains=text.upper())
    newest = list(named.order_by("-application_id").values_list("application_id", flat=True)[: MOST_NAMED + 1])
    if len(newest) > MOST_NAMED:
        return Q(pk__in=named.order_by().values("application_id"))
    return Q(pk__in=newest) if newest else Q()


# --- Slips of the pen -----------------------------------------------------------------------------------------------


def _by_corrected_words(applications: Applications, text: str) -> Found | None:
    """Words that no application has, put right: one letter too many, too few, wrong, or changed with its neighbour.

    All spellings that are one slip away are looked up; then a few applications that hold one of each word tell which
    spelling is meant.
    """
    words = _WORD.findall(text.lower())
    if not words or len(words) > MOST_WORDS or '"' in text or _EXCLUDED.search(text):
        return None
    known = _known(words) if len(words) > 1 else {}  # one word alone was looked for already, and is not there
    unknown = [word for word in words if word not in known]
    known |= _known([spelling for word in unknown for spelling in _one_slip_away(word)]) if unknown else {}
    spellings = [[one for one in (word, *_one_slip_away(word)) if one in known] for word in words]
    spellings = [[word] if word in known else rest for word, rest in zip(words, spellings, strict=True)]
    if not unknown or not all(spellings):
        return None
    query = SearchQuery(" & ".join(f"({' | '.join(one)})" for one in spellings), search_type="raw", config="english")
    holding = applications.filter(_Operator(F("search"), _Unforeseen(query), operator="@@")).order_by()
    lexemes = Func(F("search"), function="tsvector_to_array", output_field=ArrayField(TextField()))
    held = [set(row) for row in holding.values_list(lexemes, flat=True)[:ENOUGH_TO_CORRECT]]
    if not held:
        return None
    meant = Counter(tuple(next((word for word in one if known[word] in row), "") for one in spellings) for row in held)
    corrected = " ".join(filter(None, meant.most_common(1)[0][0]))
    found = _by_words(applications, corrected, with_names=False)
    return found and replace(found, how=How.CORRECTED_WORDS, corrected=corrected)


# A lexeme that PostgreSQL's statistics call common is known without a look into the index, where it would take long. Of
# the others it is asked first whether there is any, for most words that are misspelt beyond repair have none.
_KNOWN = """
    WITH common AS MATERIALIZED (
        SELECT unnest(most_common_elems::text::text[]) AS lexeme FROM pg_stats
        WHERE schemaname = current_schema() AND tablename = 'cases_planningapplication' AND attname = 'search'
    ), asked AS MATERIALIZED (
        SELECT word, coalesce((ts_lexize('english_stem', word))[1], '') AS stem FROM unnest(%s::text[]) word
    )
    , any_of_the_rest AS MATERIALIZED (
        SELECT count(*) > 0 AS is_there FROM (
            SELECT FROM cases_planningapplication WHERE search @@ (
                SELECT string_agg(stem, '|')::tsquery FROM asked
                WHERE stem <> '' AND stem NOT IN (SELECT lexeme FROM common)
            ) LIMIT 50
        ) holding
    )
    SELECT word, stem FROM asked WHERE stem <> '' AND (
        stem IN (SELECT lexeme FROM common) OR (SELECT is_there FROM any_of_the_rest) AND (
            SELECT count(*) FROM (SELECT FROM cases_planningapplication WHERE search @@ stem::tsquery LIMIT 50) holding
        ) > 0
    )
"""


def _known(words: list[str]) -> dict[str, str]:
    """Those of the words that any application has → what the search column holds of them."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [words])
        return dict(cursor.fetchall())


def _one_slip_away(word: str) -> list[str]:
    """Spellings of a word of three to fourteen letters, the likelier slips first; none for what holds a digit."""
    if not 3 <= len(word) <= 14 or not word.isalpha():
        return []
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    changed = {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    # Nearly everybody has the first letter right, and hardly anybody leaves out one of the four rarest.
    wrong = {left + letter + right[1:] for left, right in halves if left and right for letter in USUAL_LETTERS}
    missed = {left + letter + right for left, right in halves if left for letter in USUAL_LETTERS}
    doubled = {left + right[1:] for left, right in halves if right} if len(word) > 3 else set()
    spellings = [spelling for slip in (changed, missed, doubled, wrong) for spelling in sorted(slip)]
    return list(dict.fromkeys(spelling for spelling in spellings if spelling != word))


# --- Addresses ------------------------------------------------------------------------------------------------------


def _by_part_of_address(applications: Applications, text: str) -> Found | None:
    """A piece of the address as it is written, such as “lyton clo”. Three letters are what the index knows."""
    if len(re.sub(r"\W", "", text)) < 3:
        return None
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    pattern = Value(f"%{escaped}%")
    address = Upper("address")
    return _counted(
        applications,
        How.PART_OF_ADDRESS,
        rare=Q(_Operator(address, _Unforeseen(pattern), operator="LIKE")),
        usual=Q(_Operator(address, pattern, operator="LIKE")),
        common=Q(_Function(address, pattern, function="textlike")),
    )


def _by_similar_addresses(applications: Applications, text: str) -> Found | None:
    """Addresses that are alike but for a slip of the pen: the closest, and those that come nearly as close."""
    if '"' in text:
        return None
    if within := _POSTCODE_WITHIN.search(text):
        applications = applications.filter(postcode_key=(within[1] + within[2]).upper())
        text = (text[: within.start()] + text[within.end() :]).strip(" ,")
    if not re.search(r"[^\W\d_]{3}", text):
        return None
    asked, address = Value(text), Upper("address")
    alike = applications.filter(_Operator(asked, address, operator="<%%")).order_by().values("pk")[:MOST_ALIKE]
    closeness = Func(asked, address, function="word_similarity", output_field=FloatField())
    closest = sorted(alike.values_list(closeness, "pk"), reverse=True)[:MOST_CLOSEST]
    if not closest:
        return None
    near = [pk for close, pk in closest if close >= closest[0][0] - NEARLY_AS_CLOSE]
    found = applications.filter(pk__in=near)
    return Found(found, found, How.SIMILAR_ADDRESSES, len(near))


# --- Which index ----------------------------------------------------------------------------------------------------


def _counted(applications: Applications, how: How, *, rare: Q, usual: Q, common: Q) -> Found | None:
    """What a condition finds, asked in the form that suits how often it is true. None where it never is.

    PostgreSQL can read the condition's own index and sort what it finds, best when that is little; or it can go through
    the applications by date and pick, best when nearly every page has some. It guesses how many there are, and guesses
    badly for words that always, or never, stand together. So we read the keys of what is found, no further than
    MOST_COUNTED, with the condition in a form that it takes for `rare`. If that is all, the keys are the answer. If
    not, `common` is a form that has no index, and `usual` leaves it the choice, for counting what is filtered further.
    """
    found = settled(applications.filter(rare), among=applications, how=how)
    if found.has_more:
        return replace(found, applications=applications.filter(common), countable=applications.filter(usual))
    return found if found.number else None


def settled(
    applications: Applications, *, among: Applications, how: How = How.EVERYTHING, newest_by: str = "received_on"
) -> Found:
    """Those `among` that are found, by their keys; more than MOST_COUNTED stay as they were asked for.

    Reads no row where an index holds all that is asked. What follows has nothing left to look for, nor to sort.
    """
    first = applications.order_by().values("pk", newest_by)[: MOST_COUNTED + 1]
    with connection.cursor() as cursor:
        sql, params = first.query.sql_with_params()
        cursor.execute(_KEYS.format(found=sql), params)
        keys = cursor.fetchone()[0] or []
    if len(keys) <= MOST_COUNTED:
        applications = among.filter(_One(F("pk"), Value(keys, output_field=ArrayField(BigIntegerField()))))
        return Found(applications, applications, how, len(keys), keys)
    return Found(applications, applications, how, len(keys))


# The day by which they are sorted is read with the keys: the rows need not be read twice.
_KEYS = "SELECT array_agg(key ORDER BY day DESC NULLS LAST, key DESC) FROM ({found}) AS found (key, day)"


class _Operator(Func):
    """left OPERATOR right, true or false."""

    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, left: Expression | F, right: Expression | F, *, operator: str):
        super().__init__(left, right, arg_joiner=f" {operator} ")


class _One(Func):
    """key = ANY(keys): ten thousand keys in one value."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class _Function(Func):
    """A function that is true or false. Functions, unlike the operators they stand behind, use no index."""

    output_field = BooleanField()


class _Unforeseen(Func):
    """A constant that PostgreSQL learns only while it answers, so that its plan cannot depend on it."""

    template = "(SELECT %(expressions)s)"
