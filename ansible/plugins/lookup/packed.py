"""Packs a folder of the controller into one archive, and looks up its path."""

DOCUMENTATION = """
name: packed
short_description: A folder as one archive
description:
  - The path of a .tar.gz with all that the folder holds, so that it reaches a machine in one transfer instead of one a file.
  - Same contents, same archive; it is kept in the user's cache, from which it may be deleted at any time.
  - What Python leaves behind when it runs is left out.
options:
  _terms:
    description: Folders.
    required: true
"""

import gzip
import io
import os
import tarfile
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase


def archive(folder):
    """Everything that two packings could differ in (times, owners, order) is fixed; of the modes, being executable counts."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            if "__pycache__" in path.parts:
                continue
            entry = tar.gettarinfo(path, str(path.relative_to(folder)))
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "root", "root"
            entry.mode = 0o755 if path.is_dir() or entry.mode & 0o100 else 0o644
            if path.is_file():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


def pack(folder):
    content = archive(folder)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metalform"
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / f"packed-{sha256(content).hexdigest()[:12]}.tar.gz"
    if not target.exists():
        # Renamed into its place when it is whole: a killed run leaves nothing that counts.
        with NamedTemporaryFile(dir=cache, prefix=".new-packed-", delete=False) as new:
            new.write(content)
        os.replace(new.name, target)
    return str(target)


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        for folder in terms:
            if not Path(folder).is_dir():
                raise AnsibleLookupError(f"packed: there is no folder {folder}")
        return [pack(Path(folder)) for folder in terms]
