/*
 * libvirt's master key. libvirt writes a key for each domain to domain-ID-NAME/master-key.aes in
 * its library directory, readable for the user that it starts QEMU as, and names the file to QEMU
 * in an -object argument (qemuDomainMasterKeyCreate in libvirt's qemu_domain.c). Where the jail
 * makes QEMU another user, or hides the run directory, QEMU could not read the key.
 */
#ifndef LSANDBOX_LAUNCHER_MASTERKEY_H
#define LSANDBOX_LAUNCHER_MASTERKEY_H

#include "jail.h"

/*
 * Find the master key in ARGV. A file that is not below the jail's libvirt= directory is left
 * alone. Add the file to what the jail lets QEMU read, and where root is given up, let the jail's
 * group read it: with group permissions only, so that QEMU cannot put another file in its place.
 */
void masterkey_share(struct jail *jail, char **argv);

#endif
