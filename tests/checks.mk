# Programs and targets for tests only. Included by the Makefile.

# A sandbox without libvirt (tests/embed/fake_domain.h): the core but for the two kinds, and guest-init
# but for its main(), compiled for the host.
FAKE_GUEST := $(filter-out guest-init/main.c guest-init/wire.c,$(wildcard guest-init/*.c))
FAKE_O     := $(filter-out %/machine.o %/container.o,$(CORE_O)) $(FAKE_GUEST:guest-init/%.c=$O/host/%.o) \
              $O/tests/fake_domain.o $O/tests/fake_guest.o
FAKE_LINK  := -Wl,--wrap=lsb_domain_end,--wrap=identity_take_on
FAKE_PROGRAMS := $B/tests/alloc_sweep $B/tests/fake-lsandbox

test-programs: $(FAKE_PROGRAMS)

$O/tests/%.o: tests/embed/%.c | $O/dirs
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(HOST_CFLAGS) -Ilsandbox -Iguest-init -c -o $@ $<
$B/tests/alloc_sweep: $O/tests/alloc_sweep.o $(FAKE_O) $(BINDING_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(FAKE_LINK) -o $@ $^ $(HOST_LIBS) $(LUA_LIBS)
# The command, which is a Lua interpreter, on fake sandboxes
$B/tests/fake-lsandbox: $(FAKE_O) $(BINDING_O) $(RUNTIME_O)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(FAKE_LINK) -o $@ $^ $(HOST_LIBS) $(LUA_LIBS)
