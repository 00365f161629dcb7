/* TODO: say what graphicsfields is about. */
#ifndef LSANDBOX_RECIPE_GRAPHICSFIELDS_H
#define LSANDBOX_RECIPE_GRAPHICSFIELDS_H

#include <glib.h>

#include "recipe/qemufields.h"
#include "recipe/value/value.h"

gboolean lsb_graphics_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);
void lsb_graphics_clear(LsbGraphics *graphics);

/* "vnc" or "spice"; NULL: none. Static. */
const char *lsb_graphics_name(const LsbGraphics *graphics);

#endif
