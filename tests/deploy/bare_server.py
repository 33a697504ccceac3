"""A bare Debian server made by debootstrap, in separate namespaces, reached by ssh on loopback."""

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tests.support import free_port, run, wait_until

MIRROR = os.environ.get("DEBIAN_MIRROR")  # default: debootstrap's
# Only what ssh and Ansible need: the roles install the rest.
PACKAGES = "python3,openssh-server,ca-certificates"
START_S = 60


def make(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", f"{root}"]
    command += [MIRROR] if MIRROR else []
    run(*command)
    # It uses this machine's proxies and certificates for packages.
    for path in (Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/resolv.conf")):
        shutil.copy(path, root / path.relative_to("/"))
    for folder in ("apt.conf.d", "sources.list.d", "auth.conf.d"):
        for path in Path("/etc/apt", folder).glob("*[pP]rox*"):
            shutil.copy(path, root / "etc/apt" / folder)


@contextmanager
def running(root: Path, folder: Path):
    """Run the server and yield an inventory of it; all its processes end with the first one."""
    key, port = folder / "key", free_port()
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    (root / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    shutil.copy(f"{key}.pub", root / "root/.ssh/authorized_keys")
    script = (
        f"mount -t proc proc {root}/proc && mount -t sysfs -o ro sysfs {root}/sys"
        f" && mkdir -p {root}/run/sshd"
        f" && exec chroot {root} /usr/sbin/sshd -D -e -p {port} -o ListenAddress=127.0.0.1"
    )
    command = ["unshare", "--pid", "--mount", "--fork", "--kill-child", "sh", "-c", script]
    log = (folder / "sshd.log").open("w")
    process = subprocess.Popen(command, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: accepts_ssh(port), START_S)
        yield inventory(folder, port, key)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(START_S)


def inventory(folder: Path, port: int, key: Path) -> str:
    path = folder / "hosts.ini"
    options = f"-o UserKnownHostsFile={folder}/known_hosts -o StrictHostKeyChecking=accept-new"
    path.write_text(
        f"server ansible_host=127.0.0.1 ansible_port={port} ansible_user=root"
        f" ansible_ssh_private_key_file={key} ansible_python_interpreter=/usr/bin/python3"
        f" ansible_ssh_common_args='{options}'\n"
    )
    return str(path)


def accepts_ssh(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
