/* The domain XML: what machines and containers have in common. */
#include "domain/xml/domainxml.h"

#include "domain/xml/containerxml.h"
#include "domain/xml/domainxml_private.h"
#include "domain/xml/limitxml.h"
#include "domain/xml/machinexml.h"
#include "domain/xml/metadata.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"

#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

guint lsb_domain_taint(const LsbDescription *d)
{
    return (d->qemu.args && *d->qemu.args ? LSB_TAINT_ARGS : 0u) |
           (d->qemu.env && d->qemu.env->len > 0 ? LSB_TAINT_ENV : 0u);
}

/* By this mark lsandbox.list() and attach() tell domains of lsandbox from others. */
static void put_mark(LsbXml *w, const LsbDescription *d, gboolean shape)
{
    lsb_xml_open(w, "metadata");
    lsb_metadata_put(w, shape ? NULL : d->labels, lsb_domain_taint(d));
    lsb_xml_close(w);
}

/* A shape (LsbDomainParts) has fixed ones, because any two machines differ in name and uuid. */
static void put_identity(LsbXml *w, const LsbDescription *d, gboolean shape)
{
    lsb_xml_text(w, "name", shape ? "shape" : d->name);
    lsb_xml_text(w, "uuid", shape ? "00000000-0000-4000-8000-000000000000" : d->uuid);
    put_mark(w, d, shape);
}

/*
 * 9p: "squash" (QEMU's security_model=none) because QEMU is not root and could not give files away;
 * what the program makes belongs to QEMU's user, who is the program's. "mapped" keeps the guest's
 * owners, modes and devices in attributes instead, "user.virtfs.*": for directories that only
 * sandboxes use, where the guest's root gives files away and overlayfs makes devices. "remap" keeps
 * inodes of different host filesystems apart.
 */
void lsb_domain_put_filesystem(LsbXml *w, const char *source, const char *target, gboolean readonly,
                               LsbNinep ninep)
{
    static const char *const modes[] = {NULL, "squash", "mapped"};
    lsb_xml_begin(w, "filesystem", "type", "mount", "accessmode", modes[ninep], "multidevs",
                  ninep ? "remap" : NULL, NULL);
    lsb_xml_element(w, "source", "dir", source, NULL);
    lsb_xml_element(w, "target", "dir", target, NULL);
    if (readonly)
        lsb_xml_element(w, "readonly", NULL);
    lsb_xml_close(w);
}

char *lsb_domain_xml(const LsbPlan *plan, const LsbDomainParts *parts)
{
    const LsbDescription *d = plan->description;
    LsbXml *w = lsb_xml_new();
    gboolean machine = d->kind == LSB_MACHINE;
    lsb_xml_begin(w, "domain", "type",
                  !machine                        ? "lxc"
                  : parts->accel == LSB_ACCEL_KVM ? "kvm"
                                                  : "qemu",
                  "xmlns:qemu", machine ? QEMU_NAMESPACE : NULL, NULL);
    put_identity(w, d, parts->shape);
    lsb_xml_quantity(w, "memory", "b", d->memory);
    lsb_domain_put_vcpu(w, d);
    lsb_domain_put_tuning(w, d, parts->own_groups);
    (machine ? lsb_domain_put_machine : lsb_domain_put_container)(w, plan, parts);
    lsb_xml_close(w);
    return lsb_xml_finish(w);
}
