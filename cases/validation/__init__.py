"""Whether an application is complete: the checklist, and finding it valid or invalid."""
