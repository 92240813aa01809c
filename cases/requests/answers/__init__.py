"""What the applicant answers to a request, and what becomes of it.

answering.py              what the applicant does: agree, disagree, reply, send files
files.py                  files that wait beside an answer
ownership_certificate.py  the certificate of ownership as the applicant fills it in
settling.py               what an answer changes, and the officer's word on it
giving_in.py              what it is called for each kind that the council goes on without an answer it wanted
silence.py                what happens when nobody answers in time
"""
