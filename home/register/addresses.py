"""References in addresses: references of older registers have slashes, addresses have hyphens in their place."""


def in_address(reference: str) -> str:
    return reference.replace("/", "-")


class ReferenceConverter:
    """`<reference:reference>`: one part of a path. What it means, punctuation aside, `cases.register.published` finds
    out.
    """

    regex = "[^/]{3,60}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return in_address(str(value))
