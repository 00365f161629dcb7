/*
 * The first half of a machine's boot: from the kernel's jump to /init up to an open relay port.
 * Everything here happens in the initramfs.
 */
#ifndef LSANDBOX_INIT_BOOT_H
#define LSANDBOX_INIT_BOOT_H

/* Mount /dev, /proc and /sys of the initramfs, and have the console on descriptors 0 to 2. */
int boot_mounts(void);

/*
 * Load the modules that /modules/boot.list names, in its order, and give the file /init back as well.
 * One that fails is only said.
 */
void boot_modules(void);

/*
 * Load one file of /modules, and give its memory back. A module that is there already, or built in, is
 * no error. What is never loaded, half a megabyte, stays: to look for it would cost each start from a
 * template more than that is worth.
 */
int boot_module(const char *name);

/* Wait for the virtio port called WIRE_PORT_NAME and open it. Returns the descriptor or -1. */
int boot_port(void);

/* A descriptor that hears of the kernel's device events, and does not block; -1: errno. */
int boot_listen(void);

/* Is this the initramfs that our host side makes? */
int boot_is_ours(void);

#endif
