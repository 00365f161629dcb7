#!/bin/bash
# Where `make install` puts its files, that lsandbox works from there, and that `make uninstall` leaves nothing.
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d /tmp/lsb-inst.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT
chmod 0755 "$tmp"
. tests/lib/check.sh
unset MAKEFLAGS MAKELEVEL LSANDBOX_LIBEXEC
export LSANDBOX_RUN=$tmp/run
mkdir -m 0711 "$LSANDBOX_RUN"
LUA=${LUA:-$(command -v lua5.4 || command -v lua)}
prefix=$tmp/prefix
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

# --- a packager's build, installed below $prefix ---------------------------------------------------------------

build() { make B="$tmp/build" PREFIX="$prefix" CFLAGS="-O1 -DPACKAGER" "$@"; }
nothing_to_do() { build | grep -q 'Nothing to be done'; }
version() { "$prefix/bin/lsandbox" --version | head -n 1; }
has_version() { version | grep -q '^lsandbox [0-9]'; }
module_loads() { LUA_CPATH="$prefix/lib/lua/5.4/?.so" "$LUA" -e 'assert(require("lsandbox")._VERSION)'; }

check "make install builds and installs with a packager's flags" build LDFLAGS="-Wl,-z,relro" install
check "a second make does nothing" nothing_to_do
check "the installed command prints its version" has_version
check "the installed command finds its helpers" "$prefix/bin/lsandbox" run -- true
check "the module loads from the installed tree" module_loads

# --- for C programs --------------------------------------------------------------------------------------------

header_compiles() {
    local lua_flags
    lua_flags=$(pkg-config --cflags lua5.4 2>/dev/null || pkg-config --cflags lua) || return
    # shellcheck disable=SC2086 # several words are what is wanted
    echo '#include <lsandbox.h>' | ${CC:-cc} -I"$prefix/include" $lua_flags -fsyntax-only -xc -
}
same_version() { [ "lsandbox $(pkg-config --modversion lsandbox)" = "$(version)" ]; }
shared_exports_one() {
    [ "$(nm -D --defined-only "$prefix/lib/liblsandbox.so" | cut -d' ' -f3)" = luaopen_lsandbox ]
}
shared_has_its_name() {
    test -e "$prefix/lib/liblsandbox.so.0" &&
        readelf -d "$prefix/lib/liblsandbox.so" | grep -q 'SONAME.*liblsandbox.so.0'
}
static_defines_one() {
    [ "$(nm --defined-only -g "$prefix/lib/liblsandbox.a" | awk 'NF == 3 { print $3 }')" = luaopen_lsandbox ]
}
modes() {
    [ "$(cd "$prefix/lib" && stat -c %a liblsandbox.a liblsandbox.so.0 pkgconfig/lsandbox.pc | xargs)" = "644 755 644" ]
}

check "the header compiles" header_compiles
check "pkg-config and the command name the same version" same_version
check "the shared library exports luaopen_lsandbox alone" shared_exports_one
check "the shared library has the name by which the linker finds it" shared_has_its_name
check "the static library defines luaopen_lsandbox alone" static_defines_one
check "the libraries and lsandbox.pc have the usual modes" modes

# --- documentation ---------------------------------------------------------------------------------------------

without_lowdown() {
    build DESTDIR="$tmp/bare" LOWDOWN=no-such-command install && ! find "$tmp/bare" -name '*.[135]' | grep .
}

check "the stub is Lua, and lies where editors look" \
    "$LUA" -e "assert(loadfile('$prefix/share/lsandbox/library/lsandbox.lua'))"
check "the documents are installed" \
    test -s "$prefix/share/doc/lsandbox/reference.md" -a -s "$prefix/share/doc/lsandbox/errors.md"
if command -v lowdown >/dev/null; then
    check "the man pages are installed" test -s "$prefix/share/man/man1/lsandbox.1" \
        -a -s "$prefix/share/man/man3/lsandbox.3" -a -s "$prefix/share/man/man5/lsandbox-recipe.5"
fi
rm -rf "$tmp/build/man"
check "without lowdown all but the man pages is installed" without_lowdown

# --- other places ----------------------------------------------------------------------------------------------

no_file_left() { ! find "$prefix" ! -type d | grep .; }
into_destdir() {
    build DESTDIR="$tmp/dest" install && test -x "$tmp/dest$prefix/bin/lsandbox" && ! test -e "$prefix/bin/lsandbox"
}
into_libdir() {
    build DESTDIR="$tmp/dest" LIBDIR=/opt/lib/multi install &&
        test -e "$tmp/dest/opt/lib/multi/liblsandbox.so.0" &&
        grep -q '^libdir=/opt/lib/multi' "$tmp/dest/opt/lib/multi/pkgconfig/lsandbox.pc"
}
another_prefix() {
    build PREFIX="$tmp/other" install && strings "$tmp/other/bin/lsandbox" | grep -qx "$tmp/other/libexec/lsandbox"
}
run_directory_is_empty() { ! find "$LSANDBOX_RUN" -mindepth 1 | grep .; }

check "make uninstall succeeds" make B="$tmp/build" PREFIX="$prefix" uninstall
check "make uninstall leaves no file" no_file_left
check "DESTDIR goes before every path" into_destdir
check "LIBDIR says where the libraries go" into_libdir
check "a command built with another PREFIX looks for its helpers there" another_prefix
check "nothing is left in the run directory" run_directory_is_empty
finish
