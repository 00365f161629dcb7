/* Reading a libvirt URI (libvirt.org/uri.html), and the table of what each driver is like. */
#include "recipe/driver.h"

#include <string.h>

const LsbDriverTraits lsb_drivers[LSB_DRIVERS] = {
    [LSB_DRIVER_EMBED] =
        {
            .kind = LSB_MACHINE,
            .in_process = TRUE,
            .runs_as_caller = TRUE,
            .has_launcher = TRUE,
            .has_networks = FALSE,
            .has_security = FALSE,
        },
    [LSB_DRIVER_SESSION] =
        {
            .kind = LSB_MACHINE,
            .in_process = FALSE,
            .runs_as_caller = TRUE,
            .has_launcher = TRUE,
            .has_networks = TRUE,
            .has_security = TRUE,
        },
    [LSB_DRIVER_SYSTEM] =
        {
            .kind = LSB_MACHINE,
            .in_process = FALSE,
            .runs_as_caller = FALSE,
            /* libvirtd confines QEMU itself, and may not be allowed to execute our launcher. */
            .has_launcher = FALSE,
            .has_networks = TRUE,
            .has_security = TRUE,
        },
    [LSB_DRIVER_LXC] =
        {
            .kind = LSB_CONTAINER,
            .in_process = FALSE,
            .runs_as_caller = FALSE,
            .has_launcher = FALSE,
            .has_networks = TRUE,
            .has_security = TRUE,
        },
};

/* SCHEME[+TRANSPORT]://[HOST]PATH[?...] */
typedef struct {
    char *scheme, *transport, *host, *path;
} UriParts;

static void uri_parts_clear(UriParts *p)
{
    g_free(p->scheme);
    g_free(p->transport);
    g_free(p->host);
    g_free(p->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UriParts, uri_parts_clear)

static gboolean split_uri(const char *uri, UriParts *p)
{
    const char *colon = strstr(uri, "://");
    if (!colon)
        return FALSE;
    const char *host = colon + strlen("://"), *path = host + strcspn(host, "/?#");
    gsize scheme = strcspn(uri, "+:");
    p->scheme = g_ascii_strdown(uri, (gssize)scheme);
    if (uri[scheme] == '+')
        p->transport = g_strndup(uri + scheme + 1, (gsize)(colon - uri) - scheme - 1);
    p->host = g_strndup(host, (gsize)(path - host));
    p->path = g_strndup(path, strcspn(path, "?#"));
    return TRUE;
}

/* Only this very text means the embedded driver, because lsandbox adds the driver's root to it. */
static LsbDriver qemu_driver(const char *uri, const UriParts *p)
{
    return strcmp(uri, LSB_URI_EMBED) == 0      ? LSB_DRIVER_EMBED
           : strcmp(p->path, "/session") == 0 ? LSB_DRIVER_SESSION
                                              : LSB_DRIVER_SYSTEM;
}

gboolean lsb_driver_of_uri(const char *uri, LsbDriver *driver, gboolean *local)
{
    g_auto(UriParts) p = {0};
    if (!split_uri(uri, &p))
        return FALSE;
    *local = !*p.host && (!p.transport || g_ascii_strcasecmp(p.transport, "unix") == 0);
    if (strcmp(p.scheme, "qemu") == 0)
        *driver = qemu_driver(uri, &p);
    else if (strcmp(p.scheme, "lxc") == 0)
        *driver = LSB_DRIVER_LXC;
    else
        return FALSE;
    return TRUE;
}
