"""The issued decision: made, kept, proved, shown."""
