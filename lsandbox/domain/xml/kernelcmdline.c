/* The kernel command line of a machine, and what each argument saves. */
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
    /*
     * The kernel believes the time stamp counter at once, so that the timer is programmed for one
     * event at a time before init runs. When QEMU 10 loads the state of an HPET whose periodic tick
     * has just come due, the next tick comes only when 32 bits have wrapped: the clones of a
     * template that was taken at such a moment stood still for 43 s.
     */
    "tsc=nowatchdog",
    /*
     * Pages are cleared and copied by unrolled stores, not by "rep stos" and "rep movs", of which
     * QEMU translates one round at a time: a fifth of the time of clearing, which -icount does not
     * see.
     */
    "clearcpuid=rep_good",
    /*
     * No files of tracefs (40 M), and no look at each traced function for weak symbols (60 M). No
     * self-test of the jitter generator, 0.2 s of the boot where it is built in (Debian 13's 6.12),
     * because the emulator's clock has little of the jitter that it counts on.
     */
    "initcall_blacklist=tracer_init_tracefs,ftrace_check_for_weak_functions,jent_mod_init",
    /* no /proc/pressure, whose numbers are updated at each switch of tasks */
    "psi=0",
    /*
     * Not AppArmor, TOMOYO and SELinux: without a policy, which is never loaded here, they do
     * nothing, and their hooks are called for each file and program.
     */
    "lsm=landlock,lockdown,yama",
    /*
     * For guest-init/boot.c: a program's system call filter is interpreted. QEMU would have to
     * translate the kernel's translation of it, and most calls never reach the filter, since the
     * kernel has a table of those that are always let through.
     */
    "lsandbox_bpf=interpreted",
    /*
     * For guest-init/boot.c, which reads it from its environment: signatures of modules are not
     * checked. They cost an RSA operation and a SHA-256 for each module, and prove nothing about
     * modules that come out of the same initrd as the guest init.
     */
    "lsandbox_modules=trusted",
};

/*
 * The timer of the local APIC is calibrated against another one by counting for a tenth of a second
 * of real time, twice where there is no ACPI timer yet: 150 M. The HPET (machinexml.c) needs none.
 * Several processors would have to pass its interrupts on to each other.
 */
static const char one_timer[] = "noapictimer";

/*
 * The kernel runs ACPI's _PRT method once for each device to route an interrupt, which a virtio
 * device does not use because it has MSI-X: 158 M for the usual two. Other devices would have to
 * find the route in the firmware's MP table, where qboot has none. So this is only for machines
 * without devices of the recipe's.
 */
static const char no_routing[] = "acpi=noirq";

/* For guest-init/boot.c, which loads them with the others, so that a template has them. */
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

/*
 * The guest's kernel does not measure the rate of the time stamp counter, which it would get wrong
 * on a busy host: then its clock runs up to 13 times too fast. tsc=nowatchdog would keep it so.
 */
static void add_tsc_rate(GString *line, guint khz)
{
    if (khz)
        g_string_append_printf(line, " tsc_early_khz=%u", khz);
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
        g_string_append(line, " ipv6.disable=1"); /* an eighth of the boot, for lo only */
    if (d->vcpus == 1)
        g_string_append(line, " noreplace-smp");
    gboolean emulated = parts->accel == LSB_ACCEL_TCG;
    for (gsize i = 0; emulated && i < G_N_ELEMENTS(emulation_arguments); i++)
        add_argument(line, emulation_arguments[i]);
    if (emulated)
        add_tsc_rate(line, parts->tsc_khz);
    if (emulated && d->vcpus == 1)
        add_argument(line, one_timer);
    if (emulated && !has_foreign_devices(d))
        add_argument(line, no_routing);
    add_module_names(line, parts->modules);
    if (d->kernel_cmdline)
        g_string_append_printf(line, " %s", d->kernel_cmdline);
    return g_string_free(line, FALSE);
}
