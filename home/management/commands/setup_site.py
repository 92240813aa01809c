from django.core.management.base import BaseCommand, CommandError

from accounts.models import LocalAuthority
from home.site_tree import NoSite, set_up_site


class Command(BaseCommand):
    help = "Makes a council's public site with its first pages. Run again, it adds what is missing and changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--authority", required=True, metavar="CODE", help="The council's code, for example BKM.")
        parser.add_argument("--hostname", default="", help="Host name of its public site; else Wagtail's default site.")
        parser.add_argument("--port", type=int, default=80)

    def handle(self, *args, authority: str, hostname: str, port: int, **options):
        council = LocalAuthority.objects.filter(code=authority.upper()).first()
        if council is None:
            raise CommandError(f"There is no council with the code {authority}.")
        try:
            made = set_up_site(council, hostname=hostname, port=port)
        except NoSite as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{council}: {len(made)} pages made at {council.site.root_url}/")
