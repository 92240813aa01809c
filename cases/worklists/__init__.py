"""What there is to do: the tasks of a case, and the officers' lists of cases."""
