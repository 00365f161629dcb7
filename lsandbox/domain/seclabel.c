/* Finding the security label of a domain: what the recipe asks for, and what the host can do. */
#include "domain/seclabel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "domain/xml/securityxml.h"
#include "domain/xml/xml.h"
#include "host/connection.h"
#include "recipe/driver.h"
#include "recipe/identity/securityfields.h"

static char **models_of(const LsbConnection *connection, GError **error)
{
    char *xml = virConnectGetCapabilities(connection->vir);
    if (!xml) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT,
                              "libvirt does not tell which security drivers it has");
        return NULL;
    }
    char **models = lsb_xml_texts(xml, "/capabilities/host/secmodel/model");
    free(xml);
    return models;
}

/* Take the model that the recipe names, or the first of the host's that confines. */
static gboolean choose_model(LsbSeclabel *label, const LsbConnection *connection, GError **error)
{
    g_auto(GStrv) models = models_of(connection, error);
    if (!models)
        return FALSE;
    for (char **m = models; *m && !label->model; m++)
        if (strcmp(*m, "none") != 0)
            label->model = g_strdup(*m);
    if (label->model && g_strv_contains((const char *const *)models, label->model))
        return TRUE;
    g_autofree char *have = g_strjoinv(", ", models);
    return lsb_fail(error, UNSUPPORTED,
                    "security: libvirt has no security driver %s on %s%s%s%s; see security_driver "
                    "in its qemu.conf or lxc.conf",
                    label->model ? label->model : "that labels", connection->uri,
                    *have ? " (it has: " : "", have, *have ? ")" : "");
}

/* This process's label, without the mode that AppArmor adds: "profile (enforce)". */
static char *current_label(GError **error)
{
    g_autofree char *text = NULL;
    gsize len = 0;
    if (!g_file_get_contents("/proc/self/attr/current", &text, &len, NULL) || len == 0 ||
        strcmp(text, "unconfined\n") == 0 || strcmp(text, "unconfined") == 0) {
        lsb_fail(error, UNSUPPORTED,
                 "security.type: this process has no label that could be inherited");
        return NULL;
    }
    text[strcspn(text, "\n")] = 0;
    char *mode = strstr(text, " (");
    if (mode)
        *mode = 0;
    return g_steal_pointer(&text);
}

static gboolean inherit_label(LsbSeclabel *label, GError **error)
{
    label->label = strcmp(label->model, "dac") == 0
                       ? g_strdup_printf("+%u:+%u", (guint)geteuid(), (guint)getegid())
                       : current_label(error);
    return label->label != NULL;
}

static gboolean check_dac(const LsbSeclabel *label, GError **error)
{
    guint32 uid, gid;
    if (strcmp(label->model, "dac") != 0 ||
        (lsb_security_dac_ids(label->label, &uid, &gid) && uid && gid))
        return TRUE;
    return lsb_fail(error, UNSUPPORTED,
                    "security.label: the host's security driver is dac, whose labels are a user's "
                    "and a group's number like \"+107:+107\", never root's 0, got \"%s\"",
                    label->label);
}

/* The jail file (emulator.c) tells the launcher which user QEMU becomes; libvirt need not know. */
static gboolean resolve_launched(const LsbSecurity *s, const LsbConnection *connection,
                                 LsbSeclabel *label, GError **error)
{
    guint32 uid = 0, gid = 0;
    if (s->type == LSB_LABEL_NONE || !label->type)
        return TRUE;
    if (g_strcmp0(s->model, "dac") != 0 || s->type == LSB_LABEL_DYNAMIC)
        return lsb_fail(error, UNSUPPORTED,
                        "security: on %s lsandbox's launcher confines QEMU, and there is no "
                        "security driver; it takes model = \"dac\" with a static label, other "
                        "models are for qemu:///system",
                        connection->uri);
    if (s->label)
        lsb_security_dac_ids(s->label, &uid, &gid);
    if (s->type == LSB_LABEL_STATIC && geteuid() != 0 && (uid != geteuid() || gid != getegid()))
        return lsb_fail(error, UNSUPPORTED,
                        "security.label: only root can start QEMU as another user, got \"%s\"",
                        s->label);
    if (geteuid() == 0 && uid == 0)
        return lsb_fail(error, UNSUPPORTED,
                        "security: QEMU does not run as root on %s; name another user by type = "
                        "\"static\" and label",
                        connection->uri);
    return TRUE;
}

gboolean lsb_seclabel_resolve(const LsbSecurity *s, const LsbConnection *connection,
                              LsbSeclabel *label, GError **error)
{
    lsb_seclabel_preview(s, label);
    if (lsb_drivers[connection->driver].has_launcher) {
        gboolean ok = resolve_launched(s, connection, label, error);
        lsb_seclabel_clear(label);
        return ok;
    }
    if (!label->type || s->type == LSB_LABEL_NONE)
        return TRUE;
    return choose_model(label, connection, error) &&
           (s->type != LSB_LABEL_INHERIT || inherit_label(label, error)) &&
           (!label->label || check_dac(label, error));
}
