# test - the suites. Each prints what failed and adds to two counts; no suite may pass with no test.

suites=(unit style clang sanitize thread fuzz conformance e2e contract)
asked_for=(kernel) # not among "all": it downloads a kernel, and takes minutes where that is emulated
passed=0
failed=0
suite_started=0
seen_by=build-unit/contract-seen # what of the documents each suite has seen, see tests/e2e/contract

# tally SUITE PASSED FAILED: the summary of a suite.
tally() {
    local suite=$1 good=$2 bad=$3

    if [ $((good + bad)) = 0 ]; then
        bad=1
        say "$suite ran no test"
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '%-12s %5d passed, %d failed  (%d s)\n' "$suite" "$good" "$bad" \
        $((SECONDS - suite_started))
}

# The addresses that clang 14's thread sanitizer expects; some kernels spread them wider.
fixed_addresses() {
    if setarch "$(uname -m)" -R true 2>/dev/null; then
        setarch "$(uname -m)" -R "$@"
    else
        "$@"
    fi
}

# meson_suite SUITE MESON_TEST_ARGUMENT...: the unit tests of build-SUITE; counts go to $good $bad.
meson_suite() {
    local folder=build-$1
    shift
    rm -f "$folder/meson-logs/testlog.json"
    fixed_addresses meson test -C "$folder" "$@" >"$folder/test.log" 2>&1 || true
    read -r good bad < <(tools/dev/meson_results.py "$folder" || echo 0 1)
    [ "$bad" = 0 ] || say "the whole log: $folder/meson-logs/testlog.txt"
}

# node_suite LOG FILE...: runs files with Node's test runner; counts go to $good and $bad.
node_suite() {
    local log=$1 status=0 parallel=()
    shift
    mkdir -p "$(dirname "$log")"
    # Most of these tests wait; left alone, Node runs but one file at a time on two cores.
    [[ $(node --help) = *--test-concurrency* ]] && parallel=(--test-concurrency=4)
    node --test --test-reporter=tap "${parallel[@]}" "$@" >"$log" 2>&1 || status=$?
    good=$(node_count pass "$log")
    bad=$(($(node_count fail "$log") + $(node_count cancelled "$log")))
    [ "$status" = 0 ] || [ "$bad" != 0 ] || bad=1
    [ "$bad" = 0 ] && return
    grep -A25 '^ *not ok' "$log" | head -n 150 >&2 || tail -n 30 "$log" >&2
    say "the whole log: $log"
}

# node_count KIND LOG: of the closing lines "# pass 12", "# fail 0".
node_count() {
    local found
    found=$(sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$2" | tail -n 1)
    echo "${found:-0}"
}

test_unit() {
    setup unit
    build_suite unit || return
    # Most of these tests wait more than they compute.
    meson_suite unit --num-processes "$((3 * $(nproc)))" --no-rebuild
    tally unit "$good" "$bad"
}

test_clang() {
    setup clang
    if build_suite clang; then
        tally clang 1 0
    else
        tally clang 0 1
    fi
}

test_sanitize() {
    local unit_good unit_bad

    setup clang
    setup node
    build_suite sanitize || return
    meson_suite sanitize --no-rebuild --timeout-multiplier 4
    unit_good=$good unit_bad=$bad
    SWITCHYARD_BIN=$PWD/build-sanitize/src/server/switchyard \
        node_suite build-sanitize/e2e.log tests/e2e/journey.test.mjs
    tally sanitize $((unit_good + good)) $((unit_bad + bad))
}

# Only what threads share; the layers above never leave their worker.
test_thread() {
    setup clang
    build_suite thread build.ninja || return
    meson_suite thread --timeout-multiplier 4 --suite net --suite tls --suite store --suite bus --suite outbox \
        --suite domain
    tally thread "$good" "$bad"
}

test_fuzz() {
    setup clang
    fuzz_suite || return
    tally fuzz "$good" "$bad"
}

test_style() {
    setup check
    check_all
    tally style "$good" "$bad"
}

test_conformance() {
    setup node
    build_suite unit src/server/switchyard || return
    node_suite build-unit/conformance-runner.log tests/conformance/runner.test.mjs
    local runner_good=$good runner_bad=$bad log=build-unit/conformance.log
    rm -f "$seen_by.conformance"
    CONTRACT_SEEN=$PWD/$seen_by.conformance SWITCHYARD_BIN=$PWD/build-unit/src/server/switchyard \
        node tests/e2e/support/conformance.mjs >"$log" 2>&1 || true
    read -r good bad < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" |
        tail -n 1) || { good=0 bad=1; }
    [ "$bad" = 0 ] || { grep -A12 '^not ok' "$log" >&2 || tail -n 30 "$log" >&2; }
    tally conformance $((runner_good + good)) $((runner_bad + bad))
}

test_e2e() {
    setup node
    build_suite unit src/server/switchyard || return
    rm -f "$seen_by.e2e"
    CONTRACT_SEEN=$PWD/$seen_by.e2e SWITCHYARD_BIN=$PWD/build-unit/src/server/switchyard \
        node_suite build-unit/e2e.log tests/e2e/*.test.mjs
    tally e2e "$good" "$bad"
}

# The documents of both interfaces, and whether the last run of the two suites above saw all of them.
test_contract() {
    setup node
    CONTRACT_SEEN="$seen_by.conformance $seen_by.e2e" \
        node_suite build-unit/contract.log tests/e2e/contract/*.test.mjs
    tally contract "$good" "$bad"
}

test_kernel() {
    local log=build-kernel/guest.log

    setup kernel
    build_suite unit || return
    mkdir -p build-kernel
    tests/kernel/run build-unit >"$log" || say "the guest broke off"
    good=$(grep -c '^ok ' "$log") || true
    bad=$(grep -c '^not ok ' "$log") || true
    grep -q '^end of the tests' "$log" || bad=$((bad + 1))
    [ "$bad" = 0 ] || { grep -A30 '^not ok' "$log" >&2 || tail -n 30 "$log" >&2; }
    tally kernel "$good" "$bad"
}

# A suite that could not be built, or that broke off, counts as one failed test.
run_suite() {
    local suite=$1

    suite_started=$SECONDS
    say "$suite"
    good=0 bad=0
    "test_$suite" || tally "$suite" 0 1
}

run_tests() {
    local chosen=("$@") suite

    [ $# -gt 0 ] || chosen=(all)
    for suite in "${chosen[@]}"; do
        [[ " all ${suites[*]} ${asked_for[*]} " = *" $suite "* ]] || fail "test: no suite \"$suite\"; ./dev help"
    done
    [[ " ${chosen[*]} " = *" all "* ]] && chosen=("${suites[@]}") && setup test
    for suite in "${chosen[@]}"; do
        run_suite "$suite"
    done
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
