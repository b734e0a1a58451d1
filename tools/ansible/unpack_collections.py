"""Unpacks some collections out of the wheel of the package `ansible`: WHEEL FOLDER NAMESPACE/NAME..."""

import sys
import zipfile

wheel, folder, *collections = sys.argv[1:]
wanted = tuple(f"ansible_collections/{name}/" for name in collections)
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        # Their tests and pages are of no use here.
        if name.startswith(wanted) and name.split("/")[3] not in ("changelogs", "docs", "tests"):
            archive.extract(name, folder)
