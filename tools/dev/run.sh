# run - a server of its own, a device that obeys, and the whole journey of an app, explained.

run_data=
run_processes=()

# Ends what was started, by its process id, and removes its data.
run_end() {
    local process
    for process in "${run_processes[@]}"; do
        kill "$process" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    [ -z "$run_data" ] || rm -rf "$run_data"
    run_data= run_processes=()
}

is_free() {
    ! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# port_or_any PORT: the port itself when nobody listens there, else 0: any.
port_or_any() {
    if is_free "$1"; then echo "$1"; else echo 0; fi
}

# run_wait WHAT LOG COMMAND...: until the command succeeds, for at most a minute.
run_wait() {
    local what=$1 log=$2 tries=600
    shift 2
    until "$@"; do
        tries=$((tries - 1))
        kill -0 "${run_processes[-1]}" 2>/dev/null && [ "$tries" -gt 0 ] && sleep 0.1 && continue
        cat "$log" >&2
        fail "$what"
    done
}

run_ctl() {
    "$program" ctl --socket "$run_data/control.sock" --json "$@"
}

# field NAME: the text of a member of the JSON object on standard input.
field() {
    sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p"
}

run_server() {
    "$program" serve --data "$run_data" --tls-names localhost,127.0.0.1 --advertise-domain localhost \
        --listen-tls "127.0.0.1:$(port_or_any 8080)" \
        --admin-listen "127.0.0.1:$(port_or_any 9090)" >"$run_data/server.log" 2>&1 &
    run_processes+=($!)
    run_wait "the server did not start" "$run_data/server.log" test -s "$run_data/ports.json"
    run_url=https://127.0.0.1:$(sed -n 's/.*"kind":"tls"[^}]*"port":\([0-9]*\).*/\1/p' \
        "$run_data/ports.json")
}

# An application, its user, a token of the user for it, and a lamp: what an operator creates.
run_household() {
    local answer

    run_app=$(run_ctl app create --name 'Try it' | field id)
    run_ctl user create ann@example.com >/dev/null
    run_token=$(run_ctl token issue --user ann@example.com --app "$run_app" | field token)
    answer=$(run_ctl device create --name Lamp --owner ann@example.com)
    run_device=$(field id <<<"$answer")
    run_key=$(field key <<<"$answer")
}

device_is_online() {
    [ "$(run_ctl conn list --device "$run_device")" != '[]' ]
}

run_lamp() {
    "$program" simulate device --url "$run_url" --ca "$run_data/ca.pem" \
        --id "$run_device" --key "$run_key" >"$run_data/device.log" 2>&1 &
    run_processes+=($!)
    run_wait "the device did not come online" "$run_data/device.log" device_is_online
}

# What can be typed next; the values are those of this run.
run_hints() {
    local ctl="$program ctl --socket $run_data/control.sock"
    cat <<TEXT

The server stays up at $run_url. In another terminal, from this folder:

  $ctl status
  $ctl device show $run_device
  $ctl conn list
  $ctl --help

  # the lamp's owner, who hears what happens and says nothing:
  $program simulate app --url $run_url --ca $run_data/ca.pem \\
      --token $run_token --appid $run_app --trace

  # the journey once more:
  $program simulate app --url $run_url --ca $run_data/ca.pem \\
      --token $run_token --appid $run_app --journey $run_device

  # dispatch by hand:
  curl --cacert $run_data/ca.pem $run_url/dispatch/app \\
      -H 'Authorization: Bearer $run_token' -H 'Content-Type: application/json' \\
      -d '{"accept":"ws","version":8,"appid":"$run_app","ts":$(date +%s),"nonce":"a1b2c3d4"}'

Logs: $run_data/server.log and device.log.  Ctrl-C ends all of it and removes $run_data.
TEXT
}

run() {
    local status=0

    case ${1:-} in
        '' | --once) ;;
        *) fail "run: --once or nothing, not \"$1\"" ;;
    esac
    build
    trap run_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    run_data=$(mktemp -d)
    run_server
    run_household
    run_lamp
    "$program" simulate app --url "$run_url" --ca "$run_data/ca.pem" --token "$run_token" \
        --appid "$run_app" --journey "$run_device" || status=$?
    if [ "$status" != 0 ]; then
        say "the journey failed; what server and device said:"
        cat "$run_data/server.log" "$run_data/device.log" >&2
    fi
    [ "$status" = 0 ] && [ "${1:-}" != --once ] || exit "$status"
    run_hints
    wait "${run_processes[0]}"
}
