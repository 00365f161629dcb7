#include "domainxml.h"

#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <string.h>

#include "plan.h"

#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

/* --- writing -----------------------------------------------------------------------------------
 */

typedef xmlTextWriterPtr Writer;

static void open_element(Writer w, const char *name)
{
    xmlTextWriterStartElement(w, BAD_CAST name);
}

static void close_element(Writer w)
{
    xmlTextWriterEndElement(w);
}

/* Pairs of name and value, ended by NULL; a pair whose value is NULL is left out. */
static void put_attributes(Writer w, va_list args)
{
    const char *name;
    while ((name = va_arg(args, const char *))) {
        const char *value = va_arg(args, const char *);
        if (value)
            xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST value);
    }
}

/* <NAME attributes> ... until close_element(). */
static G_GNUC_NULL_TERMINATED void begin(Writer w, const char *name, ...)
{
    va_list args;
    va_start(args, name);
    open_element(w, name);
    put_attributes(w, args);
    va_end(args);
}

/* <NAME attributes/> */
static G_GNUC_NULL_TERMINATED void element(Writer w, const char *name, ...)
{
    va_list args;
    va_start(args, name);
    open_element(w, name);
    put_attributes(w, args);
    close_element(w);
    va_end(args);
}

static void text(Writer w, const char *name, const char *content)
{
    xmlTextWriterWriteElement(w, BAD_CAST name, BAD_CAST content);
}

static void put_number(Writer w, const char *name, guint64 n)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    text(w, name, digits);
}

/* --- the kernel command line -------------------------------------------------------------------
 */

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
    g_string_append(line, " ipv6.disable=1"); /* there is no network yet that could want it */
    if (d->vcpus == 1)
        g_string_append(line, " noreplace-smp");
    if (parts->accel == LSB_ACCEL_TCG)
        g_string_append(line, emulation_arguments);
    if (d->kernel_cmdline)
        g_string_append_printf(line, " %s", d->kernel_cmdline);
    return g_string_free(line, FALSE);
}

/* --- both kinds --------------------------------------------------------------------------------
 */

/* By this lsandbox.list() and attach() tell our domains from others. */
static void put_mark(Writer w)
{
    open_element(w, "metadata");
    element(w, "lsandbox:sandbox", "xmlns:lsandbox", LSB_METADATA_URI, NULL);
    close_element(w);
}

static void put_memory(Writer w, const LsbDescription *d)
{
    open_element(w, "memory");
    xmlTextWriterWriteAttribute(w, BAD_CAST "unit", BAD_CAST "b");
    xmlTextWriterWriteFormatString(w, "%" G_GUINT64_FORMAT, d->memory);
    close_element(w);
}

/*
 * 9p: "squash" (QEMU's security_model=none) because QEMU is not root and could not give files away;
 * what the program makes belongs to QEMU's user, who is the program's. "remap" keeps inodes of
 * different host filesystems apart.
 */
static void put_filesystem(Writer w, const char *source, const char *target, gboolean readonly,
                           gboolean ninep)
{
    begin(w, "filesystem", "type", "mount", "accessmode", ninep ? "squash" : NULL, "multidevs",
          ninep ? "remap" : NULL, NULL);
    element(w, "source", "dir", source, NULL);
    element(w, "target", "dir", target, NULL);
    if (readonly)
        element(w, "readonly", NULL);
    close_element(w);
}

/* --- machine -----------------------------------------------------------------------------------
 */

static void put_machine_os(Writer w, const LsbDescription *d, const LsbDomainParts *parts)
{
    g_autofree char *arguments = lsb_kernel_command_line(d, parts);
    open_element(w, "os");
    begin(w, "type", "arch", "x86_64", "machine", "pc", NULL);
    xmlTextWriterWriteString(w, BAD_CAST "hvm");
    close_element(w);
    if (parts->firmware) {
        begin(w, "loader", "type", "rom", NULL);
        xmlTextWriterWriteString(w, BAD_CAST parts->firmware);
        close_element(w);
    }
    text(w, "kernel", parts->kernel);
    text(w, "initrd", parts->initrd);
    text(w, "cmdline", arguments);
    close_element(w);
}

/* No nested virtualisation, whatever the host's processor is (CVE-2026-53359 came through it). */
static void put_cpu(Writer w, const LsbDomainParts *parts)
{
    if (parts->accel != LSB_ACCEL_KVM)
        return;
    begin(w, "cpu", "mode", "host-passthrough", NULL);
    element(w, "feature", "policy", "disable", "name", "vmx", NULL);
    element(w, "feature", "policy", "disable", "name", "svm", NULL);
    close_element(w);
}

static void put_clock(Writer w)
{
    begin(w, "clock", "offset", "utc", NULL);
    element(w, "timer", "name", "hpet", "present", "no", NULL);
    close_element(w);
    text(w, "on_poweroff", "destroy");
    text(w, "on_reboot", "destroy");
    text(w, "on_crash", "destroy");
}

/* A single file is exported by its directory: 9p has no other way. The jail lets QEMU read that
 * file only. */
static void put_exports(Writer w, const LsbDescription *d)
{
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    for (guint i = 0; i < exports->len; i++) {
        const LsbExport *e = exports->pdata[i];
        g_autofree char *dir = e->is_file ? g_path_get_dirname(e->path) : g_strdup(e->path);
        put_filesystem(w, dir, e->tag, e->readonly, TRUE);
    }
}

static void put_console(Writer w, const LsbDomainParts *parts)
{
    begin(w, "serial", "type", parts->console ? "file" : "pty", NULL);
    if (parts->console)
        element(w, "source", "path", parts->console, NULL);
    element(w, "target", "port", "0", NULL);
    close_element(w);
}

static void put_relay_channel(Writer w, const LsbDomainParts *parts)
{
    begin(w, "channel", "type", "unix", NULL);
    if (parts->relay)
        element(w, "source", "mode", "bind", "path", parts->relay, NULL);
    element(w, "target", "type", "virtio", "name", WIRE_PORT_NAME, NULL);
    close_element(w);
}

/* As few devices as the relay, the exports and the console need. */
static void put_machine_devices(Writer w, const LsbDescription *d, const LsbDomainParts *parts)
{
    open_element(w, "devices");
    if (parts->emulator)
        text(w, "emulator", parts->emulator);
    element(w, "controller", "type", "usb", "model", "none", NULL);
    begin(w, "controller", "type", "virtio-serial", "index", "0", "ports", "2", NULL);
    close_element(w);
    put_exports(w, d);
    put_console(w, parts);
    put_relay_channel(w, parts);
    element(w, "memballoon", "model", "none", NULL);
    close_element(w);
}

/*
 * In QEMU's own namespace: the launcher's environment, and the advice not to ask QEMU for every CPU
 * property one by one, which costs 0.3 s of each start (FACTS.md).
 */
static void put_qemu_namespace(Writer w, const LsbDomainParts *parts)
{
    if (parts->jail) {
        begin(w, "qemu:commandline", NULL);
        element(w, "qemu:env", "name", "LSANDBOX_JAIL", "value", parts->jail, NULL);
        close_element(w);
    }
    begin(w, "qemu:capabilities", NULL);
    element(w, "qemu:del", "capability", "cpu-unavailable-features", NULL);
    close_element(w);
}

/*
 * QEMU's translation cache is 1 GiB unless told otherwise, outside the memory that the recipe
 * gives; a guest that starts many programs fills it. A boot and a program need 20 MiB.
 */
#define TRANSLATION_CACHE_MIB "128"

static void put_features(Writer w, const LsbDomainParts *parts)
{
    open_element(w, "features");
    element(w, "acpi", NULL);
    if (parts->accel == LSB_ACCEL_TCG) {
        open_element(w, "tcg");
        begin(w, "tb-cache", "unit", "MiB", NULL);
        xmlTextWriterWriteString(w, BAD_CAST TRANSLATION_CACHE_MIB);
        close_element(w);
        close_element(w);
    }
    close_element(w);
}

static void put_machine(Writer w, const LsbDescription *d, const LsbDomainParts *parts)
{
    put_machine_os(w, d, parts);
    put_features(w, parts);
    put_cpu(w, parts);
    put_clock(w);
    put_machine_devices(w, d, parts);
    if (parts->no_label)
        element(w, "seclabel", "type", "none", NULL);
    put_qemu_namespace(w, parts);
}

/* --- container ---------------------------------------------------------------------------------
 */

static void put_id_map(Writer w, const char *name, const LsbDomainParts *parts)
{
    g_autofree char *target = g_strdup_printf("%u", parts->id_base);
    g_autofree char *count = g_strdup_printf("%u", parts->id_count);
    element(w, name, "start", "0", "target", target, "count", count, NULL);
}

static void put_id_maps(Writer w, const LsbDomainParts *parts)
{
    if (!parts->id_base)
        return;
    open_element(w, "idmap");
    put_id_map(w, "uid", parts);
    put_id_map(w, "gid", parts);
    close_element(w);
}

/* What does not come by descriptor is mounted by libvirt, for the guest init to put in its place.
 */
static void put_container_mounts(Writer w, const LsbDescription *d, const LsbDomainParts *parts)
{
    put_filesystem(w, parts->skeleton, "/", FALSE, FALSE);
    if (!parts->root_mount)
        return;
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    for (guint i = 0; i < exports->len; i++) {
        const LsbExport *e = exports->pdata[i];
        g_autofree char *target = g_strdup_printf("/dev/.lsandbox/%u", i);
        put_filesystem(w, e->path, i == 0 ? parts->root_mount : target, e->readonly, FALSE);
    }
}

static void put_container(Writer w, const LsbDescription *d, const LsbDomainParts *parts)
{
    open_element(w, "os");
    text(w, "type", "exe");
    text(w, "init", parts->init);
    close_element(w);
    put_id_maps(w, parts);
    open_element(w, "features");
    element(w, "privnet", NULL); /* no interface but lo */
    close_element(w);
    open_element(w, "devices");
    put_container_mounts(w, d, parts);
    element(w, "console", "type", "pty",
            NULL); /* libvirt_lxc wants one; nothing is written to it */
    close_element(w);
}

char *lsb_domain_xml(const LsbDescription *d, const LsbDomainParts *parts)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    Writer w = xmlNewTextWriterMemory(buffer, 0);
    gboolean machine = d->kind == LSB_MACHINE;
    xmlTextWriterSetIndent(w, 1);
    begin(w, "domain", "type",
          !machine                        ? "lxc"
          : parts->accel == LSB_ACCEL_KVM ? "kvm"
                                          : "qemu",
          "xmlns:qemu", machine ? QEMU_NAMESPACE : NULL, NULL);
    text(w, "name", d->name);
    text(w, "uuid", d->uuid);
    put_mark(w);
    put_memory(w, d);
    put_number(w, "vcpu", d->vcpus);
    if (machine)
        put_machine(w, d, parts);
    else
        put_container(w, d, parts);
    close_element(w);
    xmlFreeTextWriter(w);
    char *xml = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return xml;
}
