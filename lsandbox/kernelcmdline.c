#include "domainxml.h"

/*
 * What every machine gets. None of these weakens the guest; each saves time or output:
 *   quiet, console     messages go to the boot console, which is slow; a panic is printed all the
 * same panic=-1           a panic reboots at once, which libvirt turns into the end (on_reboot
 * destroy) audit=0, cryptomgr.notests, 8250.nr_uarts=1, i8042.*   no work for what a sandbox has no
 * use for no_timer_check     the check hangs some emulated machines, and QEMU's timer is known to
 * work noreplace-smp      no patching of lock prefixes; a one-CPU machine only random.trust_cpu the
 * host's hardware generator may seed the pool: the first getrandom() is ready
 */
static const char common_arguments[] = "console=ttyS0 quiet panic=-1 audit=0 cryptomgr.notests "
                                       "no_timer_check 8250.nr_uarts=1 i8042.noaux "
                                       "i8042.nomux i8042.nopnp random.trust_cpu=on";

/*
 * Without KVM only, where the guest's speed is QEMU's translation, and where QEMU's authors promise
 * no boundary at all (DESIGN.md section 7.5): rodata=off               skips splitting and
 * write-protecting the kernel's pages (page table churn) spectre_v2=retpoline     the cheapest
 * choice to set up; speculation is not emulated lpj=                     no calibration of the
 * delay loop, which runs against QEMU's own clock
 */
static const char emulation_arguments[] = " rodata=off spectre_v2=retpoline lpj=10000000";

char *lsb_kernel_command_line(const LsbDescription *d, const LsbDomainParts *parts)
{
    GString *line = g_string_new(common_arguments);
    if (d->network.interfaces->len == 0)
        g_string_append(line, " ipv6.disable=1"); /* nothing but lo, and an eighth of the boot */
    if (d->vcpus == 1)
        g_string_append(line, " noreplace-smp");
    if (parts->accel == LSB_ACCEL_TCG)
        g_string_append(line, emulation_arguments);
    if (d->kernel_cmdline)
        g_string_append_printf(line, " %s", d->kernel_cmdline);
    return g_string_free(line, FALSE);
}
