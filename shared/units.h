/* Units of bytes. */
#ifndef LSANDBOX_UNITS_H
#define LSANDBOX_UNITS_H

/* Of type int: a product that may pass 2 GiB needs a factor of a wider type. */
enum { KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB };

#endif
