"""The texts of letters and e-mails, and the fields that are filled in."""
