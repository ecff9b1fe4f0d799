"""Takes somebody's device and recovery codes away and ends their sessions, when the device is lost."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access import second_step, sessions


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *_: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no {options['username']}.")
        second_step.forget(user)
        ended = sessions.end_all(account=str(user.pk))
        self.stdout.write(f"{user.username} sets up the second step anew; {ended} sessions ended")
