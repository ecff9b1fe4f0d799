"""`manage.py run_clock`: asks for what is due by platform time, until it is told to stop."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from apps.profiles.dormancy import DormancyCheck
from apps.profiles.unfinished import Unfinished
from apps.transactions.clock import ClockProcess, holder
from apps.transactions.deadlines import Deadlines
from apps.transactions.scheduling.making import DueSchedules
from dpms_site import mongodb
from dpms_site.clock import platform_clock


class Command(BaseCommand):
    help = "Asks for what is due: deadlines, schedules, un-enrolments, dormant customers (one leads, others stand by)."
    # The checks import every page and endpoint, which this process never serves: 10 MB.
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        deadlines = Deadlines(mongodb.database, clock=platform_clock, holder=holder())
        schedules = DueSchedules(clock=platform_clock, holder=holder())
        unfinished = Unfinished(clock=platform_clock)
        dormancy = DormancyCheck(clock=platform_clock)
        tasks = [deadlines.ask, schedules.make, unfinished.finish, dormancy.check]
        clock = ClockProcess(database=mongodb.database(), tasks=tasks)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: clock.stop())
        clock.run()
