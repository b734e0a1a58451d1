"""The site's settings come from the environment; a file of NAME=value lines can stand in for it.

systemd reads that file for the service (`EnvironmentFile=`). Commands typed by hand, and the playbook, name it in
TODO_ENVIRONMENT, so that no secret is ever an argument or a variable of a command line.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def _read(path):
    """The file's variables. As systemd reads them: empty lines and comments count for nothing."""
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


class Environment:
    def __init__(self, variables=None):
        process = os.environ if variables is None else variables
        named = process.get("TODO_ENVIRONMENT")
        self._variables = {**(_read(named) if named else {}), **process}

    def text(self, name, default=None):
        """A variable; without a default it has to be there."""
        value = self._variables.get(name) or default
        if value is None:
            raise ImproperlyConfigured(f"{name} is not set, neither in the environment nor in TODO_ENVIRONMENT's file")
        return value

    def texts(self, name, default=""):
        """A list, separated by commas."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]
