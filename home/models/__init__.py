from .alert import Alert
from .comment_draft import CommentDraft
from .pages import GuidanceIndexPage, GuidancePage, HomePage, PublicPage, RegisterPage, StandardPage

__all__ = [
    "Alert",
    "CommentDraft",
    "GuidanceIndexPage",
    "GuidancePage",
    "HomePage",
    "PublicPage",
    "RegisterPage",
    "StandardPage",
]
