"""What an applicant or agent does without an account: reads what the council asks for, answers it, sends the answers.

door.py         who may come in: the link's address is all it takes, and nothing else opens anything. Read this first.
views.py        the pages
new_link.py     a new link for whose link has expired, sent to the address on file alone
forms.py        the answer to each kind of request, one form each
certificate.py  the ownership certificate as plain questions
corners.py      the red line as people write it down
uploads.py      files that come with a form or one by one, and what is wrong with those that are refused
showing.py      a request in the words that the applicant reads
differences.py  what changes between the present words and the proposed ones
"""
