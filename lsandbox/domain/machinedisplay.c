/* Making the place of a display's unix socket, and the symlink that the recipe asks for. */
#include "domain/machinedisplay.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/error.h"
#include "domain/domain.h"
#include "domain/emulator.h"
#include "domain/machineparts.h"
#include "host/keeper.h"
#include "recipe/description.h"
#include "recipe/qemufields.h"

/*
 * Make the socket's directory in the machine's own, which the jail lets QEMU write, and give it to
 * QEMU's user. Returns its path.
 */
static char *make_display_dir(const LsbDescription *d, const LsbDomain *domain, GError **error)
{
    g_autofree char *dir = g_build_filename(domain->files.dir, "display", NULL);
    uid_t uid;
    gid_t gid;
    lsb_emulator_user(d, &uid, &gid);
    if (lsb_directory_make(dir, 0700) == 0 && (geteuid() != 0 || chown(dir, uid, gid) == 0))
        return g_steal_pointer(&dir);
    lsb_set_errno(error, errno, "cannot make %s for the display's socket", dir);
    return NULL;
}

gboolean lsb_machine_make_display(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                  GError **error)
{
    const LsbGraphics *g = &d->graphics;
    if (g->type == LSB_GRAPHICS_NONE || g->listen)
        return TRUE;
    if (!p->launcher)
        return lsb_fail(error, UNSUPPORTED,
                        "graphics: on %s QEMU runs as a user to whom lsandbox cannot give a "
                        "directory for its socket; say listen and port, an address to listen at",
                        d->uri);
    g_autofree char *dir = make_display_dir(d, domain, error);
    if (!dir)
        return FALSE;
    p->display = g_build_filename(dir, "socket", NULL);
    domain->guest.display = g_strdup(g->socket ? g->socket : p->display);
    if (!g->socket)
        return TRUE;
    if (symlink(p->display, g->socket) < 0) {
        lsb_set_errno(error, errno, "graphics.socket: cannot make %s", g->socket);
        return FALSE;
    }
    domain->files.link = g_strdup(g->socket);
    lsb_keeper_watch_path(domain->connection->host->keeper, g->socket);
    return TRUE;
}
