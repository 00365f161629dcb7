/* Sizes and times as recipes write them. */
#include "recipe/value/size.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *unit;
    int shift; /* the unit is 2 to this power */
} units[] = {
    {"", 0},     {"B", 0},    {"K", 10},  {"KB", 10}, {"KiB", 10}, {"M", 20},   {"MB", 20},
    {"MiB", 20}, {"G", 30},   {"GB", 30}, {"GiB", 30}, {"T", 40},  {"TB", 40},  {"TiB", 40},
};

static int unit_shift(const char *unit)
{
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_ascii_strcasecmp(units[i].unit, unit) == 0)
            return units[i].shift;
    return -1;
}

gboolean lsb_size_parse(const char *text, guint64 *bytes)
{
    if (!g_ascii_isdigit(text[0]))
        return FALSE; /* g_ascii_strtod would take a sign, a space, "inf" and "nan" */
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return FALSE;
    char *end;
    double number = g_ascii_strtod(text, &end);
    if (end[0] == ' ' && end[1])
        end++;
    int shift = unit_shift(end);
    if (shift < 0 || strcspn(text, "eE") < (gsize)(end - text))
        return FALSE;
    double size = ldexp(number, shift);
    if (!(size < 0x1p63) || size != floor(size))
        return FALSE;
    *bytes = (guint64)size;
    return TRUE;
}

static const struct {
    const char *unit;
    double seconds;
} times[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

gboolean lsb_seconds_parse(const char *text, double *seconds)
{
    char *end;
    if (!g_ascii_isdigit(text[0]))
        return FALSE;
    double number = g_ascii_strtod(text, &end);
    if (end != text + strspn(text, "0123456789.")) /* it was in hexadecimal, or had an exponent */
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(times); i++)
        if (strcmp(end, times[i].unit) == 0) {
            *seconds = number * times[i].seconds;
            return TRUE;
        }
    return FALSE;
}
