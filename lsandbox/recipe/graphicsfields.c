/* The field graphics of a recipe: the VNC or SPICE display of a machine. */
#include "recipe/graphicsfields.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/error.h"
#include "recipe/qemufields.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum {
    FIRST_VNC_PORT = 5900, /* QEMU counts displays from here (qemu(1), -vnc) */
    VNC_PASSWORD = 8,      /* VNC authentication uses no more bytes (RFC 6143, 7.2.2) */
    SPICE_PASSWORD = 59,   /* SPICE_MAX_PASSWORD_LENGTH, 60 with the NUL (spice protocol.h) */
};

/* In the order of LsbGraphicsType, without LSB_GRAPHICS_NONE. */
static const char *const type_words[] = {"vnc", "spice", NULL};
static const LsbRange port_range = {1, 65535};

static const LsbField graphics_fields[] = {
    {"type", lsb_field_enum, offsetof(LsbGraphics, type), type_words},
    {"socket", lsb_field_path, offsetof(LsbGraphics, socket), NULL},
    {"listen", lsb_field_string, offsetof(LsbGraphics, listen), NULL},
    {"port", lsb_field_uint, offsetof(LsbGraphics, port), &port_range},
    {"password", lsb_field_string, offsetof(LsbGraphics, password), NULL},
    {NULL, NULL, 0, NULL},
};

const char *lsb_graphics_name(const LsbGraphics *g)
{
    return g->type == LSB_GRAPHICS_NONE ? NULL : type_words[g->type - 1];
}

static gboolean check_tcp(const LsbGraphics *g, const char *path, GError **error)
{
    g_autofree char *shown = lsb_text_show(g->listen);
    if (!g_hostname_is_ip_address(g->listen)) /* QEMU would resolve a name to any address */
        return lsb_fail(error, INVALID,
                        "%s.listen: expected an IPv4 or IPv6 address of the host, got %s", path,
                        shown);
    if (!g->port)
        return lsb_fail(error, INVALID, "%s.port: expected a port to listen on at %s, got nothing",
                        path, g->listen);
    if (g->type == LSB_GRAPHICS_VNC && g->port < FIRST_VNC_PORT)
        return lsb_fail(error, INVALID, "%s.port: expected an integer from %d to 65535, got %u",
                        path, FIRST_VNC_PORT, g->port);
    return TRUE;
}

static gboolean check_socket(const LsbGraphics *g, const char *path, GError **error)
{
    struct sockaddr_un address;
    struct stat st;
    g_autofree char *dir = g_path_get_dirname(g->socket);
    if (strlen(g->socket) >= sizeof address.sun_path)
        return lsb_fail(error, INVALID,
                        "%s.socket: expected a path of at most %d bytes, got %" G_GSIZE_FORMAT,
                        path, (int)sizeof address.sun_path - 1, strlen(g->socket));
    if (!g_file_test(dir, G_FILE_TEST_IS_DIR))
        return lsb_fail(error, INVALID,
                        "%s.socket: expected a path in a directory of the host, got \"%s\"", path,
                        g->socket);
    if (lstat(g->socket, &st) == 0)
        return lsb_fail(error, INVALID,
                        "%s.socket: expected a path where nothing is yet, got \"%s\"", path,
                        g->socket);
    return TRUE;
}

static gboolean check_password(const LsbGraphics *g, const char *path, GError **error)
{
    int most = g->type == LSB_GRAPHICS_VNC ? VNC_PASSWORD : SPICE_PASSWORD;
    if (!g->password || strlen(g->password) <= (gsize)most)
        return TRUE;
    return lsb_fail(error, INVALID,
                    "%s.password: expected at most %d bytes for %s, got %" G_GSIZE_FORMAT, path,
                    most, lsb_graphics_name(g), strlen(g->password));
}

static gboolean check_graphics(const LsbGraphics *g, const char *path, GError **error)
{
    if (g->listen && g->socket)
        return lsb_fail(error, INVALID,
                        "%s.socket: expected either this or listen and port, got both", path);
    if (g->port && !g->listen)
        return lsb_fail(error, INVALID,
                        "%s.port: expected nothing without listen, an address to listen at, got %u",
                        path, g->port);
    if (g->listen && !check_tcp(g, path, error))
        return FALSE;
    return (!g->socket || check_socket(g, path, error)) && check_password(g, path, error);
}

gboolean lsb_graphics_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    LsbGraphics *g = out;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table that describes a display", value);
    if (!lsb_fields_read(value, path, graphics_fields, g, error))
        return FALSE;
    if (!lsb_value_get(value, "type"))
        return lsb_fail(error, INVALID, "%s.type: expected one of \"vnc\", \"spice\", got nothing",
                        path);
    g->type += 1; /* behind NONE */
    return check_graphics(g, path, error);
}

void lsb_graphics_clear(LsbGraphics *g)
{
    g_free(g->socket);
    g_free(g->listen);
    g_free(g->password);
}
