/*
 * The modules a machine needs: from names to files in load order, with libkmod. It is given the
 * directory of the guest's kernel and an empty configuration; the host's own modprobe.d and what
 * the host has loaded play no part.
 */
#ifndef LSANDBOX_BOOTIMAGE_MODULES_H
#define LSANDBOX_BOOTIMAGE_MODULES_H

#include <glib.h>

typedef struct {
    GPtrArray *boot;      /* paths in load order: what a machine loads at boot */
    GPtrArray *overlay;   /* paths in load order: what overlayfs needs besides */
    GPtrArray *network;   /* paths in load order: what an interface needs besides */
    gboolean has_network; /* virtio_net is there, built in or as a module */
    gboolean has_overlay; /* overlayfs is there, built in or as modules */
} LsbModules;

/*
 * Find what a machine needs at boot, then what it needs for DISKS and EXTRA (both NULL-terminated
 * names or aliases, or NULL), then network and overlay, in the kernel whose directory with
 * modules.dep is DIR. Disks' and extra ones come with their soft dependencies, some of which may
 * fail to load (crc32c-intel on another processor). Errors: LSB_ERROR_NO_MODULE (the directory or a
 * module is missing; names the package to install).
 */
LsbModules *lsb_modules_find(const char *dir, const char *const *disks, const char *const *extra,
                             GError **error);
void lsb_modules_free(LsbModules *modules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbModules, lsb_modules_free)

/* The bytes of a module, decompressed. Errors: LSB_ERRNO, LSB_ERROR_NO_MODULE. Caller unrefs. */
GBytes *lsb_module_read(const char *path, GError **error);

/* A module's file name once decompressed: "9p.ko" of ".../9p.ko.xz". Caller frees. */
char *lsb_module_file_name(const char *path);

#endif
