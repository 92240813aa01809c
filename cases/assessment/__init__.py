"""What officers find: visits, history, constraints, limits, policies, conditions; and what they recommend."""
