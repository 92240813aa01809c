"""Documents: lists, one document, comparing, redacting."""
