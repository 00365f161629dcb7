/*
 * The first half of a machine's boot, in the initramfs: from the kernel's jump to /init up to an
 * open port for the relay.
 */
#ifndef LSANDBOX_INIT_BOOT_H
#define LSANDBOX_INIT_BOOT_H

/* Mount /dev, /proc and /sys of the initramfs, and open the console as descriptors 0 to 2. */
int boot_mounts(void);

/*
 * Load the modules that /modules/boot.list names, in its order; a failure there is only a message
 * on the console. Then load the modules that the host names for this machine, where a failure is
 * -1. Free the memory of the initramfs.
 */
int boot_modules(void);

/* Wait for the virtio port called WIRE_PORT_NAME and open it. Returns the descriptor or -1. */
int boot_port(void);

/* A descriptor, non-blocking, that receives the kernel's device events. -1 and errno. */
int boot_listen(void);

/* Whether this is an initramfs that lsandbox has made. */
int boot_is_ours(void);

#endif
