#include "domain/xml/containerxml.h"

#include "domain/xml/diskxml.h"
#include "domain/xml/domainxml_private.h"
#include "domain/xml/networkxml.h"
#include "domain/xml/securityxml.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"
#include "plan/planexports.h"
#include "recipe/description.h"
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
 * What does not come by descriptor is mounted by libvirt, for the guest init to put in its place.
 */
static void put_container_mounts(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts)
{
    lsb_domain_put_filesystem(w, parts->skeleton, "/", FALSE, LSB_NO_9P);
    if (!parts->root_mount)
        return;
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    for (guint i = 0; i < exports->len; i++) {
        const LsbExport *e = exports->pdata[i];
        g_autofree char *target = g_strdup_printf("/dev/.lsandbox/%u", i);
        lsb_domain_put_filesystem(w, e->path, i == 0 ? parts->root_mount : target, e->readonly,
                                  LSB_NO_9P);
    }
}

void lsb_domain_put_container(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts)
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
    put_container_mounts(w, d, parts);
    lsb_domain_put_network(w, d, FALSE);
    lsb_domain_put_devices(w, d, parts->devices);
    lsb_xml_element(w, "console", "type", "pty",
                    NULL); /* libvirt_lxc wants one; nothing is written to it */
    lsb_xml_close(w);
    lsb_seclabel_put(w, parts->seclabel);
}
