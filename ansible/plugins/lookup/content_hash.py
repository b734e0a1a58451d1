"""Looks up one hash of all that lies at some paths of the controller."""

DOCUMENTATION = """
name: content_hash
short_description: One hash of the names and contents of files
description:
  - Twelve hex digits that change with any file below the given folders and files, and with nothing else.
  - What Python leaves behind when it runs does not count.
options:
  _terms:
    description: Files and folders.
    required: true
"""

from hashlib import sha256
from pathlib import Path

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase


def content_hash(paths):
    digest = sha256()
    for path in map(Path, paths):
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if not file.is_file() or "__pycache__" in file.parts:
                continue
            name = file.relative_to(path) if path.is_dir() else file.name
            digest.update(f"{name}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        for path in terms:
            if not Path(path).exists():
                raise AnsibleLookupError(f"content_hash: there is no {path}")
        return [content_hash(terms)]
