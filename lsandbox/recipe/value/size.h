/* Sizes as recipes write them: "256M", "1.5G", "64KiB", 1048576. K, M and G are powers of 1024. */
#ifndef LSANDBOX_RECIPE_VALUE_SIZE_H
#define LSANDBOX_RECIPE_VALUE_SIZE_H

#include <glib.h>

/*
 * Parse TEXT into bytes. Units: none (bytes), K KiB M MiB G GiB T TiB, upper case, no space needed
 * but one allowed. FALSE for anything else: signs, empty text, other units, 2^63 bytes or more, and
 * parts of a byte. Beyond 2^53 the number is rounded as a double is.
 */
gboolean lsb_size_parse(const char *text, guint64 *bytes);

#endif
