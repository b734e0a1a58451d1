"""The metadata service of the lab's MAAS, as a machine sees it: signed requests, signals, events."""
import json
import time
import urllib.request
import uuid

with open("/etc/lab/metadata.json") as _file:
    _own = json.load(_file)


def _authorization():
    parts = {
        "oauth_version": "1.0",
        "oauth_signature_method": "PLAINTEXT",
        "oauth_consumer_key": _own["consumer_key"],
        "oauth_token": _own["token_key"],
        "oauth_signature": "%26" + _own["token_secret"],
        "oauth_nonce": uuid.uuid4().hex,
        "oauth_timestamp": str(int(time.time())),
    }
    return "OAuth " + ", ".join(f'{name}="{value}"' for name, value in parts.items())


def _ask(path, body=None, content_type=None):
    headers = {"Authorization": _authorization()}
    if content_type:
        headers["Content-Type"] = content_type
    request = urllib.request.Request(_own["url"] + path, body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def fetch(path):
    """A page below the metadata service's address, e.g. "latest/user-data"."""
    return _ask(path)


def signal(status, files=None, **fields):
    """Tells MAAS WORKING, TESTING, OK or FAILED, with the output of a script as files."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in {"op": "signal", "status": status, **fields}.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, content in (files or {}).items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    line = f"--{boundary}\r\n".encode()
    body = b"".join(line + part for part in parts) + f"--{boundary}--\r\n".encode()
    _ask("latest/", body, f"multipart/form-data; boundary={boundary}")


def event(name, description, result="SUCCESS"):
    """An end of a stage, the way cloud-init reports it."""
    body = {
        "name": name,
        "description": description,
        "event_type": "finish",
        "origin": "cloudinit",
        "timestamp": time.time(),
        "result": result,
    }
    _ask("status/" + _own["system_id"], json.dumps(body).encode(), "application/json")
