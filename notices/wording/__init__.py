"""The words of notices and letters: merge fields, the blocks of a notice, rights of appeal."""
