import getpass
import sys

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import LocalAuthority, User
from accounts.roles import ADMINISTRATOR
from accounts.websites import collection_of


class Command(BaseCommand):
    help = "Makes the administrator of a council (--authority CODE) or of the whole installation (--installation)."

    def add_arguments(self, parser):
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--authority", metavar="CODE", help="The council's code, for example BKM.")
        where.add_argument("--installation", action="store_true", help="Runs everything, and works no cases.")
        parser.add_argument("--email", required=True)
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")

    @transaction.atomic
    def handle(self, *args, authority, installation, email, first_name, last_name, password_stdin, **options):
        council = None if installation else self._council(authority)
        email = email.strip().lower()
        user = User(email=email, first_name=first_name, last_name=last_name, authority=council)
        try:
            user.clean_fields(exclude={"password"})
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"Somebody already signs in as {email}.")
        user.set_password(self._password(user, from_stdin=password_stdin))
        user.is_superuser = user.is_staff = installation
        user.save()
        if council:
            user.groups.add(self._group())
            collection_of(council)
        self.stdout.write(f"{user} administers {council or 'the installation'} and signs in as {email}.")

    def _council(self, code: str) -> LocalAuthority:
        council = LocalAuthority.objects.filter(code=code.upper()).first()
        if council is None:
            raise CommandError(f"There is no council with the code {code}.")
        return council

    def _group(self) -> Group:
        group = Group.objects.filter(name=ADMINISTRATOR).first()
        if group is None:
            raise CommandError("The groups are missing: run bin/manage setup_roles first.")
        return group

    def _password(self, user: User, *, from_stdin: bool) -> str:
        """Never an argument: those stand in the list of processes and in the shell's history."""
        password = sys.stdin.readline().rstrip("\n") if from_stdin else getpass.getpass("Password: ")
        if not from_stdin and password != getpass.getpass("Again: "):
            raise CommandError("The two are not the same.")
        try:
            validate_password(password, user)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        return password
