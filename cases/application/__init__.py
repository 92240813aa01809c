"""What is known about an application: its facts, its people, who works on it, notes, and how it is found and ended."""
