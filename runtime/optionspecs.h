/*
 * Options with a syntax of their own, most of them virt-sandbox's: WORD,WORD=VALUE... A value with
 * a comma or a colon in it needs a recipe, or --set.
 */
#ifndef LSANDBOX_RUNTIME_OPTIONSPECS_H
#define LSANDBOX_RUNTIME_OPTIONSPECS_H

#include <glib.h>

/*
 * Each is a GOptionArgFunc: reads VALUE into the recipe of DATA, an Options; FALSE with an error.
 */

/* --bind and --bind-rw SOURCE[:TARGET] */
gboolean lsb_option_bind(const char *option, const char *value, gpointer data, GError **error);

/* --ram TARGET[:SIZE] */
gboolean lsb_option_ram(const char *option, const char *value, gpointer data, GError **error);

/* --mount TYPE:TARGET=SOURCE[,WORD...] */
gboolean lsb_option_mount(const char *option, const char *value, gpointer data, GError **error);

/* --include SOURCE[:TARGET], --include-list FILE */
gboolean lsb_option_include(const char *option, const char *value, gpointer data, GError **error);

/* --disk TAG=FILE[,WORD...], also virt-sandbox's file:TAG=FILE */
gboolean lsb_option_disk(const char *option, const char *value, gpointer data, GError **error);

/* --network WORD[,WORD=VALUE...] */
gboolean lsb_option_network(const char *option, const char *value, gpointer data, GError **error);

/* --security WORD[,WORD=VALUE...] */
gboolean lsb_option_security(const char *option, const char *value, gpointer data, GError **error);

/* --graphics vnc|spice[,WORD=VALUE...] */
gboolean lsb_option_graphics(const char *option, const char *value, gpointer data, GError **error);

/* --device usb|pci,WORD=VALUE... */
gboolean lsb_option_device(const char *option, const char *value, gpointer data, GError **error);

#endif
