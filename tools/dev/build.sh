# build - a folder for each way to build: build/ for use, build-SUITE/ for the suite of that name.

program=build/src/server/switchyard

# meson's options for build-SUITE.
build_options() {
    case $1 in
        unit) echo -Dwerror=true -Dtests=enabled ;;
        clang) echo -Dwerror=true -Dtests=enabled ;;
        sanitize) echo -Dtests=enabled -Db_sanitize=address,undefined -Db_lundef=false ;;
        thread) echo -Dtests=enabled -Db_sanitize=thread -Db_lundef=false ;;
        fuzz) echo -Dtests=disabled -Dfuzz=true -Db_lundef=false ;;
        *) fail "build: unit, clang, sanitize, thread or fuzz, not \"$1\"" ;;
    esac
}

# configure FOLDER COMPILER OPTION...: meson decides whether there is anything to do.
configure() {
    local folder=$1 compiler=$2
    shift 2
    [ -e "$folder/build.ninja" ] ||
        CC=$compiler quietly "$folder/setup.log" meson setup "$folder" "$@"
}

# build_suite SUITE [NINJA_TARGET...]
build_suite() {
    local suite=$1 folder=build-$1 compiler=clang options
    shift
    options=$(build_options "$suite")
    [ "$suite" = unit ] && compiler=gcc
    # shellcheck disable=SC2086 # the options are words
    configure "$folder" "$compiler" $options
    quietly "$folder/ninja.log" ninja -C "$folder" "$@"
}

build() {
    if [ $# -gt 0 ]; then
        setup "$([ "$1" = unit ] && echo unit || echo clang)"
        build_suite "$1"
        return
    fi
    setup run
    [ -x "$program" ] || say "building"
    configure build "${CC:-gcc}"
    quietly build/ninja.log ninja -C build src/server/switchyard
}
