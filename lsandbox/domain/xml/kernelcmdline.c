#include "domain/xml/kernelcmdline.h"

#include "domain/xml/domainxml.h"
#include "recipe/description.h"

/*
 * What every machine gets. None of these weakens the guest; each saves time or output:
 *
 * - quiet, console: messages go to the boot console, which is slow; a panic is printed all the same
 * - panic=-1: a panic reboots at once, which libvirt turns into the end (on_reboot destroy)
 * - audit=0, cryptomgr.notests, 8250.nr_uarts=1, i8042.*: no work for what a sandbox has no use for
 * - no_timer_check: the check hangs some emulated machines, and QEMU's timer is known to work
 * - noreplace-smp: no patching of lock prefixes; a one-CPU machine only
 * - random.trust_cpu: the host's hardware generator may seed the pool: the first getrandom() is
 *   ready
 */
static const char common_arguments[] = "console=ttyS0 quiet panic=-1 audit=0 cryptomgr.notests "
                                       "no_timer_check 8250.nr_uarts=1 i8042.noaux "
                                       "i8042.nomux i8042.nopnp random.trust_cpu=on";

/*
 * Without KVM only, where the guest's speed is QEMU's translation, and where QEMU's authors promise
 * no boundary at all. docs/security.md says of each what the guest loses by it; say there what is
 * added here. M: millions of guest instructions spared out of the 1,014 M that a boot to the
 * mounted root has without any of these but the first three (Linux 6.1, counted by QEMU's -icount).
 */
static const char *const emulation_arguments[] = {
    /* no splitting and write-protecting of the kernel's pages */
    "rodata=off",
    /* the cheapest choice to set up; speculation is not emulated */
    "spectre_v2=retpoline",
    /* no calibration of the delay loop, which runs against QEMU's own clock */
    "lpj=10000000",
    /* The time stamp counter is believed at once, so that the timer is programmed for one event at a
     * time before init runs. A QEMU 10 that loads the state of an HPET whose periodic tick has just
     * come due has the next one come when 32 bits have wrapped: the clones of a template that was
     * taken at such a moment stood still for 43 s. */
    "tsc=nowatchdog",
    /* Pages are cleared and copied by unrolled stores, not by "rep stos" and "rep movs", of which
     * QEMU translates one round at a time: a fifth of the time of clearing, and not seen by
     * -icount */
    "clearcpuid=rep_good",
    /* The files of tracefs (40 M), and a look at each traced function for weak symbols (60 M). The
     * self-test of the jitter generator, 0.2 s of the boot where it is built in (Debian 13's 6.12):
     * the emulator's clock has little of the jitter that it counts on. */
    "initcall_blacklist=tracer_init_tracefs,ftrace_check_for_weak_functions,jent_mod_init",
    /* No numbers of how long tasks have waited, kept at each switch of tasks, in /proc/pressure */
    "psi=0",
    /* Only the security modules that do something without a policy, which nobody loads: not AppArmor,
     * TOMOYO and SELinux, whose hooks are on the way of each file and program */
    "lsm=landlock,lockdown,yama",
    /* A program's system call filter is interpreted: its translation would itself have to be translated,
     * and most calls never reach it, since the kernel keeps a table of those that are always let
     * through; for guest-init/boot.c */
    "lsandbox_bpf=interpreted",
    /* The modules come out of the same initrd as the guest init, so their signatures, which cost an
     * RSA operation and a SHA-256 of each, say nothing; for guest-init/boot.c, which reads it out of
     * its environment */
    "lsandbox_modules=trusted",
};

/*
 * The timer of the local APIC is calibrated against another one by counting for a tenth of a second
 * of real time, twice where there is no ACPI timer yet: 150 M. The HPET (machinexml.c) needs none.
 * Several processors would have to pass its interrupts on to each other.
 */
static const char one_timer[] = "noapictimer";

/*
 * To route an interrupt that a virtio device does not use (it has MSI-X) the kernel runs ACPI's _PRT
 * method once for each device: 158 M for the usual two. Without, the firmware's MP table would have
 * to say it, and qboot's does not: so only where all devices are of our own choosing.
 */
static const char no_routing[] = "acpi=noirq";

/* For guest-init/boot.c: they are loaded with the others, so that a template has them. */
static void add_module_names(GString *line, char **modules)
{
    if (!modules || !*modules)
        return;
    g_autofree char *names = g_strjoinv(",", modules);
    g_string_append_printf(line, " lsandbox_load=%s", names);
}

static gboolean has_foreign_devices(const LsbDescription *d)
{
    return (d->qemu.args && *d->qemu.args) || (d->devices && d->devices->len > 0);
}

static void add_argument(GString *line, const char *argument)
{
    g_string_append_c(line, ' ');
    g_string_append(line, argument);
}

char *lsb_kernel_command_line(const LsbDescription *d, const LsbDomainParts *parts)
{
    GString *line = g_string_new(common_arguments);
    if (d->network.interfaces->len == 0)
        g_string_append(line, " ipv6.disable=1"); /* nothing but lo, and an eighth of the boot */
    if (d->vcpus == 1)
        g_string_append(line, " noreplace-smp");
    gboolean emulated = parts->accel == LSB_ACCEL_TCG;
    for (gsize i = 0; emulated && i < G_N_ELEMENTS(emulation_arguments); i++)
        add_argument(line, emulation_arguments[i]);
    if (emulated && d->vcpus == 1)
        add_argument(line, one_timer);
    if (emulated && !has_foreign_devices(d))
        add_argument(line, no_routing);
    add_module_names(line, parts->modules);
    if (d->kernel_cmdline)
        g_string_append_printf(line, " %s", d->kernel_cmdline);
    return g_string_free(line, FALSE);
}
