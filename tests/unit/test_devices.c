/* The field devices: devices that exist, that do not, and that must stay with the host. */
#include "recipe/devicefields.h"
#include "recipe/qemufields.h"
#include "recipe/value/value.h"
#include "recipe/description.h"
#include "devices.h"
#include "recipe.h"

static const struct {
    const char *device, *message; /* MESSAGE NULL: the device is good */
} rows[] = {
    {"{type = \"usb\", vendor = 4660, product = 22136}", NULL},
    {"{type = \"usb\", bus = 3, device = 17}", NULL},
    {"{type = \"usb\", bus = 2, device = 4}", NULL},
    {"{type = \"usb\", vendor = 7531, product = 2}",
     "devices[1]: expected one USB device of the host, got vendor 0x1d6b, product 0x0002: there "
     "are 2; name one by bus and device"},
    {"{type = \"usb\", vendor = 4660, product = 2}",
     "devices[1]: expected a USB device of the host, got vendor 0x1234, product 0x0002: there is "
     "none"},
    {"{type = \"usb\", bus = 3, device = 1}",
     "devices[1]: expected a USB device of the host, got bus 3, device 1: there is none"},
    {"{type = \"usb\", vendor = 4660, product = 22136}, {type = \"usb\", bus = 3, device = 17}",
     "devices[2]: expected a device of its own, got the one of devices[1]"},
    {"{type = \"pci\", address = \"0000:03:00.0\"}", NULL},
    {"{type = \"pci\", address = \"0000:02:1F.5\", managed = true}", NULL},
    {"{type = \"pci\", address = \"0000:04:00.0\", managed = true}", NULL},
    {"{type = \"pci\", address = \"0000:02:1f.5\"}",
     "devices[1].managed: expected true, or a device bound to vfio-pci, got 0000:02:1f.5, whose "
     "driver is e1000e"},
    {"{type = \"pci\", address = \"0000:04:00.0\", managed = false}",
     "devices[1].managed: expected true, or a device bound to vfio-pci, got 0000:04:00.0, whose "
     "driver is none"},
    {"{type = \"pci\", address = \"0000:05:00.0\", managed = true}",
     "devices[1].address: expected a device in an IOMMU group, got 0000:05:00.0; switch the IOMMU "
     "on, in the firmware and with intel_iommu=on or amd_iommu=on"},
    {"{type = \"pci\", address = \"0000:06:00.0\", managed = true}",
     "devices[1].address: expected a PCI device of the host, got \"0000:06:00.0\""},
    {"{type = \"pci\", address = \"0000:03:00.0\"}, {type = \"pci\", address = \"0000:03:00.0\"}",
     "devices[2]: expected a device of its own, got the one of devices[1]"},
};

static void test_rows(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].device);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strdup_printf("{devices = {%s}}", rows[i].device);
        g_autoptr(LsbValue) value = recipe(text);
        g_autoptr(LsbDescription) d = lsb_description_new(value, &error);
        g_assert_cmpstr(error ? error->message : NULL, ==, rows[i].message);
    }
}

static void test_place(void)
{
    g_autoptr(LsbValue) value = recipe("{devices = {{type = \"usb\", vendor = 4660, product = "
                                       "22136}, {type = \"pci\", address = \"0000:02:1f.5\", "
                                       "managed = true}}}");
    g_autoptr(LsbDescription) d = lsb_description_new(value, NULL);
    const LsbDevice *usb = d->devices->pdata[0], *pci = d->devices->pdata[1];
    g_assert_cmpuint(usb->bus, ==, 3);
    g_assert_cmpuint(usb->device, ==, 17);
    g_assert_cmpuint(pci->slot, ==, 0x1f);
    g_assert_cmpstr(pci->group, ==, "7");
}

/* Without a sysfs the host has no devices. */
static void test_none(void)
{
    const char *sysfs = lsb_devices_sysfs;
    lsb_devices_sysfs = "/no/such/sysfs";
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) value = recipe("{devices = {{type = \"usb\", bus = 3, device = 17}}}");
    g_autoptr(LsbDescription) d = lsb_description_new(value, &error);
    assert_message(error, "there is none");
    lsb_devices_sysfs = sysfs;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    scratch_make();
    devices_make();
    g_test_add_func("/devices/rows", test_rows);
    g_test_add_func("/devices/place", test_place);
    g_test_add_func("/devices/none", test_none);
    int result = g_test_run();
    scratch_remove();
    return result;
}
