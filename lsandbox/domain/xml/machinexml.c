/* What a machine has in its domain XML: kernel, processor, clock, devices, QEMU's arguments. */
#include "domain/xml/machinexml.h"

#include "domain/xml/diskxml.h"
#include "domain/xml/domainxml_private.h"
#include "domain/xml/kernelcmdline.h"
#include "domain/xml/networkxml.h"
#include "domain/xml/qemuxml.h"
#include "domain/xml/securityxml.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "shared/memoryfd.h"
#include "shared/wire.h"

static void put_machine_os(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts)
{
    g_autofree char *arguments = lsb_kernel_command_line(d, parts);
    lsb_xml_open(w, "os");
    lsb_xml_begin(w, "type", "arch", "x86_64", "machine", "pc", NULL);
    lsb_xml_content(w, "hvm");
    lsb_xml_close(w);
    if (parts->firmware) {
        lsb_xml_begin(w, "loader", "type", "rom", NULL);
        lsb_xml_content(w, parts->firmware);
        lsb_xml_close(w);
    }
    lsb_xml_text(w, "kernel", parts->kernel);
    lsb_xml_text(w, "initrd", parts->initrd);
    lsb_xml_text(w, "cmdline", arguments);
    lsb_xml_close(w);
}

/* No nested virtualisation, whatever the host's processor is (CVE-2026-53359 came through it). */
static void put_cpu(LsbXml *w, const LsbDomainParts *parts)
{
    if (parts->accel != LSB_ACCEL_KVM)
        return;
    lsb_xml_begin(w, "cpu", "mode", "host-passthrough", NULL);
    lsb_xml_element(w, "feature", "policy", "disable", "name", "vmx", NULL);
    lsb_xml_element(w, "feature", "policy", "disable", "name", "svm", NULL);
    lsb_xml_close(w);
}

/* Emulated, the kernel's timer is the HPET: one_timer in kernelcmdline.c says why. */
static void put_clock(LsbXml *w, const LsbDomainParts *parts)
{
    const char *hpet = parts->accel == LSB_ACCEL_TCG ? "yes" : "no";
    lsb_xml_begin(w, "clock", "offset", "utc", NULL);
    lsb_xml_element(w, "timer", "name", "hpet", "present", hpet, NULL);
    lsb_xml_close(w);
    lsb_xml_text(w, "on_poweroff", "destroy");
    lsb_xml_text(w, "on_reboot", "destroy");
    lsb_xml_text(w, "on_crash", "destroy");
}

/*
 * A single file is exported by its directory, because 9p exports directories only. The jail lets
 * QEMU read only that file.
 */
static void put_machine_exports(LsbXml *w, const LsbPlan *plan, gboolean shape)
{
    for (guint i = 0; i < plan->exports->len; i++) {
        const LsbExport *e = plan->exports->pdata[i];
        g_autofree char *dir = shape        ? g_strdup("/")
                               : e->is_file ? g_path_get_dirname(e->path)
                                            : g_strdup(e->path);
        lsb_domain_put_filesystem(w, dir, e->name, e->readonly,
                                  e->is_mapped ? LSB_9P_MAPPED : LSB_9P_SQUASH);
    }
}

static void put_console(LsbXml *w, const LsbDomainParts *parts)
{
    lsb_xml_begin(w, "serial", "type", parts->console ? "file" : "pty", NULL);
    if (parts->console)
        lsb_xml_element(w, "source", "path", parts->console, NULL);
    lsb_xml_element(w, "target", "port", "0", NULL);
    lsb_xml_close(w);
}

static void put_relay_channel(LsbXml *w, const LsbDomainParts *parts)
{
    lsb_xml_begin(w, "channel", "type", "unix", NULL);
    if (parts->relay)
        lsb_xml_element(w, "source", "mode", "bind", "path", parts->relay, NULL);
    lsb_xml_element(w, "target", "type", "virtio", "name", WIRE_PORT_NAME, NULL);
    lsb_xml_close(w);
}

/* As few devices as the relay, the exports, the console and the recipe need. */
static void put_machine_devices(LsbXml *w, const LsbPlan *plan, const LsbDomainParts *parts)
{
    const LsbDescription *d = plan->description;
    lsb_xml_open(w, "devices");
    if (parts->emulator)
        lsb_xml_text(w, "emulator", parts->emulator);
    lsb_xml_element(w, "controller", "type", "usb", "model",
                    lsb_qemu_has_usb(d) ? "qemu-xhci" : "none", NULL);
    lsb_xml_begin(w, "controller", "type", "virtio-serial", "index", "0", "ports", "2", NULL);
    lsb_xml_close(w);
    put_machine_exports(w, plan, parts->shape);
    lsb_domain_put_disks(w, plan);
    put_console(w, parts);
    put_relay_channel(w, parts);
    lsb_domain_put_network(w, d, parts->shape);
    lsb_qemu_put_graphics(w, d, parts);
    lsb_qemu_put_devices(w, d);
    lsb_xml_element(w, "memballoon", "model", "none", NULL);
    lsb_xml_close(w);
}

static void put_argument(LsbXml *w, const char *option, const char *value)
{
    lsb_xml_element(w, "qemu:arg", "value", option, NULL);
    lsb_xml_element(w, "qemu:arg", "value", value, NULL);
}

/*
 * The machine's memory is this object; the one that libvirt names is not touched then. Both roles
 * have the same name, because QEMU finds a block of memory in a saved state by its name.
 * <memoryBacking> of libvirt cannot name a file.
 */
static void put_memory_arguments(LsbXml *w, const LsbDescription *d, LsbMemoryRole role)
{
    if (role == LSB_MEMORY_OWN)
        return;
    g_autofree char *object =
        g_strdup_printf("memory-backend-file,id=" LSB_MEMORY_ID ",mem-path=" MEMORY_PATH
                        ",size=%" G_GUINT64_FORMAT ",share=%s",
                        d->memory, role == LSB_MEMORY_NEW ? "on" : "off");
    put_argument(w, "-object", object);
    put_argument(w, "-machine", "memory-backend=" LSB_MEMORY_ID);
    if (role == LSB_MEMORY_TEMPLATE)
        put_argument(w, "-incoming", "defer");
}

/*
 * In QEMU's own namespace: the launcher's environment, and the advice not to ask QEMU for every CPU
 * property one by one, which costs 0.3 s of each start.
 */
static void put_qemu_namespace(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts)
{
    if (parts->jail || lsb_domain_taint(d)) {
        lsb_xml_open(w, "qemu:commandline");
        put_memory_arguments(w, d, parts->memory);
        lsb_qemu_put_commandline(w, d, parts->jail);
        lsb_xml_close(w);
    }
    lsb_xml_begin(w, "qemu:capabilities", NULL);
    lsb_xml_element(w, "qemu:del", "capability", "cpu-unavailable-features", NULL);
    lsb_xml_close(w);
}

/*
 * QEMU's translation cache is 1 GiB unless told otherwise, outside the memory that the recipe
 * gives; a guest that starts many programs fills it. A boot and a program need 20 MiB.
 */
#define TRANSLATION_CACHE_MIB "128"

static void put_features(LsbXml *w, const LsbDomainParts *parts)
{
    lsb_xml_open(w, "features");
    lsb_xml_element(w, "acpi", NULL);
    if (parts->accel == LSB_ACCEL_TCG) {
        lsb_xml_open(w, "tcg");
        lsb_xml_begin(w, "tb-cache", "unit", "MiB", NULL);
        lsb_xml_content(w, TRANSLATION_CACHE_MIB);
        lsb_xml_close(w);
        lsb_xml_close(w);
    }
    lsb_xml_close(w);
}

void lsb_domain_put_machine(LsbXml *w, const LsbPlan *plan, const LsbDomainParts *parts)
{
    const LsbDescription *d = plan->description;
    put_machine_os(w, d, parts);
    put_features(w, parts);
    put_cpu(w, parts);
    put_clock(w, parts);
    put_machine_devices(w, plan, parts);
    if (parts->no_label)
        lsb_xml_element(w, "seclabel", "type", "none", NULL);
    else
        lsb_seclabel_put(w, parts->seclabel);
    put_qemu_namespace(w, d, parts);
}
