"""The workflow of a notice goes the way of its case."""

from wagtail.models import WorkflowState

from cases.models import CaseEvent

from .drafting import open_draft


def follow_the_case(event: CaseEvent) -> None:
    """The workflow goes the way of its case: sent back, taken back, withdrawn or closed, wherever that was done."""
    notice = open_draft(event.application)
    state = notice.current_workflow_state if notice else None
    if state is None:
        return
    if event.kind == "send_back":
        if state.status == WorkflowState.STATUS_IN_PROGRESS and state.current_task_state:
            state.current_task_state.reject(user=event.by, comment=event.data.get("note", ""))
    else:
        state.cancel(user=event.by)
