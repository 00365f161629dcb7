/* Which of two paths lies in the other, by their text: both absolute and canonical. */
#ifndef LSANDBOX_BASE_SUBPATH_H
#define LSANDBOX_BASE_SUBPATH_H

#include <glib.h>

/* PATH is TREE or below it. TREE is not "/". */
gboolean lsb_path_is_inside(const char *path, const char *tree);

/* PATH is below TREE. */
gboolean lsb_path_is_below(const char *path, const char *tree);

#endif
