"""What every page of a case has: its head, its tabs and tasks, its history; the lists and the home page of officers."""
