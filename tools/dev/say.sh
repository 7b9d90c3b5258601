# say - how ./dev talks: what it does on standard error, results on standard output.

say() {
    printf '%s\n' "-- $*" >&2
}

fail() {
    printf '%s\n' "./dev: $*" >&2
    exit 1
}

# quietly LOG COMMAND...: shows what the command said only when it fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 && return
    tail -n 60 "$log" >&2
    say "the whole log: $log"
    return 1
}

# has COMMAND
has() {
    command -v "$1" >/dev/null 2>&1
}

# once NAME: true at the first call only, so that suites share what they build.
declare -A done_once=()
once() {
    [ -z "${done_once[$1]:-}" ] && done_once[$1]=yes
}
