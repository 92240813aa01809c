"""What the council asks the applicant for, from the first note of an officer to the last answer.

kinds.py         what each kind of request means: one table. Read this first.
raising.py       noting, changing, taking out again, while the applicant has not been told
sending.py       telling the applicant: all together when the application is found invalid, or later ones by hand
letters.py       whether the letter about a request left, as the package above knows
links.py         the applicant's way in without an account
answering.py     what the applicant does: agree, disagree, reply, send files
answer_files.py  files that wait beside an answer
settling.py      what an answer changes, and the officer's word on it
giving_in.py     what it is called for each kind that the council goes on without an answer it wanted
silence.py       what happens when nobody answers in time
ownership.py     the certificate of ownership as the applicant fills it in
blanks.py        what ready words leave open for the officer to fill in
holding.py       taking a request in hand: its case locked first, then the row
"""
