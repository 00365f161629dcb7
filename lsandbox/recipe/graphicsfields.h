/* The field graphics of a recipe: the VNC or SPICE display of a machine. */
#ifndef LSANDBOX_RECIPE_GRAPHICSFIELDS_H
#define LSANDBOX_RECIPE_GRAPHICSFIELDS_H

#include <glib.h>

#include "recipe/qemufields.h"
#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to an LsbGraphics. */
gboolean lsb_graphics_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);

/* Free what GRAPHICS holds. */
void lsb_graphics_clear(LsbGraphics *graphics);

/* "vnc" or "spice"; NULL: the machine has no display. Static. */
const char *lsb_graphics_name(const LsbGraphics *graphics);

#endif
