#!/bin/bash
# What `make install` puts where, that it works from there, and that `make uninstall` leaves nothing.
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

check "builds and installs with a packager's flags" \
    make B="$tmp/build" PREFIX="$prefix" CFLAGS="-O1 -DPACKAGER" LDFLAGS="-Wl,-z,relro" install
check "a second make does nothing" bash -c "make B='$tmp/build' PREFIX='$prefix' CFLAGS='-O1 -DPACKAGER' | grep -q 'Nothing to be done'"
check "the command runs from there" bash -c "'$prefix/bin/lsandbox' --version | grep -q '^lsandbox [0-9]'"
check "and finds its helpers" "$prefix/bin/lsandbox" run -- true
check "the module loads from there" env LUA_CPATH="$prefix/lib/lua/5.4/?.so" "$LUA" -e 'assert(require("lsandbox")._VERSION)'
check "the header compiles" bash -c "echo '#include <lsandbox.h>' | ${CC:-cc} -I'$prefix/include' \$(pkg-config --cflags lua5.4 2>/dev/null || pkg-config --cflags lua) -fsyntax-only -xc -"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
check "pkg-config knows its version" bash -c "test \"lsandbox \$(pkg-config --modversion lsandbox)\" = \"\$('$prefix/bin/lsandbox' --version | head -n 1)\""
check "the shared library exports one function" bash -c "test \"\$(nm -D --defined-only '$prefix/lib/liblsandbox.so' | cut -d' ' -f3)\" = luaopen_lsandbox"
check "and has the name to load it by" bash -c "readelf -d '$prefix/lib/liblsandbox.so' | grep -q 'SONAME.*liblsandbox.so.0' && test -e '$prefix/lib/liblsandbox.so.0'"
check "the static library defines no name but ours" bash -c "test \"\$(nm --defined-only -g '$prefix/lib/liblsandbox.a' | awk 'NF == 3 { print \$3 }')\" = luaopen_lsandbox"
check "modes are the usual ones" bash -c "test \"\$(stat -c %a '$prefix/lib/liblsandbox.a' '$prefix/lib/liblsandbox.so.0' '$prefix/lib/pkgconfig/lsandbox.pc' | tr '\n' ' ')\" = '644 755 644 '"
check "the stub is Lua, where editors look" "$LUA" -e "assert(loadfile('$prefix/share/lsandbox/library/lsandbox.lua'))"
check "the documents are there" test -s "$prefix/share/doc/lsandbox/reference.md" -a -s "$prefix/share/doc/lsandbox/errors.md"
if command -v lowdown >/dev/null; then
    check "the man pages are there" test -s "$prefix/share/man/man1/lsandbox.1" -a -s "$prefix/share/man/man3/lsandbox.3" \
        -a -s "$prefix/share/man/man5/lsandbox-recipe.5"
fi
rm -rf "$tmp/build/man"
check "without lowdown it installs all the same, but for man pages" bash -c "make B='$tmp/build' PREFIX='$prefix' \
    CFLAGS='-O1 -DPACKAGER' DESTDIR='$tmp/bare' LOWDOWN=no-such-command install && ! find '$tmp/bare' -name '*.[135]' | grep ."
check "uninstalls" make B="$tmp/build" PREFIX="$prefix" uninstall
check "and leaves no file" bash -c "! find '$prefix' ! -type d | grep ."
check "DESTDIR is a place in front" bash -c "make B='$tmp/build' PREFIX='$prefix' CFLAGS='-O1 -DPACKAGER' DESTDIR='$tmp/dest' install && test -x '$tmp/dest$prefix/bin/lsandbox' && ! test -e '$prefix/bin/lsandbox'"
check "libraries go where LIBDIR says" bash -c "make B='$tmp/build' PREFIX='$prefix' CFLAGS='-O1 -DPACKAGER' DESTDIR='$tmp/dest' LIBDIR=/opt/lib/multi install && test -e '$tmp/dest/opt/lib/multi/liblsandbox.so.0' && grep -q '^libdir=/opt/lib/multi' '$tmp/dest/opt/lib/multi/pkgconfig/lsandbox.pc'"
check "another PREFIX on an old build finds its own helpers" bash -c "make B='$tmp/build' PREFIX='$tmp/other' CFLAGS='-O1 -DPACKAGER' install && strings '$tmp/other/bin/lsandbox' | grep -qx '$tmp/other/libexec/lsandbox'"
check "nothing is left in the run directory" bash -c "! find '$LSANDBOX_RUN' -mindepth 1 | grep ."
finish
