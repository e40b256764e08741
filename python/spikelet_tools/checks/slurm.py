"""A Slurm of one node, this machine, for as long as a check lasts."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path

from spikelet_tools.processes import need, stop

CONFIGURATION = """ClusterName=spikelet
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={port}
SlurmdPort={second}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
PATIENCE = 120


class Slurm:
    """Starts munged, slurmctld and slurmd; ends them at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen] = []
        self.environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}

    def __enter__(self) -> Slurm:
        need("munged", "slurmctld", "slurmd", "sbatch")
        for part in ("state", "spool"):
            (self.folder / part).mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=getpass.getuser(), folder=self.folder,
            port=free_port(), second=free_port(), processors=os.cpu_count()), encoding="utf-8")
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o600)
        self._start("munged", "--foreground", "--force", f"--key-file={key}",
                    f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munge.pid",
                    f"--log-file={self.folder}/munge.log", f"--seed-file={self.folder}/seed")
        self._start("slurmctld", "-D", "-c")
        self._start("slurmd", "-D")
        self._until(lambda: "idle" in self._says("sinfo", "-h", "-o", "%T"), "node is not idle")
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=30)

    def wait(self, job: str) -> None:
        """Returns when a job has ended; it must have succeeded."""
        def state() -> str:
            text = self._says("scontrol", "show", "job", job)
            return text.partition("JobState=")[2].partition(" ")[0]
        self._until(lambda: state() not in ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING"),
                    f"job {job} does not end")
        if state() != "COMPLETED":
            stop(f"job {job} of Slurm is {state()}")

    def _start(self, *command: str) -> None:
        log = (self.folder / f"{command[0]}.out").open("wb")
        self.processes.append(subprocess.Popen(
            command, stdout=log, stderr=log, env=self.environment))

    def _says(self, *command: str) -> str:
        run = subprocess.run(command, capture_output=True, text=True, env=self.environment)
        return run.stdout

    def _until(self, is_done, complaint: str) -> None:
        for _ in range(PATIENCE * 2):
            if is_done():
                return
            time.sleep(0.5)
        logs = "".join(path.read_text(encoding="utf-8", errors="replace")[-1500:]
                       for path in sorted(self.folder.glob("*.log")))
        stop(f"Slurm: {complaint} after {PATIENCE} seconds\n{logs}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
