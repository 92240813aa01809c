"""What the authority says in writing."""

from .decision_notice import DecisionNotice
from .issued import IssuedNotice
from .message import LetterTemplate, Message
from .signoff_task import SignOffTask
from .template import NoticeTemplate

__all__ = ["DecisionNotice", "IssuedNotice", "LetterTemplate", "Message", "NoticeTemplate", "SignOffTask"]
