"""What is asked of the applicant, as officers see it."""
