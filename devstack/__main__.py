"""python -m devstack: start, watch and end the embedded stack of one run directory."""

import argparse
import sys

from devstack import commands, rundir

EXIT_CODES = """\
exit codes:
  0  done; for `up`: an order could be accepted and made final
  1  a part failed: it is named, and the end of its log is shown
  2  the command line is wrong
  3  no stack runs in this directory
  130  interrupted
"""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    run = rundir.resolve(options.dir)
    chosen: int = options.command(run, options)
    return chosen


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devstack",
        description=__doc__,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--dir", help="run directory (default: DPMS_DIR, else .dpms)")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        added = subparsers.add_parser(
            name,
            help=text,
            description=text,
            parents=[everywhere],
            epilog=EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(command=getattr(commands, name.replace("-", "_")))
        return added

    up = add("up", "start everything and return (or stay) once an order could become final")
    up.add_argument("--detach", action="store_true", help="leave it running in the background")
    up.add_argument("--demo", action="store_true", help="add traffic of invented customers")
    up.add_argument("--only", default="", help="start only these parts, separated by commas")
    up.add_argument(
        "--skip", default="", help="leave these parts and steps out, as if they were there"
    )
    up.add_argument("--parent-shows", action="store_true", help=argparse.SUPPRESS)
    add("down", "end everything; the data stays")
    add("rebuild", "discard all of Kafka and Flink, then start: both are made again from MongoDB")
    status = add("status", "where everything is and how it does")
    status.add_argument("--json", action="store_true", help="for programs")
    logs = add("logs", "show the log of a part, a step, or `stack` for the supervisor itself")
    logs.add_argument("name")
    logs.add_argument("-f", "--follow", action="store_true", help="keep showing what is added")
    restart = add("restart", "end one part; the supervisor starts it again")
    restart.add_argument("name")
    run = add("run", "run a program with the stack's environment: run -- PROGRAM ARGUMENTS")
    run.add_argument("program", nargs="+")
    add("lock-jars", "resolve the Java archives anew and write jars.lock")
    return parser


if __name__ == "__main__":
    sys.exit(main())
