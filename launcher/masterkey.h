/*
 * libvirt's master key. libvirt writes a key for each domain to <its library
 * directory>/domain-ID-NAME/ master-key.aes, readable for the user it starts QEMU as, and tells
 * QEMU with an -object argument (qemuDomainMasterKeyCreate in libvirt's qemu_domain.c). Where the
 * jail makes QEMU another user, or hides the run directory, QEMU could not read it.
 */
#ifndef LSANDBOX_LAUNCHER_MASTERKEY_H
#define LSANDBOX_LAUNCHER_MASTERKEY_H

#include "jail.h"

/*
 * Find the master key in ARGV. It must lie below the jail's libvirt= directory, or it is left
 * alone. Add it to what the jail lets QEMU read, and where root is given up, let the jail's group
 * read it: group permissions only, so that QEMU cannot put something else in its place.
 */
void masterkey_share(struct jail *jail, char **argv);

#endif
