from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from demo.bulk import load_imported
from demo.loading import load, make_councils, make_people, refuse_in_production


class Command(BaseCommand):
    help = (
        "Makes the demonstration council, its people and two years of cases; before that reference data, roles and "
        "templates where they are missing. What is there already stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--applications",
            type=int,
            default=0,
            metavar="N",
            help="Insert N imported applications as well, to see how the screens bear them.",
        )

    def handle(self, *args, applications: int, verbosity: int, **options):
        refuse_in_production()
        refuse_unmigrated()
        made = load(tell=self.stdout.write if verbosity else lambda line: None)
        if applications:
            authority = make_councils()
            people = make_people(authority)
            officers = [people.assessor, people.second_assessor]
            load_imported(authority, how_many=applications, officers=officers, today=timezone.localdate())
        if verbosity:
            self.stdout.write(f"{made} cases made, {applications} imported.")


def refuse_unmigrated() -> None:
    """Raise CommandError where a table or a column may be missing."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date. Run this first: bin/manage migrate")
