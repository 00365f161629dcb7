/*
 * Options with a syntax of their own, most of them virt-sandbox's: WORD,WORD=VALUE... What a comma
 * or a colon in a value needs is a recipe, or --set.
 */
#ifndef LSANDBOX_RUNTIME_OPTIONSPECS_H
#define LSANDBOX_RUNTIME_OPTIONSPECS_H

#include <glib.h>

gboolean lsb_option_bind(const char *, const char *, gpointer, GError **);
gboolean lsb_option_ram(const char *, const char *, gpointer, GError **);
gboolean lsb_option_mount(const char *, const char *, gpointer, GError **);
gboolean lsb_option_include(const char *, const char *, gpointer, GError **);
gboolean lsb_option_disk(const char *, const char *, gpointer, GError **);
gboolean lsb_option_network(const char *, const char *, gpointer, GError **);
gboolean lsb_option_security(const char *, const char *, gpointer, GError **);
gboolean lsb_option_graphics(const char *, const char *, gpointer, GError **);
gboolean lsb_option_device(const char *, const char *, gpointer, GError **);

#endif
