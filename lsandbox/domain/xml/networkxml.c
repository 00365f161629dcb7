/* The interfaces of a machine or a container in the domain XML. */
#include "domain/xml/networkxml.h"

#include "domain/xml/domainxml_private.h"
#include "domain/xml/xml.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/network/ipaddress.h"
#include "recipe/network/network.h"
#include "shared/units.h"

enum { SI_KILO = 1000 };

/*
 * libvirt passes the numbers to tc(8), for which a kilobyte has 1000 bytes in a rate and 1024 in a
 * size (virnetdevbandwidth.c). At least 1, because 0 means no limit.
 */
static void put_bandwidth_rate(LsbXml *w, const char *direction, const LsbRate *rate)
{
    if (!rate->average)
        return;
    g_autofree char *average =
        g_strdup_printf("%" G_GUINT64_FORMAT, MAX(rate->average / SI_KILO, 1));
    g_autofree char *peak =
        rate->peak ? g_strdup_printf("%" G_GUINT64_FORMAT, MAX(rate->peak / SI_KILO, 1)) : NULL;
    g_autofree char *burst =
        rate->burst ? g_strdup_printf("%" G_GUINT64_FORMAT, MAX(rate->burst / KiB, 1)) : NULL;
    lsb_xml_element(w, direction, "average", average, "peak", peak, "burst", burst, NULL);
}

static void put_bandwidth(LsbXml *w, const LsbInterface *i)
{
    if (!i->bandwidth.inbound.average && !i->bandwidth.outbound.average)
        return;
    lsb_xml_open(w, "bandwidth");
    put_bandwidth_rate(w, "inbound", &i->bandwidth.inbound);
    put_bandwidth_rate(w, "outbound", &i->bandwidth.outbound);
    lsb_xml_close(w);
}

static void put_filter_ref(LsbXml *w, const LsbInterface *i)
{
    if (!i->filter)
        return;
    lsb_xml_begin(w, "filterref", "filter", i->filter, NULL);
    for (guint k = 0; k + 1 < i->parameters->len; k += 2)
        lsb_xml_element(w, "parameter", "name", i->parameters->pdata[k], "value",
                        i->parameters->pdata[k + 1], NULL);
    lsb_xml_close(w);
}

/*
 * The MTU of the guest's and of the host's side; QEMU's user network has no interface on the host.
 */
static void put_mtu(LsbXml *w, const LsbInterface *i)
{
    g_autofree char *mtu = g_strdup_printf("%u", i->mtu);
    if (i->mtu && i->type != LSB_NET_USER)
        lsb_xml_element(w, "mtu", "size", mtu, NULL);
}

/*
 * The parts of an interface on which a machine's saved state depends: whether QEMU's user network
 * or a tap device is behind it, because they offer the guest's driver different features, and the
 * MTU, which is a property of the device.
 */
static LsbInterface interface_shape(const LsbInterface *i)
{
    return (LsbInterface){.type = i->type == LSB_NET_USER ? LSB_NET_USER : LSB_NET_BRIDGE,
                          .source = (char *)"shape",
                          .mtu = i->mtu};
}

static void put_interface_element(LsbXml *w, const LsbInterface *i, gboolean machine)
{
    static const char *const types[] = {"user", "network", "bridge"};
    g_autofree char *mac = lsb_mac_text(i->mac);
    lsb_xml_begin(w, "interface", "type", types[i->type], NULL);
    lsb_xml_element(w, "mac", "address", mac, NULL);
    if (i->type != LSB_NET_USER)
        lsb_xml_element(w, "source", types[i->type], i->source, NULL);
    if (!machine) /* libvirt 9 sets a filter up before it has chosen a name itself */
        lsb_xml_element(w, "target", "dev", i->device, NULL);
    if (machine)
        lsb_xml_element(w, "model", "type", "virtio", NULL);
    put_filter_ref(w, i);
    put_bandwidth(w, i);
    put_mtu(w, i);
    if (machine) /* nothing boots from the network */
        lsb_xml_element(w, "rom", "enabled", "no", NULL);
    lsb_xml_close(w);
}

void lsb_domain_put_network(LsbXml *w, const LsbDescription *d, gboolean shape)
{
    GPtrArray *interfaces = d->network.interfaces;
    for (guint n = 0; n < interfaces->len; n++) {
        LsbInterface neutral = interface_shape(interfaces->pdata[n]);
        put_interface_element(w, shape ? &neutral : interfaces->pdata[n], d->kind == LSB_MACHINE);
    }
}
