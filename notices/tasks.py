"""Background tasks of the outbox. The work itself is in notices/delivery.py."""

from django_tasks import task

from . import delivery

QUEUE = "messages"


@task(queue_name=QUEUE)
def deliver(message_id: str) -> str:
    """Hand one message over to GOV.UK Notify. Returns the status it then has, or that there was nothing to do."""
    return delivery.deliver(message_id)
