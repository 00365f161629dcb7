/*
 * The first half of a machine's boot: from the kernel's jump to /init up to an open relay port.
 * Everything here happens in the initramfs.
 */
#ifndef LSANDBOX_INIT_BOOT_H
#define LSANDBOX_INIT_BOOT_H

/* Mount /dev, /proc and /sys of the initramfs, and have the console on descriptors 0 to 2. */
int boot_mounts(void);

/*
 * Load the modules that /modules/boot.list names, in its order, of which one that fails is only said;
 * then those that the host names for this machine (-1 where one fails); and give the memory of the
 * initramfs back.
 */
int boot_modules(void);

/* Wait for the virtio port called WIRE_PORT_NAME and open it. Returns the descriptor or -1. */
int boot_port(void);

/* A descriptor that hears of the kernel's device events, and does not block; -1: errno. */
int boot_listen(void);

/* Is this the initramfs that our host side makes? */
int boot_is_ours(void);

#endif
