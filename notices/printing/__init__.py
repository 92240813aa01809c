"""Paper: PDFs, and which characters can be printed."""
