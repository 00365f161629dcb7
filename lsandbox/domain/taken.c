/* Asking libvirt whether a name is another domain's. */
#include "domain/taken.h"

#include <libvirt/libvirt.h>

#include "base/error.h"

gboolean lsb_name_is_taken(const LsbConnection *connection, const char *name)
{
    virDomainPtr other = virDomainLookupByName(connection->vir, name);
    if (!other)
        return FALSE;
    gboolean taken = virDomainIsActive(other) == 1 || virDomainIsPersistent(other) == 1;
    virDomainFree(other);
    return taken;
}

gboolean lsb_name_check(const LsbConnection *connection, const char *name, GError **error)
{
    return !lsb_name_is_taken(connection, name) ||
           lsb_fail(error, STATE,
                    "name: \"%s\" is the name of another domain on %s; choose another name, or end "
                    "that domain",
                    name, connection->uri);
}
