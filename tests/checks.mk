# Programs and targets that only tests need. The Makefile includes this file.

# Fake sandboxes (tests/embed/fake_domain.h) need no libvirt. They are made of the core without its two kinds, machine
# and container, and of guest-init without its main(), compiled for the host.
FAKE_GUEST := $(filter-out guest-init/main.c,$(wildcard guest-init/*.c))
FAKE_O     := $(filter-out %/machine.o %/machinetemplate.o %/container.o,$(CORE_O)) $(FAKE_GUEST:guest-init/%.c=$O/host/%.o) \
              $O/tests/fake_domain.o $O/tests/fake_guest.o
GUEST_LINK := -Wl,--wrap=identity_take_on,--wrap=filter_install,--wrap=freshen_begin,--wrap=clock_settime
FAKE_LINK  := -Wl,--wrap=lsb_domain_end $(GUEST_LINK)
FAKE_PROGRAMS := $B/tests/alloc_sweep $B/tests/fake-lsandbox

test-programs: $(FAKE_PROGRAMS)

$O/tests/%.o: tests/embed/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -iquote guest-init -c -o $@ $<
$O/host/%.o: guest-init/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -U_GNU_SOURCE -c -o $@ $<
$B/tests/alloc_sweep: $O/tests/alloc_sweep.o $(FAKE_O) $(BINDING_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(FAKE_LINK) -o $@ $^ $(HOST_LIBS) $(LUA_LIBS)
# The lsandbox command, which is also a Lua interpreter, on fake sandboxes.
$B/tests/fake-lsandbox: $(FAKE_O) $(BINDING_O) $(RUNTIME_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(FAKE_LINK) -o $@ $^ $(HOST_LIBS) $(LUA_LIBS)

# This unit test speaks to guest-init's own server, which runs in a child.
GUEST_O := $(FAKE_GUEST:guest-init/%.c=$O/host/%.o) $O/tests/fake_guest.o
$B/tests/test_crossings: $(GUEST_O)
$B/tests/test_crossings: TEST_LDFLAGS := $(GUEST_O) $(GUEST_LINK)

# --- longer checks ---

.PHONY: check-asan check-valgrind check-gc check-all

SANITIZE := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all

# guest-init and the launcher are not instrumented, because they are static and are compiled without CFLAGS.
check-asan: setup
	@$(MAKE) --no-print-directory B=build/asan CFLAGS="-O1 -g $(SANITIZE)" all test-programs
	@scripts/check-asan

check-valgrind: setup
	@$(MAKE) --no-print-directory all test-programs
	@scripts/check-valgrind

check-gc: setup
	@$(MAKE) --no-print-directory all test-programs
	@scripts/check-gc

check-all: setup
	@LSANDBOX_CHECK=all $(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory check-asan
	@$(MAKE) --no-print-directory check-valgrind
	@$(MAKE) --no-print-directory check-gc
