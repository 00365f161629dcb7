/* Whether one path lies inside another, by their text. */
#include "base/subpath.h"

#include <string.h>

gboolean lsb_path_is_below(const char *path, const char *tree)
{
    gsize n = strlen(tree);
    return strncmp(path, tree, n) == 0 && path[n] == '/';
}

gboolean lsb_path_is_inside(const char *path, const char *tree)
{
    return strcmp(path, tree) == 0 || lsb_path_is_below(path, tree);
}
