/* What a container has in its domain XML: its init, id maps, first root, disks, network. */
#include "domain/xml/containerxml.h"

#include "domain/xml/diskxml.h"
#include "domain/xml/domainxml_private.h"
#include "domain/xml/networkxml.h"
#include "domain/xml/securityxml.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"
#include "recipe/identity/idmap.h"

static void put_id_map(LsbXml *w, const char *name, const LsbIdMap *map)
{
    for (guint i = 0; i < map->n; i++) {
        g_autofree char *start = g_strdup_printf("%u", map->ranges[i].inside),
                        *target = g_strdup_printf("%u", map->ranges[i].outside),
                        *count = g_strdup_printf("%u", map->ranges[i].count);
        lsb_xml_element(w, name, "start", start, "target", target, "count", count, NULL);
    }
}

static void put_id_maps(LsbXml *w, const LsbDomainParts *parts)
{
    if (parts->uids.n == 0)
        return;
    lsb_xml_open(w, "idmap");
    put_id_map(w, "uid", &parts->uids);
    put_id_map(w, "gid", &parts->gids);
    lsb_xml_close(w);
}

/*
 * Exports that are not passed as descriptors are mounted by libvirt; the guest init moves each to
 * its place.
 */
static void put_container_exports(LsbXml *w, const LsbPlan *plan)
{
    for (guint i = 0; i < plan->exports->len; i++) {
        const LsbExport *e = plan->exports->pdata[i];
        lsb_domain_put_filesystem(w, e->path, e->name, e->readonly, LSB_NO_9P);
    }
}

void lsb_domain_put_container(LsbXml *w, const LsbPlan *plan, const LsbDomainParts *parts)
{
    lsb_xml_open(w, "os");
    lsb_xml_text(w, "type", "exe");
    lsb_xml_text(w, "init", parts->init);
    lsb_xml_close(w);
    put_id_maps(w, parts);
    lsb_xml_open(w, "features");
    lsb_xml_element(w, "privnet", NULL); /* no interface but lo and the recipe's */
    lsb_xml_close(w);
    lsb_xml_open(w, "devices");
    lsb_domain_put_filesystem(w, parts->skeleton, "/", FALSE, LSB_NO_9P);
    if (plan->passing == LSB_PASS_PATHS)
        put_container_exports(w, plan);
    lsb_domain_put_network(w, plan->description, FALSE);
    lsb_domain_put_devices(w, plan, parts->devices);
    /* libvirt_lxc does not start without a console; nothing is written to this one. */
    lsb_xml_element(w, "console", "type", "pty", NULL);
    lsb_xml_close(w);
    lsb_seclabel_put(w, parts->seclabel);
}
