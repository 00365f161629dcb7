#include "session/tree.h"

#include <string.h>

#include "base/error.h"

char *lsb_tree_target(const char *operation, const char *source, const char *target, GError **error)
{
    if (!g_str_has_suffix(target, "/") || strspn(target, "/") == strlen(target))
        return g_strdup(target);
    g_autofree char *name = g_path_get_basename(source);
    if (file_name_ok(name))
        return g_strconcat(target, name, NULL);
    lsb_fail(error, INVALID, "%s: \"%s\" has no name of its own to be put into \"%s\"", operation,
             source, target);
    return NULL;
}

const struct file_summary *lsb_tree_summary(const LsbFileOp *op)
{
    return ((const LsbTreeOp *)op)->summary(op);
}

const char *lsb_tree_path(const LsbFileOp *op)
{
    return ((const LsbTreeOp *)op)->path(op);
}
