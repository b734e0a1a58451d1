# Ansible in a virtual environment of its own, with three collections, and the wheels of the Django site's packages:
# machines of a rack need not reach PyPI. Versions and hashes are pinned in tools/ansible/ and beside the role.
# shellcheck shell=sh

# Of the thousand in the package `ansible`.
ansible_collections="ansible/posix community/general community/postgresql"

# What ansible-core 2.18 asks for, with the two modules that Debian packages separately.
ansible_python_fits='import sys, venv, ensurepip; assert sys.version_info >= (3, 11); print(sys.base_prefix, sys.version_info[:3])'

# Prints the Python's name on PATH; ansible_python_is says which it is, as part of the entry's name: what is compiled
# for one Python does not work with another.
find_ansible_python() {
  for ansible_python in python3 python3.13 python3.12 python3.11; do
    ansible_python_is=$("$ansible_python" -c "$ansible_python_fits" 2>/dev/null) && return
  done
  return 1
}

ansible_progress() { printf ', %s' "$(sed -n 's/^Collecting \([^= ]*\).*/\1/p' "$1" 2>/dev/null | tail -n 1)"; }

# The scripts name the interpreter by its path: that of the place where the entry will be.
fill_ansible() {
  "$ansible_python" -m venv "$1" &&
    "$1/bin/pip" install --quiet --require-hashes --only-binary :all: --no-input --progress-bar off \
      --requirement "$root/tools/ansible/ansible-core.txt" &&
    "$1/bin/pip" download --no-deps --require-hashes --only-binary :all: --no-input --progress-bar off \
      --dest "$1/bundle" --requirement "$root/tools/ansible/collections.txt" &&
    "$1/bin/python" "$root/tools/ansible/unpack_collections.py" "$1"/bundle/*.whl "$1/collections" $ansible_collections &&
    rm -rf "$1/bundle" &&
    for ansible_script in "$1"/bin/*; do
      [ -L "$ansible_script" ] || {
        sed "s|$1|$cache/$ansible_entry|g" "$ansible_script" >"$1/script" && cat "$1/script" >"$ansible_script" || return
      }
    done && rm "$1/script" &&
    # On PATH go Ansible's commands alone, not this environment's Python and pip.
    mkdir "$1/commands" && for ansible_script in "$1"/bin/ansible*; do ln -s "../bin/${ansible_script##*/}" "$1/commands/" || return; done
}

install_ansible() {
  follow "Bringing Ansible and its collections from PyPI, once (about 30 s)" "$cache/ansible.log" ansible_progress fill_ansible "$1"
}

# All of them are plain Python ("py3-none-any"), so one set serves every machine; another would be refused here.
fill_wheels() {
  "$cache/$ansible_entry/bin/pip" download --no-deps --require-hashes --no-input --progress-bar off \
    --only-binary :all: --implementation py --abi none --platform any \
    --dest "$1" --requirement "$root/ansible/roles/django/files/requirements.txt"
}

download_wheels() {
  follow "Bringing Django and what it needs from PyPI, once (about 5 s)" "$cache/wheels.log" ansible_progress fill_wheels "$1"
}

# Without a Python that fits nothing is brought; what needs Ansible then says so (tools/run --debian python3-venv).
ensure_ansible() {
  find_ansible_python || return 0
  ansible_entry=ansible-$(hash "$root"/tools/ansible/*)-$(printf %s "$ansible_python_is" | hash -)
  ansible_wheels=wheels-$(hash "$root/ansible/roles/django/files/requirements.txt")
  cached "$ansible_entry" install_ansible
  cached "$ansible_wheels" download_wheels
  PATH=$cache/$ansible_entry/commands:$PATH
  ANSIBLE_COLLECTIONS_PATH=$cache/$ansible_entry/collections
  ANSIBLE_CONFIG=$root/ansible/ansible.cfg
  METALFORM_WHEELS=$cache/$ansible_wheels
  export ANSIBLE_COLLECTIONS_PATH ANSIBLE_CONFIG METALFORM_WHEELS
}
