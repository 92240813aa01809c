"""How a decision comes about: more time, and the committee."""
