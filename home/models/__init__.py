from .alert import Alert
from .comment_draft import CommentDraft
from .pages import GuidanceIndexPage, GuidancePage, HomePage, PublicPage, RegisterPage, StandardPage
from .site_change import SiteChange

__all__ = [
    "Alert",
    "CommentDraft",
    "GuidanceIndexPage",
    "GuidancePage",
    "HomePage",
    "PublicPage",
    "RegisterPage",
    "SiteChange",
    "StandardPage",
]
