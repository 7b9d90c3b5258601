# fuzz - libFuzzer over the targets of tests/fuzz/targets.txt.
#
# What it finds worth keeping gathers in build-fuzz/corpus/TARGET, what breaks a target in
# build-fuzz/crashes/TARGET; the tree itself is only read.

fuzz_targets() {
    awk 'NF > 0 && !/^#/ { print $1 }' tests/fuzz/targets.txt
}

# fuzz_one TARGET SECONDS: on failure the log tells the input that did it.
fuzz_one() {
    local target=$1 seconds=$2 folder=build-fuzz
    local found=$folder/corpus/$target crashes=$folder/crashes/$target

    mkdir -p "$found" "$crashes" "$folder/logs"
    "$folder/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$crashes/" "$found" "tests/fuzz/corpus/$target" \
        >"$folder/logs/$target.log" 2>&1
}

build_fuzz() {
    local targets
    mapfile -t targets < <(fuzz_targets | sed 's|.*|tests/fuzz/&_fuzz|')
    build_suite fuzz "${targets[@]}"
}

# Every target for three seconds, as many at a time as there are processors; sets $good and $bad.
fuzz_suite() {
    local target
    build_fuzz || return
    export -f fuzz_one
    rm -f build-fuzz/logs/*.failed
    fuzz_targets | xargs -P "$(nproc)" -I{} bash -c \
        'fuzz_one {} 3 || touch build-fuzz/logs/{}.failed'
    good=0 bad=0
    for target in $(fuzz_targets); do
        if [ -e "build-fuzz/logs/$target.failed" ]; then
            bad=$((bad + 1))
            say "fuzz target $target failed:"
            tail -n 25 "build-fuzz/logs/$target.log" >&2
        else
            good=$((good + 1))
        fi
    done
}

fuzz() {
    local targets=("${1:-}") seconds=${2:-60} target

    [[ ${1:-} =~ ^[0-9]+$ ]] && targets=("") seconds=$1
    setup clang
    build_fuzz
    [ -n "${targets[0]}" ] || mapfile -t targets < <(fuzz_targets)
    for target in "${targets[@]}"; do
        fuzz_targets | grep -qx "$target" || fail "fuzz: no target \"$target\"; there are:" $(fuzz_targets)
        say "$target for $seconds s"
        fuzz_one "$target" "$seconds" || {
            tail -n 40 "build-fuzz/logs/$target.log" >&2
            fail "$target failed; the input stands in build-fuzz/crashes/$target"
        }
        grep -E '^stat::(number_of_executed_units|new_units_added)' "build-fuzz/logs/$target.log"
    done
}
