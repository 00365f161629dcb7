/* Disks in the domain XML: images of a machine, block devices of a container. */
#include "domain/xml/diskxml.h"

#include "domain/xml/domainxml_private.h"
#include "domain/xml/limitxml.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/image.h"

/*
 * A libvirtd of root gives the image to QEMU's user, and if libvirtd dies, the image stays that
 * user's. relabel="no" keeps libvirtd from that, but a driver that runs as the caller refuses it.
 */
static void put_source(LsbXml *w, const char *attribute, const char *path, gboolean runs_as_caller)
{
    lsb_xml_begin(w, "source", attribute, path, NULL);
    if (!runs_as_caller)
        lsb_xml_element(w, "seclabel", "model", "dac", "relabel", "no", NULL);
    lsb_xml_close(w);
}

/*
 * The XML names the format, and says by an empty backingStore that no image lies below this one.
 * Otherwise libvirt and QEMU would look for both in the image, where a guest may have written them.
 */
static void put_machine_disk(LsbXml *w, const LsbDescription *d, const LsbPlanDisk *p)
{
    const LsbImage *image = p->image;
    lsb_xml_begin(w, "disk", "type", image->is_block ? "block" : "file", "device", "disk", NULL);
    lsb_xml_element(w, "driver", "name", "qemu", "type", lsb_image_formats[image->format], NULL);
    put_source(w, image->is_block ? "dev" : "file", image->source,
               lsb_drivers[d->driver].runs_as_caller);
    lsb_xml_element(w, "backingStore", NULL);
    lsb_xml_element(w, "target", "dev", p->dev, "bus", "virtio", NULL);
    if (image->readonly)
        lsb_xml_element(w, "readonly", NULL);
    if (p->disk)
        lsb_domain_put_disk_rates(w, &d->tuning, p->disk->tag);
    lsb_xml_text(w, "serial", p->serial);
    lsb_xml_close(w);
}

void lsb_domain_put_disks(LsbXml *w, const LsbPlan *plan)
{
    for (guint i = 0; i < plan->disks->len; i++)
        put_machine_disk(w, plan->description, plan->disks->pdata[i]);
}

/* libvirt makes the node /dev/vda and lets the container's control group open the device. */
static void put_container_disk(LsbXml *w, const LsbPlanDisk *p, const char *device)
{
    lsb_xml_begin(w, "disk", "type", "block", "device", "disk", NULL);
    lsb_xml_element(w, "source", "dev", device, NULL);
    lsb_xml_element(w, "target", "dev", p->dev, NULL);
    if (p->image->readonly)
        lsb_xml_element(w, "readonly", NULL);
    lsb_xml_close(w);
}

void lsb_domain_put_devices(LsbXml *w, const LsbPlan *plan, GHashTable *devices)
{
    for (guint i = 0; devices && i < plan->disks->len; i++) {
        const LsbPlanDisk *p = plan->disks->pdata[i];
        const char *device = g_hash_table_lookup(devices, p);
        if (device)
            put_container_disk(w, p, device);
    }
}
