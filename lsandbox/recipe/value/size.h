/* Sizes as recipes write them: "256M", "1.5G", "64KiB". K, M, G and T are powers of 1024. */
#ifndef LSANDBOX_RECIPE_VALUE_SIZE_H
#define LSANDBOX_RECIPE_VALUE_SIZE_H

#include <glib.h>

/*
 * Parse TEXT, a number and a unit, into bytes. The unit is none or B (bytes), K, KB or KiB, M, MB
 * or MiB, G, GB or GiB, T, TB or TiB, all of them binary, in upper or lower case as docker(1) has
 * it, with at most one space before it. FALSE for anything else, also for a sign, a part of a byte,
 * and 2^63 bytes or more. Beyond 2^53 the number is rounded as a double is.
 */
gboolean lsb_size_parse(const char *text, guint64 *bytes);

/* Parse TEXT, a number and one of the units ms, s, m, h and d, as timeout(1) and sleep(1) do. */
gboolean lsb_seconds_parse(const char *text, double *seconds);

#endif
