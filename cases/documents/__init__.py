"""Documents of a case, from a file that comes in to the copy that the public reads."""
