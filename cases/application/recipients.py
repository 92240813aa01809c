"""To whom the council writes about an application."""

from cases.models import Party, PlanningApplication


def can_be_written_to(party: Party) -> bool:
    return bool(party.email or party.address.strip())


def recipients(application: PlanningApplication, *, copy_to_applicant: bool = False) -> list[Party]:
    """Who is written to: the agent where there is one that can be reached, else the applicant.

    With `copy_to_applicant` both, unless they share an e-mail address: a decision belongs to the applicant.
    """
    found = {
        party.role: party for party in application.parties.filter(role__in=[Party.Role.AGENT, Party.Role.APPLICANT])
    }
    reachable = [found[role] for role in (Party.Role.AGENT, Party.Role.APPLICANT) if role in found]
    reachable = [party for party in reachable if can_be_written_to(party)]
    if not copy_to_applicant:
        return reachable[:1]
    first = reachable[:1]
    already = {party.email.lower() for party in first}
    return first + [party for party in reachable[1:] if not party.email or party.email.lower() not in already]
