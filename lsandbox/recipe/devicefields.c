/* The field devices of a recipe: USB and PCI devices of the host. */
#include "recipe/devicefields.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "recipe/qemufields.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum { MOST_DEVICES = 16, MOST_SLOT = 0x1f, MOST_FUNCTION = 7 };

const char *lsb_devices_sysfs = "/sys";

static const char *const type_words[] = {"usb", "pci", NULL};
static const LsbRange id_range = {1, 0xffff}, bus_range = {1, 255}, device_range = {1, 127};

void lsb_device_free(gpointer data)
{
    LsbDevice *d = data;
    g_free(d->address);
    g_free(d->group);
    g_free(d);
}

static const LsbField device_fields[] = {
    {"type", lsb_field_enum, offsetof(LsbDevice, type), type_words},
    {"vendor", lsb_field_uint, offsetof(LsbDevice, vendor), &id_range},
    {"product", lsb_field_uint, offsetof(LsbDevice, product), &id_range},
    {"bus", lsb_field_uint, offsetof(LsbDevice, bus), &bus_range},
    {"device", lsb_field_uint, offsetof(LsbDevice, device), &device_range},
    {"address", lsb_field_string, offsetof(LsbDevice, address), NULL},
    {"managed", lsb_field_boolean, offsetof(LsbDevice, managed), NULL},
    {NULL, NULL, 0, NULL},
};

/* --- USB --- */

/* The number in the file NAME of DIR in sysfs; 0: there is no such file. */
static guint sysfs_number(const char *dir, const char *name, int base)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? (guint)strtoul(text, NULL, base) : 0;
}

static gboolean usb_matches(const LsbDevice *d, const char *dir)
{
    if (d->vendor)
        return sysfs_number(dir, "idVendor", 16) == d->vendor &&
               sysfs_number(dir, "idProduct", 16) == d->product;
    return sysfs_number(dir, "busnum", 10) == d->bus &&
           sysfs_number(dir, "devnum", 10) == d->device;
}

/* The number of matching devices. If there is exactly one, D gets its place. */
static guint find_usb(LsbDevice *d)
{
    g_autofree char *all = g_build_filename(lsb_devices_sysfs, "bus/usb/devices", NULL);
    g_autoptr(GDir) open = g_dir_open(all, 0, NULL);
    const char *name;
    guint found = 0, bus = 0, device = 0;
    while (open && (name = g_dir_read_name(open))) {
        g_autofree char *dir = g_build_filename(all, name, NULL);
        if (!usb_matches(d, dir))
            continue;
        found++;
        bus = sysfs_number(dir, "busnum", 10);
        device = sysfs_number(dir, "devnum", 10);
    }
    if (found == 1) {
        d->bus = bus;
        d->device = device;
    }
    return found;
}

static char *usb_text(const LsbDevice *d)
{
    return d->vendor ? g_strdup_printf("vendor 0x%04x, product 0x%04x", d->vendor, d->product)
                     : g_strdup_printf("bus %u, device %u", d->bus, d->device);
}

static gboolean check_usb(LsbDevice *d, const char *path, GError **error)
{
    gboolean by_id = d->vendor && d->product && !d->bus && !d->device;
    gboolean by_place = !d->vendor && !d->product && d->bus && d->device;
    if (d->address || d->managed)
        return lsb_fail(error, INVALID, "%s.%s: expected nothing for a device of type \"usb\"",
                        path, d->address ? "address" : "managed");
    if (!by_id && !by_place)
        return lsb_fail(error, INVALID, "%s: expected either vendor and product, or bus and device",
                        path);
    g_autofree char *text = usb_text(d);
    guint found = find_usb(d);
    if (found == 0)
        return lsb_fail(error, INVALID,
                        "%s: expected a USB device of the host, got %s: there is none", path, text);
    return found == 1 ||
           lsb_fail(error, INVALID,
                    "%s: expected one USB device of the host, got %s: there are %u; name one by "
                    "bus and device",
                    path, text, found);
}

/* --- PCI --- */

/* Parse "DDDD:BB:SS.F", as lspci -D and sysfs write it. */
static gboolean parse_pci_address(LsbDevice *d)
{
    static const char shape[] = "xxxx:xx:xx.x";
    const char *a = d->address;
    if (strlen(a) != strlen(shape))
        return FALSE;
    for (gsize i = 0; shape[i]; i++)
        if (shape[i] == 'x' ? !g_ascii_isxdigit(a[i]) : a[i] != shape[i])
            return FALSE;
    d->domain = (guint)strtoul(a, NULL, 16);
    d->bus = (guint)strtoul(a + 5, NULL, 16);
    d->slot = (guint)strtoul(a + 8, NULL, 16);
    d->function = (guint)strtoul(a + 11, NULL, 16);
    return d->slot <= MOST_SLOT && d->function <= MOST_FUNCTION;
}

/* The base name of what the link NAME in DIR points to; NULL: there is no such link. */
static char *read_link(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *target = g_file_read_link(path, NULL);
    return target ? g_path_get_basename(target) : NULL;
}

/*
 * A device is taken from its driver, which changes the host, only if the recipe says managed =
 * true.
 */
static gboolean check_driver(const LsbDevice *d, const char *dir, const char *path, GError **error)
{
    g_autofree char *driver = read_link(dir, "driver");
    if (d->managed || g_strcmp0(driver, "vfio-pci") == 0)
        return TRUE;
    return lsb_fail(
        error, INVALID,
        "%s.managed: expected true, or a device bound to vfio-pci, got %s, whose driver "
        "is %s",
        path, d->address, driver ? driver : "none");
}

static gboolean check_pci(LsbDevice *d, const LsbValue *table, const char *path, GError **error)
{
    static const char *const usb_only[] = {"vendor", "product", "bus", "device"};
    for (gsize i = 0; i < G_N_ELEMENTS(usb_only); i++)
        if (lsb_value_get(table, usb_only[i]))
            return lsb_fail(error, INVALID, "%s.%s: expected nothing for a device of type \"pci\"",
                            path, usb_only[i]);
    if (!d->address)
        return lsb_fail(error, INVALID,
                        "%s.address: expected a PCI address like \"0000:00:1f.0\", got nothing",
                        path);
    g_autofree char *at = lsb_field_join(path, "address");
    if (!parse_pci_address(d))
        return lsb_field_error(error, at, "a PCI address like \"0000:00:1f.0\"",
                               lsb_value_get(table, "address"));
    g_autofree char *name = g_ascii_strdown(d->address, -1);
    g_autofree char *dir = g_build_filename(lsb_devices_sysfs, "bus/pci/devices", name, NULL);
    if (!g_file_test(dir, G_FILE_TEST_IS_DIR))
        return lsb_field_error(error, at, "a PCI device of the host",
                               lsb_value_get(table, "address"));
    d->group = read_link(dir, "iommu_group");
    if (!d->group)
        return lsb_fail(error, INVALID,
                        "%s: expected a device in an IOMMU group, got %s; switch the IOMMU on, in "
                        "the firmware and with intel_iommu=on or amd_iommu=on",
                        at, d->address);
    return check_driver(d, dir, path, error);
}

/* --- the list --- */

static LsbDevice *read_device(const LsbValue *value, const char *path, GError **error)
{
    LsbDevice *d = g_new0(LsbDevice, 1);
    gboolean ok = lsb_value_is_named(value);
    if (!ok)
        lsb_field_error(error, path, "a table that describes a device", value);
    ok = ok && lsb_fields_read(value, path, device_fields, d, error);
    if (ok && !lsb_value_get(value, "type"))
        ok = lsb_fail(error, INVALID, "%s.type: expected one of \"usb\", \"pci\", got nothing",
                      path);
    ok = ok &&
         (d->type == LSB_DEVICE_USB ? check_usb(d, path, error) : check_pci(d, value, path, error));
    if (ok)
        return d;
    lsb_device_free(d);
    return NULL;
}

static gboolean same_device(const LsbDevice *a, const LsbDevice *b)
{
    return a->type == b->type && a->bus == b->bus && a->device == b->device &&
           a->domain == b->domain && a->slot == b->slot && a->function == b->function;
}

/* The place (from 1) of the element of DEVICES that is the same device as D; 0: there is none. */
static guint place_of_twin(GPtrArray *devices, const LsbDevice *d)
{
    for (guint i = 0; i < devices->len; i++)
        if (same_device(devices->pdata[i], d))
            return i + 1;
    return 0;
}

gboolean lsb_devices_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of devices", value);
    GPtrArray *items = value->u.table.items,
              *devices = g_ptr_array_new_with_free_func(lsb_device_free);
    *(GPtrArray **)out = devices;
    if (!lsb_field_at_most(path, MOST_DEVICES, "devices", items->len, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        LsbDevice *d = read_device(items->pdata[i], at, error);
        if (!d)
            return FALSE;
        guint twin = place_of_twin(devices, d);
        g_ptr_array_add(devices, d);
        if (twin)
            return lsb_fail(error, INVALID,
                            "%s: expected a device of its own, got the one of %s[%u]", at, path,
                            twin);
    }
    return TRUE;
}
