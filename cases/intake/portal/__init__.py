"""Reading what the Planning Portal sends: the notice, the ZIP, the form inside it. No database, no network."""
