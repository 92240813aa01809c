"""What administrators keep for all councils."""
