/*
 * The kernel modules that a machine needs, found with libkmod: from names to files in load order.
 * libkmod is given the directory of the guest's kernel and an empty configuration, so that neither
 * the host's modprobe.d nor the modules that the host has loaded play a part.
 */
#ifndef LSANDBOX_BOOTIMAGE_MODULES_H
#define LSANDBOX_BOOTIMAGE_MODULES_H

#include <glib.h>

typedef struct {
    GPtrArray *boot;      /* paths of what a machine loads at boot, in load order */
    GPtrArray *overlay;   /* paths of what overlayfs needs besides, in load order */
    GPtrArray *network;   /* paths of what an interface needs besides, in load order */
    gboolean has_network; /* the kernel has virtio_net, built in or as a module */
    gboolean has_overlay; /* the kernel has overlayfs, built in or as modules */
} LsbModules;

/*
 * Find the modules in DIR, the directory of a kernel that holds its modules.dep: those that every
 * machine loads at boot, those of DISKS and EXTRA (names or aliases, ended by NULL; or NULL), then
 * those for network and overlay. The modules of DISKS and EXTRA come with their soft dependencies,
 * some of which may fail to load (crc32c-intel on another processor). Caller frees. NULL with
 * LSB_ERROR_NO_MODULE (the directory or a module is missing; the message names the package to
 * install) or LSB_ERRNO.
 */
LsbModules *lsb_modules_find(const char *dir, const char *const *disks, const char *const *extra,
                             GError **error);
void lsb_modules_free(LsbModules *modules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbModules, lsb_modules_free)

/* The bytes of the module at PATH, decompressed. Caller unrefs. NULL with LSB_ERROR_NO_MODULE. */
GBytes *lsb_module_read(const char *path, GError **error);

/* A module's file name in the initrd: "9p.ko" for ".../9p.ko.xz". Caller frees. */
char *lsb_module_file_name(const char *path);

#endif
