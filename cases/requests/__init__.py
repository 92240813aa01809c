"""What the council asks the applicant for, from the first note of an officer to the last answer.

../request_kinds.py  what each kind of request means: one table. Read this first.
raising.py           noting, changing, taking out again, while the applicant has not been told
sending.py           telling the applicant: all together when the application is found invalid, or later ones by hand
letters.py           whether the letter about a request left, as the package above knows
links.py             the applicant's way in without an account
blanks.py            what ready words leave open for the officer to fill in
rows.py              taking a request in hand: its case locked first, then the row
answers/             what the applicant answers, and what becomes of it
"""
