# What set-up says, and how it stops. Everything goes to standard error, so that `eval "$(make -s env)"` reads only the environment.
# shellcheck shell=sh

say() { printf '%s\n' "$*" >&2; }

# One line that says what is wrong and what to do about it; nothing else.
stop() {
  say "metalform: $*"
  exit 1
}

clock() { printf '%d:%02d' "$(($1 / 60))" "$(($1 % 60))"; }

# follow WHAT LOG PROGRESS COMMAND...: runs COMMAND with its output in LOG and shows WHAT with the time it has taken so far
# and whatever the function PROGRESS prints about LOG: on a terminal on one line every second, elsewhere a line every 30 s.
# A failure shows the beginning and the end of LOG.
follow() {
  follow_what=$1 follow_log=$2 follow_progress=$3
  shift 3
  follow_start=$(date +%s)
  [ -t 2 ] || say "$follow_what ..."
  "$@" >"$follow_log" 2>&1 &
  follow_pid=$!
  # A shell's background jobs ignore Ctrl-C, so it is passed on.
  trap 'kill "$follow_pid" 2>/dev/null; wait "$follow_pid" 2>/dev/null; say ""; exit 130' INT TERM HUP
  follow_tick=0
  while kill -0 "$follow_pid" 2>/dev/null; do
    follow_elapsed=$(($(date +%s) - follow_start))
    if [ -t 2 ]; then
      printf '\r%s: %s%s\033[K' "$follow_what" "$(clock "$follow_elapsed")" "$("$follow_progress" "$follow_log")" >&2
    elif [ "$follow_elapsed" -ge 2 ] && [ "$follow_tick" -ge 30 ]; then
      follow_tick=0
      say "  $(clock "$follow_elapsed")$("$follow_progress" "$follow_log")"
    fi
    follow_tick=$((follow_tick + 1))
    # What is done in a moment is not waited for.
    if [ "$follow_elapsed" -lt 2 ]; then sleep 0.1; else sleep 1; fi
  done
  follow_status=0
  wait "$follow_pid" || follow_status=$?
  trap - INT TERM HUP
  follow_elapsed=$(($(date +%s) - follow_start))
  [ ! -t 2 ] || printf '\r\033[K' >&2
  if [ "$follow_status" -ne 0 ]; then
    say "$follow_what: failed after $(clock "$follow_elapsed"):"
    # npm says the cause first, Go says it last.
    awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) if (i <= 6 || i > NR - 8) print "  " line[i] }' "$follow_log" >&2
    return "$follow_status"
  fi
  say "$follow_what: done in $(clock "$follow_elapsed")"
}

no_progress() { :; }
