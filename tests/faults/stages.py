"""What a stack can be started with so that a scenario can be played on it: another mode, disks that can fill up."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_MB = {"mongod": 700, "kafka": 500}


class NotOffered(Exception):
    """This machine cannot offer what the scenario needs; the message says why."""


@contextmanager
def settings_for(needs: frozenset[str], directory: Path) -> Iterator[dict[str, str]]:
    """Prepares the directory and yields the platform's settings. Raises NotOffered."""
    mounted: list[Path] = []
    try:
        if "small_disks" in needs:
            for part, megabytes in DISK_MB.items():
                mounted.append(_mount(directory / "data" / part, megabytes))
        yield {"DPMS_FLINK_MODE": "process"} if "process_mode" in needs else {}
    finally:
        for folder in mounted:
            subprocess.run(["/bin/umount", "--lazy", str(folder)], check=False)


def _mount(folder: Path, megabytes: int) -> Path:
    if os.geteuid() != 0 or not Path("/bin/mount").exists():
        raise NotOffered("only root may mount a small disk")
    folder.mkdir(parents=True)
    command = [
        "/bin/mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={megabytes}m,mode=700",
        "dpms",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotOffered(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    return folder
