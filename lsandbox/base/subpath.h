/* Whether one path lies inside another, by their text: both are absolute and canonical. */
#ifndef LSANDBOX_BASE_SUBPATH_H
#define LSANDBOX_BASE_SUBPATH_H

#include <glib.h>

/* Whether PATH is TREE or below it. TREE is not "/". */
gboolean lsb_path_is_inside(const char *path, const char *tree);

/* Whether PATH is below TREE, and not TREE itself. TREE is not "/". */
gboolean lsb_path_is_below(const char *path, const char *tree);

#endif
