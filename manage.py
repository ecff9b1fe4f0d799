"""Django's command line: every process and tool of the site is a command listed by `manage.py help`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dpms_site.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
