# setup - installs what is missing, and only that. What counts is whether a thing is there, not which
# package it came from: a compiler from elsewhere, or a newer Node, is left alone.

missing=()

# need PACKAGE TEST...: the Debian package to install when the test fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

needs_run() {
    need gcc has gcc
    need libc6-dev test -e /usr/include/stdio.h
    need meson has meson
    need ninja-build has ninja
    need pkg-config has pkg-config
    need python3 has python3
    need libssl-dev pkg-config --exists 'openssl >= 3.0'
    need libsodium-dev pkg-config --exists libsodium
    need libsqlite3-dev pkg-config --exists sqlite3
    need libcurl4-openssl-dev pkg-config --exists 'libcurl >= 7.85'
    need libyaml-dev pkg-config --exists yaml-0.1
    need libsystemd-dev pkg-config --exists libsystemd
}

# A compiler without the sanitizers' run time, as Debian packs it, is of no use here.
clang_links() {
    echo 'int main(void) { return 0; }' | clang "-fsanitize=$1" -x c -o /dev/null -
}

needs_unit() {
    needs_run
    need libcmocka-dev pkg-config --exists cmocka
}

needs_clang() {
    needs_unit
    need clang has clang
    need libclang-rt-dev clang_links address
    need llvm has llvm-symbolizer
}

needs_check() {
    needs_clang
    need clang-format has clang-format
    need clang-tidy has clang-tidy
}

needs_node() {
    needs_run
    need nodejs has node
    need npm has npm
    need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
    need openssl has openssl
    need gnutls-bin has gnutls-cli
    need libnss3-tools has tstclnt
    need libwolfssl-dev pkg-config --exists wolfssl
    need curl has curl
    need iproute2 has_daemon ip
    need python3-aiohttp /usr/bin/python3 -c 'import aiohttp'
}

needs_kernel() {
    needs_unit
    need qemu-system-x86 has qemu-system-x86_64
    need busybox-static static_busybox
    need cpio has cpio
    need openssl has openssl
}

# The one that a system boots with may need libraries.
static_busybox() {
    has busybox && ! ldd "$(command -v busybox)"
}

needs_test() {
    needs_check
    needs_node
}

# A daemon stands where only root's PATH leads.
has_daemon() {
    has "$1" || test -x "/usr/sbin/$1"
}

needs_peers() {
    needs_node
    need nginx-light has_daemon nginx
    need mosquitto has_daemon mosquitto
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

install_missing() {
    local packages
    mapfile -t packages < <(printf '%s\n' "${missing[@]}" | sort -u)

    has apt-get || fail "this machine lacks ${packages[*]} (Debian's names) and has no apt-get"
    [ "$(id -u)" = 0 ] || has sudo || fail "run as root, or install: ${packages[*]}"
    say "installing ${packages[*]}"
    # Fails at once when the lists of packages are missing or old; then they are fetched.
    apt_install "${packages[@]}" >"$setup_log" 2>&1 && return
    { as_root apt-get update && apt_install "${packages[@]}"; } >>"$setup_log" 2>&1 && return
    tail -n 20 "$setup_log" >&2
    fail "apt-get could not install ${packages[*]}; the whole log: $setup_log"
}

# Debian 12's npm 9.2 can not replace a dependency that comes from a git repository, as package.json
# asks for; there, a newer npm is fetched into npm's cache and used for this one call.
npm_of_today() {
    local major
    major=$(npm --version)
    if [ "${major%%.*}" -ge 10 ]; then
        npm "$@"
    else
        npm exec --yes -- npm@10.9.2 "$@"
    fi
}

# The clients of other makers that the e2e tests use, exactly as the lock file names them.
install_clients() {
    local lock=tests/e2e/package-lock.json stamp=tests/e2e/node_modules/.package-lock.json

    [ "$stamp" -nt "$lock" ] && return
    say "installing the test clients from npm"
    quietly build/npm.log npm_of_today --prefix tests/e2e ci --no-audit --no-fund --ignore-scripts
    touch "$stamp"
}

setup() {
    local for_what=${1:-all}

    missing=()
    setup_log=${TMPDIR:-/tmp}/switchyard-setup-$(id -u).log
    case $for_what in
        run | unit | clang | check | node | test | peers | kernel) "needs_$for_what" ;;
        all) needs_test && needs_peers ;;
        *) fail "setup: run, test or peers, not \"$for_what\"" ;;
    esac
    [ ${#missing[@]} = 0 ] || install_missing
    case $for_what in
        node | test | peers | all) install_clients ;;
    esac
}
