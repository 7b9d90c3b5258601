# check - what can be said of the code without running it. Each check is one test of suite "style".

checks=(format layers names forbidden functions sizes headers options proofs links clients shell tools lint)

c_files() {
    git ls-files --cached --others --exclude-standard -- '*.c' '*.h'
}

format_all() {
    setup check
    c_files | xargs clang-format -i
}

check_format() {
    c_files | xargs clang-format --dry-run --Werror
}

check_layers() {
    tools/layers.py
}

check_names() {
    tools/names.py
}

check_forbidden() {
    tools/forbidden.py
}

check_functions() {
    tools/functions.py
}

check_sizes() {
    tools/sizes.py
}

check_options() {
    tools/options.py
}

check_proofs() {
    tools/proofs.py
}

check_links() {
    tools/links.py
}

check_clients() {
    tools/clients.py
}

# Each header compiles alone, so whoever includes it need not know what it needs.
check_headers() {
    find src -name '*.h' | xargs -P "$(nproc)" -I{} \
        gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -Isrc -x c \
        -include {} /dev/null
}

check_shell() {
    local script
    for script in dev .ci/run tests/kernel/{run,init} $(git ls-files --cached --others --exclude-standard -- '*.sh'); do
        bash -n "$script" || return
    done
}

# That each of the checks above can fail, and that the bench computes what it says.
check_tools() {
    python3 -m unittest discover -s tools/tests -p '*_test.py' -b &&
        python3 -m unittest discover -s bench/tests -p '*_test.py' -b
}

# clang-tidy, again only for what has changed since it last said yes.
check_lint() {
    local stamps=build-clang/lint

    configure build-clang clang -Dwerror=true -Dtests=enabled
    quietly build-clang/ninja.log ninja -C build-clang src/store/store_migrations.def || return
    mkdir -p "$stamps"
    export -f lint_one
    find src -name '*.c' | sort | xargs -P "$(nproc)" -I{} bash -c 'lint_one {} '"$stamps"
}

lint_one() {
    local file=$1 stamp=$2/${1//\//+}

    [ "$stamp" -nt .clang-tidy ] && [ "$stamp" -nt "$file" ] &&
        [ -z "$(find src -name '*.h' -newer "$stamp" -print -quit)" ] && return
    clang-tidy -p build-clang --quiet "$file" 2>/dev/null || return
    touch "$stamp"
}

# Runs the named checks, or all; sets $good and $bad.
check_all() {
    local chosen=("$@") name log
    [ $# -gt 0 ] || chosen=("${checks[@]}")
    mkdir -p build
    good=0 bad=0
    for name in "${chosen[@]}"; do
        log=build/check-$name.log
        if "check_$name" >"$log" 2>&1; then
            good=$((good + 1))
        else
            bad=$((bad + 1))
            say "check $name failed:"
            head -n 60 "$log" >&2
        fi
    done
}

check() {
    local name
    for name in "$@"; do
        [[ " ${checks[*]} " = *" $name "* ]] || fail "check: one of ${checks[*]}"
    done
    setup check
    check_all "$@"
    echo "$good passed, $bad failed"
    [ "$bad" = 0 ]
}
