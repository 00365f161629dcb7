# lsandbox. `make demo` and `make check` install what is missing and do everything; `make` only builds.
# A packager may pass CC, CFLAGS, LDFLAGS, LUA_PC, PREFIX and DESTDIR; ours are added, never replaced.

B        := build
O        := $B/obj
PREFIX   ?= /usr/local
DESTDIR  ?=
CC       ?= cc
PKG_CONFIG ?= pkg-config
# Debian calls it lua5.4, Fedora lua
LUA_PC   ?= $(shell for p in lua5.4 lua-5.4 lua54 lua; do $(PKG_CONFIG) --exists "$$p >= 5.4" 2>/dev/null && { echo $$p; break; }; done)
LUA      ?= $(shell command -v lua5.4 || command -v lua)
LIBEXECDIR ?= $(PREFIX)/libexec/lsandbox
LUA_CMOD ?= $(PREFIX)/lib/lua/5.4
LIBDIR   ?= $(PREFIX)/lib

AR       ?= ar
CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla $(if $(CI),-Werror)
OURS     := -std=gnu11 $(WARN) -MMD -MP
PACKAGES := glib-2.0 libvirt libxml-2.0 libarchive libkmod
HARDEN   := -D_GNU_SOURCE -fstack-protector-strong -fvisibility=hidden -fPIC

# Asked for once, and only when something is compiled.
HOST_CFLAGS = $(eval HOST_CFLAGS := $$(OURS) $$(HARDEN) -DLSANDBOX_LIBEXECDIR='"$$(LIBEXECDIR)"' $$(shell $$(PKG_CONFIG) --cflags $$(PACKAGES) $$(LUA_PC)))$(HOST_CFLAGS)
HOST_LIBS   = $(eval HOST_LIBS := $$(shell $$(PKG_CONFIG) --libs $$(PACKAGES)) -lm)$(HOST_LIBS)
LUA_LIBS    = $(eval LUA_LIBS := $$(shell $$(PKG_CONFIG) --libs $$(LUA_PC)))$(LUA_LIBS)

# Static programs: musl where it is there (small), else the C compiler's own libc. The kernel's headers
# come after musl's own.
MUSL_CC  ?= $(shell command -v musl-gcc)
STATIC_CC := $(or $(MUSL_CC),$(CC))
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
STATIC_CFLAGS := $(OURS) -Os -g $(if $(MUSL_CC),$(if $(MULTIARCH),-idirafter /usr/include/$(MULTIARCH)) -idirafter /usr/include)

BINDING  := $(wildcard lsandbox/lua_*.c)
CORE     := $(filter-out $(BINDING),$(wildcard lsandbox/*.c))
# Plain C that the guest init and the host side share
SHARED   := wire filewire newfile treepath treesend treereceive
CORE_O   := $(CORE:%.c=$O/%.o) $(SHARED:%=$O/host/%.o)
BINDING_O := $(BINDING:%.c=$O/%.o)
RUNTIME_O := $(patsubst %.c,$O/%.o,$(wildcard runtime/*.c))
INIT_O   := $(patsubst %.c,$O/%.o,$(wildcard guest-init/*.c))
LAUNCHER_MAIN := launcher/launcher.c launcher/keeper.c
LAUNCHER_SHARED := $(filter-out $(LAUNCHER_MAIN),$(wildcard launcher/*.c))
LAUNCHER_O := $(patsubst %.c,$O/%.o,$(LAUNCHER_SHARED))
PROGRAMS := $B/lsandbox $B/lsandbox.so $B/lsandbox-init $B/lsandbox-launcher $B/lsandbox-keeper

# For C programs that embed Lua. The number is the ABI's: it changes when luaopen_lsandbox no longer does.
LIBRARY  := liblsandbox.so.0
LIBRARIES := $B/liblsandbox.a $B/$(LIBRARY) $B/liblsandbox.so $B/lsandbox.pc
VERSION  := $(shell sed -n 's/^.define LSANDBOX_VERSION "\(.*\)"/\1/p' lsandbox/lsandbox.h)

UNIT     := $(patsubst tests/unit/%.c,$B/tests/%,$(wildcard tests/unit/test_*.c))

# `make V=1` shows the commands
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1) $@")

.PHONY: all demo check bench install uninstall clean setup test-programs
.DELETE_ON_ERROR:

all: $(PROGRAMS) $(LIBRARIES)

$B/lsandbox.so: $(CORE_O) $(BINDING_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,nodelete -o $@ $^ $(HOST_LIBS)

# nodelete: libvirt's and GLib's threads would go on in code that is gone. Lua's symbols stay the host's.
$B/$(LIBRARY): $(CORE_O) $(BINDING_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(LIBRARY) -Wl,-z,nodelete -o $@ $^ $(HOST_LIBS)

$B/liblsandbox.so: $B/$(LIBRARY)
	$(Q)ln -sf $(LIBRARY) $@

$B/liblsandbox.a: $(CORE_O) $(BINDING_O)
	$(call say,AR  )
	$(Q)rm -f $@ && $(AR) rcs $@ $^

write_pc = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' -e 's|@VERSION@|$(VERSION)|' -e 's|@PACKAGES@|$(PACKAGES)|'
$B/lsandbox.pc: lsandbox/lsandbox.pc.in lsandbox/lsandbox.h Makefile | $O/dirs
	$(Q)$(write_pc) $< > $@

$B/lsandbox: $(CORE_O) $(BINDING_O) $(RUNTIME_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,-E -o $@ $^ $(HOST_LIBS) $(LUA_LIBS)

$B/lsandbox-init: $(INIT_O)
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(LDFLAGS) -static -s -o $@ $^

$B/lsandbox-launcher: $O/launcher/launcher.o $(LAUNCHER_O)
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(LDFLAGS) -static -s -o $@ $^

$B/lsandbox-keeper: $O/launcher/keeper.o $(LAUNCHER_O)
	$(call say,LINK)
	$(Q)$(STATIC_CC) $(LDFLAGS) -static -s -o $@ $^

$O/lsandbox/%.o: lsandbox/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -c -o $@ $<
$O/runtime/%.o: runtime/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -Ilsandbox -c -o $@ $<
$O/host/%.o: guest-init/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -U_GNU_SOURCE -c -o $@ $<
$O/guest-init/%.o: guest-init/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(STATIC_CC) $(STATIC_CFLAGS) -c -o $@ $<
$O/launcher/%.o: launcher/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(STATIC_CC) $(STATIC_CFLAGS) -c -o $@ $<
$B/tests/%: tests/unit/%.c $(CORE_O) | $O/dirs
	$(call say,LINK)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -Ilsandbox -Iguest-init -o $@ $< $(CORE_O) $(LDFLAGS) $(TEST_LDFLAGS) $(HOST_LIBS)
# A file operation's program runs over the test's own peer
$B/tests/test_files: TEST_LDFLAGS := -Wl,--wrap=lsb_sandbox_spawn

$B/tests/pty: tests/lib/pty.c | $O/dirs
	$(call say,LINK)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(OURS) -o $@ $< $(LDFLAGS)

# The one file in which the place of the helpers is compiled.
LIBEXECDIR_STAMP := $O/libexecdir$(subst /,-,$(LIBEXECDIR))
$(LIBEXECDIR_STAMP): | $O/dirs
	$(Q)rm -f $O/libexecdir* && touch $@
$O/lsandbox/paths.o: $(LIBEXECDIR_STAMP)

$O/dirs: Makefile
	mkdir -p $O/lsandbox $O/runtime $O/guest-init $O/launcher $O/host $O/tests $B/tests
	touch $@

setup:
	@scripts/setup

test-programs: $(UNIT) $B/tests/pty

# The set-up may bring the very libraries that this makefile asks pkg-config about, so build in a new make.
demo: setup
	@$(MAKE) --no-print-directory all
	@scripts/demo

check: setup
	@$(MAKE) --no-print-directory all test-programs
	@scripts/check

bench: setup
	@$(MAKE) --no-print-directory all
	@if [ "$$(id -u)" = 0 ]; then scripts/with-libvirtd scripts/bench; else scripts/bench; fi

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LUA_CMOD) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 0755 $B/lsandbox $(DESTDIR)$(PREFIX)/bin/
	install -m 0755 $B/lsandbox.so $(DESTDIR)$(LUA_CMOD)/
	install -m 0755 $B/lsandbox-init $B/lsandbox-launcher $B/lsandbox-keeper $(DESTDIR)$(LIBEXECDIR)/
	install -m 0644 lsandbox/lsandbox.h $(DESTDIR)$(PREFIX)/include/
	install -m 0644 $B/liblsandbox.a $(DESTDIR)$(LIBDIR)/
	install -m 0755 $B/$(LIBRARY) $(DESTDIR)$(LIBDIR)/
	ln -sf $(LIBRARY) $(DESTDIR)$(LIBDIR)/liblsandbox.so
	$(write_pc) lsandbox/lsandbox.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/lsandbox.pc
	chmod 0644 $(DESTDIR)$(LIBDIR)/pkgconfig/lsandbox.pc

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/lsandbox $(DESTDIR)$(LUA_CMOD)/lsandbox.so
	rm -f $(DESTDIR)$(PREFIX)/include/lsandbox.h $(DESTDIR)$(LIBDIR)/pkgconfig/lsandbox.pc
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,liblsandbox.a $(LIBRARY) liblsandbox.so)
	rm -rf $(DESTDIR)$(LIBEXECDIR)

clean:
	rm -rf $B

include tests/checks.mk
-include $(wildcard $O/*/*.d $B/tests/*.d)
