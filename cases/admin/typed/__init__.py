"""Nothing that is typed into a form of the admin is lost: it is kept for its writer until it is saved."""
