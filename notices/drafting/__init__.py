"""A decision notice as a draft: its template, the particulars of the case, what the law wants of it, the report."""
