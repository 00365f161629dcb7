/* A sysfs of the test's own, in the scratch directory, with a few devices. */
#ifndef LSANDBOX_TEST_DEVICES_H
#define LSANDBOX_TEST_DEVICES_H

#include <unistd.h>

#include "recipe/devicefields.h"
#include "fixture.h"
#include "recipe/qemufields.h"

static void devices_usb(const char *name, const char *vendor, const char *product, const char *bus,
                        const char *device)
{
    const char *const files[][2] = {
        {"idVendor", vendor}, {"idProduct", product}, {"busnum", bus}, {"devnum", device}};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = g_strdup_printf("sys/bus/usb/devices/%s/%s", name, files[i][0]),
                        *text = g_strdup_printf("%s\n", files[i][1]);
        scratch_file(file, text);
    }
}

/* GROUP and DRIVER may be NULL. */
static void devices_pci(const char *address, const char *group, const char *driver)
{
    const char *const links[][2] = {{"iommu_group", group}, {"driver", driver}};
    g_autofree char *dir = g_strdup_printf("sys/bus/pci/devices/%s", address);
    scratch_dir(dir);
    for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *link = g_build_filename(scratch, dir, links[i][0], NULL),
                        *target = g_strdup_printf("../../../any/%s", links[i][1]);
        if (links[i][1])
            g_assert_cmpint(symlink(target, link), ==, 0);
    }
}

static void devices_make(void)
{
    devices_usb("1-1", "1234", "5678", "3", "17");
    devices_usb("2-1", "1d6b", "0002", "2", "1");
    devices_usb("2-2", "1d6b", "0002", "2", "4");
    devices_pci("0000:02:1f.5", "7", "e1000e");
    devices_pci("0000:03:00.0", "8", "vfio-pci");
    devices_pci("0000:04:00.0", "9", NULL);
    devices_pci("0000:05:00.0", NULL, "e1000e");
    lsb_devices_sysfs = in_scratch("sys");
}

#endif
