"""A notice on its way to its issue: drafted, submitted, sent back, approved."""
