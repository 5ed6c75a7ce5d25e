"""nginx and Apache with the configuration of a page, each in the foreground and in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from .pages import ROOT

NGINX = """\
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    large_client_header_buffers 4 32k;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    scgi_temp_path {folder}/nginx-scgi;
    {configuration}
}}
"""

APACHE_MODULES = Path("/usr/lib/apache2/modules")
APACHE = """\
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule wsgi_module {modules}/mod_wsgi.so
{user}
{configuration}
"""
NEEDED = ("blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug")


def nginx_configuration(folder: Path, configuration: str) -> str:
    """Write what nginx needs around the page's ``server`` block; return the command that starts it."""
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.fail("This test needs nginx: apt-get install nginx")
    shutil.copy("/etc/nginx/uwsgi_params", folder)
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, configuration=configuration))
    return f"nginx -c {folder}/nginx.conf -e stderr"


def apache_configuration(folder: Path, configuration: str) -> str:
    """Write what Apache needs around the page's lines; return the command that starts it."""
    if not (APACHE_MODULES / "mod_wsgi.so").exists():
        pytest.fail("This test needs Apache: apt-get install apache2 libapache2-mod-wsgi-py3")
    configuration = configuration.replace(sys.prefix, str(environment_of_mod_wsgi(folder)))
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    text = APACHE.format(folder=folder, modules=APACHE_MODULES, user=user, configuration=configuration)
    (folder / "apache.conf").write_text(text)
    return f"/usr/sbin/apache2 -DFOREGROUND -f {folder}/apache.conf"


def environment_of_mod_wsgi(folder: Path) -> Path:
    """Make an environment of the Python that Debian's mod_wsgi was built for, with Erlen in it."""
    environment = folder / ".mod_wsgi"
    if not environment.exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", environment], check=True)
        (packages,) = environment.glob("lib/python3*/site-packages")
        for name in NEEDED:
            shutil.copytree(Path(sysconfig.get_path("purelib")) / name, packages / name)
        for package in ("erlen", "erlen_as_flask"):
            shutil.copytree(ROOT / "src" / package, packages / package)
        # What its entry points are read from.
        (about,) = Path(sysconfig.get_path("purelib")).glob("erlen-*.dist-info")
        shutil.copytree(about, packages / about.name)
    return environment
