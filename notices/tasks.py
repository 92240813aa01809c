"""Background tasks of the outbox. The work itself is in notices/outbox/delivery.py and
notices/correspondence/new_links.py.
"""

from django_tasks import task

from .correspondence import new_links
from .outbox import delivery

QUEUE = "messages"


@task(queue_name=QUEUE)
def deliver(message_id: str) -> str:
    """Hand one message over to GOV.UK Notify. Returns the status it then has, or that there was nothing to do."""
    return delivery.deliver(message_id)


@task(queue_name=QUEUE)
def send_new_link(party_id: int) -> bool:
    """Write to a person with a new link to their application. Returns whether there was somebody to write to."""
    return new_links.send(party_id)
