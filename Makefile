# lsandbox. `make demo` and `make check` install missing packages, build and run; `make` only builds.
# A packager may pass CC, CFLAGS, LDFLAGS, LUA_PC, PREFIX and DESTDIR; the flags below are added to the packager's.

B        := build
O        := $B/obj
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
DESTDIR  ?=
CC       ?= cc
PKG_CONFIG ?= pkg-config
OBJCOPY  ?= objcopy
# The name of Lua's pkg-config module is lua5.4 on Debian and lua on Fedora.
LUA_PC   ?= $(shell for p in lua5.4 lua-5.4 lua54 lua; do $(PKG_CONFIG) --exists "$$p >= 5.4" 2>/dev/null && { echo $$p; break; }; done)
LUA      ?= $(shell command -v lua5.4 || command -v lua)
LIBEXECDIR ?= $(PREFIX)/libexec/lsandbox
LUA_CMOD ?= $(PREFIX)/lib/lua/5.4
LIBDIR   ?= $(PREFIX)/lib

AR       ?= ar
CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla $(if $(CI),-Werror)
OURS     := -std=gnu11 $(WARN) -MMD -MP
# A room's header is included as "room/name.h", a shared one as "shared/name.h". With -iquote only quoted includes look
# here, so no header hides one of the C library's.
INCLUDES := -iquote lsandbox -iquote .
PACKAGES := glib-2.0 libvirt libvirt-qemu libxml-2.0 libarchive libkmod libseccomp
HARDEN   := -D_GNU_SOURCE -fstack-protector-strong -fvisibility=hidden -fPIC

# These call pkg-config once, and only when something is compiled.
HOST_CFLAGS = $(eval HOST_CFLAGS := $$(OURS) $$(HARDEN) $$(INCLUDES) -DLSANDBOX_LIBEXECDIR='"$$(LIBEXECDIR)"' $$(shell $$(PKG_CONFIG) --cflags $$(PACKAGES) $$(LUA_PC)))$(HOST_CFLAGS)
HOST_LIBS   = $(eval HOST_LIBS := $$(shell $$(PKG_CONFIG) --libs $$(PACKAGES)) -lm)$(HOST_LIBS)
LUA_LIBS    = $(eval LUA_LIBS := $$(shell $$(PKG_CONFIG) --libs $$(LUA_PC)))$(LUA_LIBS)

# Static programs use musl where it is installed, because that makes them small, else the C compiler's own libc. The
# kernel's headers come after musl's own.
MUSL_CC  ?= $(shell command -v musl-gcc)
STATIC_CC := $(or $(MUSL_CC),$(CC))
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
STATIC_CFLAGS := $(OURS) -iquote . -Os -g $(if $(MUSL_CC),$(if $(MULTIARCH),-idirafter /usr/include/$(MULTIARCH)) -idirafter /usr/include)

# Rooms are folders below lsandbox/, at most two deep.
BINDING  := $(wildcard lsandbox/lua/*.c)
CORE     := $(filter-out $(BINDING),$(wildcard lsandbox/*/*.c lsandbox/*/*/*.c))
SHARED   := $(wildcard shared/*.c)
CORE_O   := $(CORE:%.c=$O/%.o) $(SHARED:%.c=$O/%.o)
BINDING_O := $(BINDING:%.c=$O/%.o)
RUNTIME_O := $(patsubst %.c,$O/%.o,$(wildcard runtime/*.c))
INIT_O   := $(patsubst %.c,$O/%.o,$(wildcard guest-init/*.c)) $(SHARED:shared/%.c=$O/shared-static/%.o)
KEEPER   := $(wildcard launcher/keeper*.c) launcher/pidfd.c
LAUNCHER := $(filter-out $(KEEPER) launcher/preload.c,$(wildcard launcher/*.c))
KEEPER_O := $(KEEPER:%.c=$O/%.o) $(patsubst %,$O/shared-static/%.o,lxcfiles treeremove)
LAUNCHER_O := $(LAUNCHER:%.c=$O/%.o)
PROGRAMS := $B/lsandbox $B/lsandbox.so $B/lsandbox-init $B/lsandbox-launcher $B/lsandbox-keeper $B/lsandbox-preload.so

# For C programs that embed Lua. The number changes when luaopen_lsandbox's ABI changes.
LIBRARY  := liblsandbox.so.0
LIBRARIES := $B/liblsandbox.a $B/$(LIBRARY) $B/liblsandbox.so $B/lsandbox.pc
VERSION  := $(shell sed -n 's/^.define LSANDBOX_VERSION "\(.*\)"/\1/p' lsandbox/lsandbox.h)

UNIT     := $(patsubst tests/unit/%.c,$B/tests/%,$(wildcard tests/unit/test_*.c))

# `make V=1` shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1) $@")

.PHONY: all demo check bench docs reference install install-docs uninstall uninstall-docs clean setup test-programs
.DELETE_ON_ERROR:

all: $(PROGRAMS) $(LIBRARIES)

$B/lsandbox.so: $(CORE_O) $(BINDING_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,nodelete -o $@ $^ $(HOST_LIBS)

# nodelete keeps the library in memory, because threads of libvirt and GLib go on running its code. Lua's symbols come
# from the host program.
$B/$(LIBRARY): $(CORE_O) $(BINDING_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(LIBRARY) -Wl,-z,nodelete -o $@ $^ $(HOST_LIBS)

$B/liblsandbox.so: $B/$(LIBRARY)
	$(Q)ln -sf $(LIBRARY) $@

# One object in which every name but the entry point is local, so that no name clashes with one of the host program.
$B/liblsandbox.a: $(CORE_O) $(BINDING_O)
	$(call say,AR  )
	$(Q)rm -f $@
	$(Q)$(CC) $(CFLAGS) -r -nostdlib -o $B/liblsandbox.o $^
	$(Q)$(OBJCOPY) --keep-global-symbol=luaopen_lsandbox $B/liblsandbox.o
	$(Q)$(AR) rcs $@ $B/liblsandbox.o

write_pc = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' -e 's|@VERSION@|$(VERSION)|' -e 's|@PACKAGES@|$(PACKAGES)|'
$B/lsandbox.pc: lsandbox/lsandbox.pc.in lsandbox/lsandbox.h Makefile | $O/dirs
	$(Q)$(write_pc) $< > $@

$B/lsandbox: $(CORE_O) $(BINDING_O) $(RUNTIME_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,-E -o $@ $^ $(HOST_LIBS) $(LUA_LIBS)

$B/lsandbox-init: $(INIT_O)
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(LDFLAGS) -static -s -o $@ $^

$B/lsandbox-launcher: $(LAUNCHER_O)
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(LDFLAGS) -static -s -o $@ $^

$B/lsandbox-keeper: $(KEEPER_O)
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(LDFLAGS) -static -s -o $@ $^

# QEMU preloads this library, so it is built with the host's compiler and C library, and without the flags of checks.
$B/lsandbox-preload.so: launcher/preload.c shared/memoryfd.h | $O/dirs
	$(call say,LINK)
	$(Q)$(CC) $(OURS) -iquote . -Os -fPIC -fvisibility=hidden -shared -s -o $@ $<

$O/lsandbox/%.o: lsandbox/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -c -o $@ $<
$O/runtime/%.o: runtime/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -c -o $@ $<
$O/shared/%.o: shared/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -c -o $@ $<
$O/shared-static/%.o: shared/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(STATIC_CC) $(STATIC_CFLAGS) -c -o $@ $<
$O/guest-init/%.o: guest-init/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(STATIC_CC) $(STATIC_CFLAGS) -c -o $@ $<
$O/launcher/%.o: launcher/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(STATIC_CC) $(STATIC_CFLAGS) -c -o $@ $<
$B/tests/%: tests/unit/%.c $(CORE_O) | $O/dirs
	$(call say,LINK)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -o $@ $< $(CORE_O) $(LDFLAGS) $(TEST_LDFLAGS) $(HOST_LIBS)
# A snapshot's commands reach the test's own monitor.
$B/tests/test_snapshot: TEST_LDFLAGS := -Wl,--wrap=virDomainQemuMonitorCommandWithFiles

$B/tests/pty: tests/lib/pty.c | $O/dirs
	$(call say,LINK)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(OURS) -o $@ $< $(LDFLAGS)

# Its addresses must be low, so that 32-bit system calls can take them.
$B/tests/syscalls: tests/lib/syscalls.c | $O/dirs
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(STATIC_CFLAGS) -fno-pie -no-pie -static -o $@ $<

# base/paths.c alone has the directory of the helpers compiled in, so it is compiled anew when LIBEXECDIR changes.
LIBEXECDIR_STAMP := $O/libexecdir$(subst /,-,$(LIBEXECDIR))
$(LIBEXECDIR_STAMP): | $O/dirs
	$(Q)rm -f $O/libexecdir* && touch $@
$O/lsandbox/base/paths.o: $(LIBEXECDIR_STAMP)

$O/dirs: Makefile
	mkdir -p $(sort $(dir $(CORE_O) $(BINDING_O))) $O/runtime $O/guest-init $O/shared $O/shared-static $O/launcher $O/host $O/tests $B/tests
	touch $@

setup:
	@scripts/setup

test-programs: $(UNIT) $B/tests/pty $B/tests/syscalls

# The set-up may install the libraries that this makefile asks pkg-config about, so build in a new make.
demo: setup
	@$(MAKE) --no-print-directory all
	@scripts/demo

check: setup
	@$(MAKE) --no-print-directory all test-programs
	@scripts/check

bench: setup
	@$(MAKE) --no-print-directory all
	@scripts/setup --for bench || true
	@export LUA="$(LUA)" LUA_PC="$(LUA_PC)"; \
	if [ "$$(id -u)" = 0 ]; then scripts/with-libvirtd scripts/bench; else scripts/bench; fi

# Documentation. `make reference` makes docs/reference.md from docs/lsandbox.lua; both are committed. The man pages need
# lowdown; without it `make install` leaves them out.
LOWDOWN  ?= lowdown
MANDIR   ?= $(PREFIX)/share/man
DOCDIR   ?= $(PREFIX)/share/doc/lsandbox
STUBDIR  ?= $(PREFIX)/share/lsandbox/library
DOCS     := $(wildcard docs/*.md) LICENSE
MAN      := $B/man/lsandbox.1 $B/man/lsandbox-recipe.5 $B/man/lsandbox.3

docs: $(MAN)
reference:
	$(LUA) scripts/docs reference docs/lsandbox.lua > docs/reference.md

$B/man/lsandbox.1: docs/command.md
$B/man/lsandbox-recipe.5: docs/recipe.md
$B/man/lsandbox.3: docs/reference.md docs/errors.md
# mandoc warns about three things in lowdown's output, which the last command mends: the font \fC, which only groff has,
# a heading on a line of its own, and .LP right below a heading.
$(MAN): scripts/docs
	$(call say,MAN )
	$(Q)mkdir -p $(@D)
	$(Q)$(LUA) scripts/docs man $(filter %.md,$^) > $@.md
	$(Q)$(LOWDOWN) -s -Tman --out-no-smarty -M title=$(basename $(@F)) -M section=$(subst .,,$(suffix $@)) \
	    -M date=$$(date -u -r $(firstword $(filter %.md,$^)) +%F) -M source=lsandbox -o $@.roff $@.md
	$(Q)sed 's/\\fC/\\fB/g' $@.roff | awk '/^\.S[HS]$$/ { getline text; $$0 = $$0 " " text } \
	    below && /^\.[LP]P$$/ { next } { below = /^\.S[HS]/; print }' > $@
	$(Q)rm -f $@.md $@.roff

install: install-docs
install-docs:
	install -d $(DESTDIR)$(STUBDIR) $(DESTDIR)$(DOCDIR)
	install -m 0644 docs/lsandbox.lua $(DESTDIR)$(STUBDIR)/
	install -m 0644 $(DOCS) $(DESTDIR)$(DOCDIR)/
	@if command -v $(LOWDOWN) >/dev/null && [ -n "$(LUA)" ]; then \
	    $(MAKE) --no-print-directory docs || echo "the man pages could not be made" >&2; fi
	@for page in $(MAN); do if [ -f "$$page" ]; then \
	    install -D -m 0644 "$$page" "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; fi; done

uninstall: uninstall-docs
uninstall-docs:
	rm -f $(DESTDIR)$(STUBDIR)/lsandbox.lua $(addprefix $(DESTDIR)$(DOCDIR)/,$(notdir $(DOCS)))
	@for page in $(MAN); do rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; done

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LUA_CMOD) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 0755 $B/lsandbox $(DESTDIR)$(BINDIR)/
	install -m 0755 $B/lsandbox.so $(DESTDIR)$(LUA_CMOD)/
	install -m 0755 $B/lsandbox-init $B/lsandbox-launcher $B/lsandbox-keeper $B/lsandbox-preload.so $(DESTDIR)$(LIBEXECDIR)/
	install -m 0644 lsandbox/lsandbox.h $(DESTDIR)$(PREFIX)/include/
	install -m 0644 $B/liblsandbox.a $(DESTDIR)$(LIBDIR)/
	install -m 0755 $B/$(LIBRARY) $(DESTDIR)$(LIBDIR)/
	ln -sf $(LIBRARY) $(DESTDIR)$(LIBDIR)/liblsandbox.so
	$(write_pc) lsandbox/lsandbox.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/lsandbox.pc
	chmod 0644 $(DESTDIR)$(LIBDIR)/pkgconfig/lsandbox.pc

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/lsandbox $(DESTDIR)$(LUA_CMOD)/lsandbox.so
	rm -f $(DESTDIR)$(PREFIX)/include/lsandbox.h $(DESTDIR)$(LIBDIR)/pkgconfig/lsandbox.pc
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,liblsandbox.a $(LIBRARY) liblsandbox.so)
	rm -rf $(DESTDIR)$(LIBEXECDIR)

clean:
	rm -rf $B

include tests/checks.mk
-include $(wildcard $O/*/*.d $O/*/*/*.d $O/*/*/*/*.d $B/tests/*.d)
