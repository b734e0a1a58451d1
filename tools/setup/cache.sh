# The cache that all clones of this user share: one folder an entry, named by what it holds and its version or hash.
# An entry is made beside its place and renamed into it when it is whole, so what is there is done; it is never changed
# afterwards. All of it may be deleted at any time and comes back.
# shellcheck shell=sh

cache=${XDG_CACHE_HOME:-$HOME/.cache}/metalform

# hash FILE...: twelve hex digits of the files' content, in this order.
hash() { cat "$@" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-12; }

# cached NAME FUNCTION: makes the entry unless it is there. FUNCTION gets an empty folder to fill. Two set-ups at the same
# time: the second waits, and finds it made. A killed one leaves a folder called .new-*, which the next one removes.
cached() {
  [ ! -d "$cache/$1" ] || return 0
  mkdir -p "$cache" || stop "cannot write to the cache folder $cache; set XDG_CACHE_HOME to a folder of your own"
  # Without flock (macOS) both work, and the first to end wins.
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$cache/.lock-$1"
    if ! flock -w 1 9; then
      say "Another set-up is bringing $1; waiting for it"
      cached_waited=0
      until flock -w 30 9; do
        cached_waited=$((cached_waited + 30))
        say "  $(clock "$cached_waited")"
      done
    fi
    [ -d "$cache/$1" ] || rm -rf "$cache/.new-$1".*
  fi
  if [ ! -d "$cache/$1" ]; then
    cached_new=$cache/.new-$1.$$
    mkdir -p "$cached_new"
    if ! "$2" "$cached_new"; then
      rm -rf "$cached_new"
      exit 1
    fi
    # -T: never into an entry that somebody else has made meanwhile.
    mv -T "$cached_new" "$cache/$1" 2>/dev/null || [ -d "$cache/$1" ] || mv "$cached_new" "$cache/$1"
    rm -rf "$cached_new"
  fi
  if command -v flock >/dev/null 2>&1; then exec 9>&-; fi
}
