"""The streaming side's commands: `python -m streaming --help`."""

import argparse
import logging
import sys
from collections.abc import Sequence

from streaming.config import Config, load
from streaming.flows.registry import FLOWS


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 = done, 1 = not (with the reason on stderr), 2 = bad usage."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    config = load()
    result: int = options.run(config, options)
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m streaming",
        description="Prepares topics and collections, submits the flow jobs, probes the pipeline.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    prepare = commands.add_parser(
        "prepare", help="create and check collections, indexes and topics; safe to repeat"
    )
    prepare.set_defaults(run=_prepare)
    submit = commands.add_parser("submit", help="start flow jobs that are not running")
    submit.add_argument("flow", choices=[*FLOWS, "all"])
    submit.set_defaults(run=_submit)
    rescale = commands.add_parser(
        "rescale", help="give a running flow another number of parallel tasks; it is kept"
    )
    rescale.add_argument("flow", choices=[*FLOWS])
    rescale.add_argument("--parallelism", type=int, required=True, help="from 1 to 128")
    rescale.set_defaults(run=_rescale)
    probe = commands.add_parser("probe", help="send a probe through the whole pipeline and time it")
    probe.add_argument(
        "--timeout",
        type=float,
        default=60,
        help="seconds to wait while nothing moves (default 60); in line behind other records it waits on",
    )
    probe.set_defaults(run=_probe)
    return parser


def _prepare(config: Config, _options: argparse.Namespace) -> int:
    from streaming.prepare import prepare

    prepare(config)
    return 0


def _submit(config: Config, options: argparse.Namespace) -> int:
    # Imported here: it starts a JVM client, which the other commands do without.
    from streaming.flows.submit import submit

    submit(config, list(FLOWS) if options.flow == "all" else [options.flow])
    return 0


def _rescale(config: Config, options: argparse.Namespace) -> int:
    from streaming.flows.rescale import NotRescaled, rescale

    try:
        rescale(config, options.flow, options.parallelism)
    except (NotRescaled, OSError) as error:
        sys.stderr.write(f"not rescaled: {error}\n")
        return 1
    sys.stdout.write(f"{options.flow} runs with parallelism {options.parallelism}\n")
    return 0


def _probe(config: Config, options: argparse.Namespace) -> int:
    from streaming.probe import probe

    seconds = probe(config, options.timeout)
    if seconds is None:
        sys.stderr.write(f"no outcome, and nothing moved for {options.timeout:.0f} s\n")
        return 1
    sys.stdout.write(f"{seconds * 1000:.0f} ms through the pipeline\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
