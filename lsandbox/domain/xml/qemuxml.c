/* The recipe's `qemu`, `devices` and `graphics` in the domain XML. */
#include "domain/xml/qemuxml.h"

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"
#include "recipe/description.h"
#include "recipe/graphicsfields.h"
#include "recipe/qemufields.h"

gboolean lsb_qemu_has_usb(const LsbDescription *d)
{
    for (guint i = 0; d->devices && i < d->devices->len; i++)
        if (((LsbDevice *)d->devices->pdata[i])->type == LSB_DEVICE_USB)
            return TRUE;
    return FALSE;
}

/* --- graphics --- */

static void put_listen(LsbXml *w, const LsbGraphics *g, const LsbDomainParts *parts)
{
    if (g->listen)
        lsb_xml_element(w, "listen", "type", "address", "address", g->listen, NULL);
    else
        lsb_xml_element(w, "listen", "type", "socket", "socket", parts->display, NULL);
}

/*
 * Every guest knows a VGA adapter, and QEMU has it built in; virtio-gpu is a package of its own on
 * some distributions.
 */
void lsb_qemu_put_graphics(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts)
{
    const LsbGraphics *g = &d->graphics;
    if (g->type == LSB_GRAPHICS_NONE)
        return;
    g_autofree char *port = g_strdup_printf("%u", g->port);
    lsb_xml_begin(w, "graphics", "type", lsb_graphics_name(g), "port", g->listen ? port : NULL,
                  "autoport", g->listen ? "no" : NULL, "passwd", g->password, NULL);
    put_listen(w, g, parts);
    lsb_xml_close(w);
    lsb_xml_open(w, "video");
    lsb_xml_element(w, "model", "type", "vga", NULL);
    lsb_xml_close(w);
}

/* --- devices of the host --- */

/* By bus and device number, because only this device was checked, not another of its model. */
static void put_usb_source(LsbXml *w, const LsbDevice *device)
{
    g_autofree char *bus = g_strdup_printf("%u", device->bus),
                    *number = g_strdup_printf("%u", device->device);
    lsb_xml_open(w, "source");
    lsb_xml_element(w, "address", "bus", bus, "device", number, NULL);
    lsb_xml_close(w);
}

static void put_pci_source(LsbXml *w, const LsbDevice *device)
{
    g_autofree char *domain = g_strdup_printf("0x%04x", device->domain),
                    *bus = g_strdup_printf("0x%02x", device->bus),
                    *slot = g_strdup_printf("0x%02x", device->slot),
                    *function = g_strdup_printf("0x%x", device->function);
    lsb_xml_open(w, "source");
    lsb_xml_element(w, "address", "domain", domain, "bus", bus, "slot", slot, "function", function,
                    NULL);
    lsb_xml_close(w);
}

void lsb_qemu_put_devices(LsbXml *w, const LsbDescription *d)
{
    for (guint i = 0; d->devices && i < d->devices->len; i++) {
        const LsbDevice *device = d->devices->pdata[i];
        gboolean pci = device->type == LSB_DEVICE_PCI;
        lsb_xml_begin(w, "hostdev", "mode", "subsystem", "type", pci ? "pci" : "usb", "managed",
                      pci && device->managed ? "yes" : "no", NULL);
        (pci ? put_pci_source : put_usb_source)(w, device);
        lsb_xml_close(w);
    }
}

/* --- QEMU's own namespace --- */

void lsb_qemu_put_commandline(LsbXml *w, const LsbDescription *d, const char *jail)
{
    for (char **arg = d->qemu.args; arg && *arg; arg++)
        lsb_xml_element(w, "qemu:arg", "value", *arg, NULL);
    for (guint i = 0; d->qemu.env && i < d->qemu.env->len; i++) {
        g_auto(GStrv) parts = g_strsplit(d->qemu.env->pdata[i], "=", 2);
        lsb_xml_element(w, "qemu:env", "name", parts[0], "value", parts[1], NULL);
    }
    if (jail)
        lsb_xml_element(w, "qemu:env", "name", "LSANDBOX_JAIL", "value", jail, NULL);
}
