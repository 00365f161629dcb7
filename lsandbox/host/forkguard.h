/* Keeps the fork handlers of other libraries from closing what libvirt has just opened. */
#ifndef LSANDBOX_HOST_FORKGUARD_H
#define LSANDBOX_HOST_FORKGUARD_H

/* Call these around every call on this thread in which libvirt may start QEMU. */
void lsb_forkguard_begin(void);
void lsb_forkguard_end(void);

#endif
