"""What makes the council write, and to whom."""
