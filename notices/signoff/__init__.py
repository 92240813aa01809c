"""Sign-off: Wagtail's workflow, made safe.

draft → submit → (send back → submit)* → approve, which issues the decision. Each verb is one transaction and asks the
permission itself; it makes no difference whether it is called by our pages, by Wagtail's own addresses or by a script.
The case's status goes along: whoever moves one of the two moves both.
"""
