from django.core.management.base import BaseCommand, CommandError

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from home.site_tree import NoSite, set_up_site

SENT_ON = (
    "Visitors of {host} are sent on from there, from sealed notices and old letters too, as long as the name leads "
    "here and is among ALLOWED_HOSTS."
)


class Command(BaseCommand):
    help = (
        "Makes a council's public site with its first pages. Run again, it adds pages that are missing, changes none, "
        "and moves the site to the address that it is given."
    )

    def add_arguments(self, parser):
        parser.add_argument("--authority", required=True, metavar="CODE", help="The council's code, for example BKM.")
        parser.add_argument(
            "--hostname", default="", help="Host name of its public pages. Without it a new site is at PUBLIC_BASE_URL."
        )
        parser.add_argument(
            "--port",
            type=int,
            help="443 is https, any other http. Usually 443; 80 where all is http (ALLOW_HTTP).",
        )

    def handle(self, *args, authority: str, hostname: str = "", port: int | None = None, **options):
        council = LocalAuthority.objects.filter(code=authority.upper()).first()
        if council is None:
            raise CommandError(f"There is no council with the code {authority}.")
        try:
            made = set_up_site(council, hostname=hostname, port=port)
        except NoSite as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{council}: {len(made)} pages made at {public_url(council)}/")
        for former in council.former_addresses.all():
            self.stdout.write(SENT_ON.format(host=former.host))
