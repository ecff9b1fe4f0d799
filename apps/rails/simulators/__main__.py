"""`python -m apps.rails.simulators zelle|interfi`: `manage.py simulate_network` without Django, in half the memory."""

import argparse

from apps.rails.simulators.far_side import FAR_SIDES
from apps.rails.simulators.running import run
from streaming.config import load

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Plays a network for a sandbox.")
    parser.add_argument("network", choices=sorted(FAR_SIDES), help="which network to play")
    run(parser.parse_args().network, load())
