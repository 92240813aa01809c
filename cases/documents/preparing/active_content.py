"""What was found in a file that could run, open something or harm: codes of `Document.active_content`, in words.

Nothing of such a file is shown in a browser's own window, and the public does not get it: an officer publishes a
redacted copy instead, which is drawn anew and holds none of it.
"""

from collections.abc import Iterable

WORDS = {
    "JavaScript": "a program (JavaScript)",
    "OpenAction": "something that happens when it is opened",
    "AA": "something that happens while it is read",
    "Launch": "a command to start or load something else",
    "SubmitForm": "a form that sends what is typed into it elsewhere",
    "ImportData": "a command to read other files",
    "EmbeddedFiles": "other files inside it",
    "RichMedia": "film, sound or 3D inside it",
    "XFA": "a form of a kind that is a program (XFA)",
    "bomb": "parts that unpack to far more than they say",
    "too_large": "more pixels than a browser can take",
    "damaged": "parts that cannot be read, so nobody can say what is in them",
    "unopened": "nothing that can be opened",
    "password": "a password, so nobody here can look into it",
}


def known(codes: Iterable[object]) -> list[str]:
    """The codes among what the reading process said."""
    return sorted({code for code in codes if isinstance(code, str) and code in WORDS})


def said(codes: Iterable[str]) -> str:
    """ "It holds a program (JavaScript) and other files inside it." Nothing for none."""
    words = [WORDS.get(code, "something unknown") for code in codes]
    if not words:
        return ""
    joined = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"It holds {joined}."
