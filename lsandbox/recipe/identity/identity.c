/* Users of a root file system, read from its passwd and group files. */
#include "recipe/identity/identity.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rootfile.h"
#include "base/subpath.h"
#include "recipe/description.h"
#include "recipe/value/fields.h"
#include "shared/units.h"

/* Holds the home of a user whose own home cannot be used ("/nonexistent", "/"). */
#define FALLBACK_HOMES "/home"
/*
 * Accounts with this uid and above are people (UID_MIN in login.defs of the major distributions).
 */
enum { FIRST_PERSON = 1000 };

/*
 * The bytes of passwd and group that are read: enough for some 50,000 users. The host's own files
 * are read whole, because they say which homes to hide.
 */
enum { MOST_OF_A_ROOT = 4 * MiB, MOST_OF_THE_HOST = G_MAXINT };

/*
 * A stream over the content of FILE in memory, because fgetpwent(3) and fgetgrent(3) seek after
 * each entry, which would take a system call on a file. The caller closes the stream, then frees
 * *DATA.
 */
static FILE *open_in_root(const char *root, const char *file, char **data)
{
    gsize len = 0;
    if (!root)
        return NULL;
    gsize most = strcmp(root, "/") == 0 ? MOST_OF_THE_HOST : MOST_OF_A_ROOT;
    *data = lsb_rootfile_read(root, file, most, &len);
    return *data && len > 0 ? fmemopen(*data, len, "r") : NULL;
}

/* The one user that every root file system has. */
static struct passwd *find_superuser(const char *name, uid_t uid)
{
    static struct passwd superuser = {.pw_name = (char *)"root", .pw_dir = (char *)"/root"};
    return (name ? strcmp(name, "root") == 0 : uid == 0) ? &superuser : NULL;
}

/* The passwd entry of USER, in static storage of the C library; by number when NAME is NULL. */
static struct passwd *find_passwd(const char *root, const char *name, uid_t uid)
{
    g_autofree char *data = NULL;
    FILE *f = open_in_root(root, "etc/passwd", &data);
    struct passwd *pw = NULL;
    while (f && (pw = fgetpwent(f)))
        if (name ? strcmp(pw->pw_name, name) == 0 : pw->pw_uid == uid)
            break;
    if (f)
        fclose(f);
    if (!root)
        return find_superuser(name, uid);
    if (!pw && strcmp(root, "/") == 0) /* the host has users from LDAP and the like as well */
        pw = name ? getpwnam(name) : getpwuid(uid);
    return pw;
}

/* The supplementary groups of the user NAME. */
static GArray *find_groups(const char *root, const char *name, gid_t primary)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    g_autofree char *data = NULL;
    FILE *f = open_in_root(root, "etc/group", &data);
    struct group *gr;
    while (f && (gr = fgetgrent(f)))
        for (char **m = gr->gr_mem; *m; m++)
            if (strcmp(*m, name) == 0 && gr->gr_gid != primary)
                g_array_append_val(groups, gr->gr_gid);
    if (f)
        fclose(f);
    return groups;
}

gboolean lsb_identity_group(const char *root, const char *name, gid_t *gid)
{
    guint64 number;
    if (g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT32 - 1, &number, NULL)) {
        *gid = (gid_t)number;
        return TRUE;
    }
    g_autofree char *data = NULL;
    FILE *f = open_in_root(root, "etc/group", &data);
    struct group *gr = NULL;
    while (f && (gr = fgetgrent(f)))
        if (strcmp(gr->gr_name, name) == 0)
            break;
    if (f)
        fclose(f);
    if (!gr && root && strcmp(root, "/") == 0)
        gr = getgrnam(name);
    if (gr)
        *gid = gr->gr_gid;
    return gr != NULL;
}

static char *usable_home(const char *home, const char *name)
{
    if (home && g_path_is_absolute(home) && strcmp(home, "/") != 0 &&
        strcmp(home, "/nonexistent") != 0)
        return lsb_field_canonical(home);
    return g_build_filename(FALLBACK_HOMES, name, NULL);
}

static LsbIdentity *identity_from(const char *root, const struct passwd *pw, uid_t uid)
{
    LsbIdentity *id = g_new0(LsbIdentity, 1);
    id->uid = uid;
    id->gid = pw ? pw->pw_gid : (gid_t)uid;
    id->name = pw ? g_strdup(pw->pw_name) : g_strdup_printf("%u", (unsigned)uid);
    id->home = usable_home(pw ? pw->pw_dir : NULL, id->name);
    id->groups = find_groups(root, id->name, id->gid);
    return id;
}

LsbIdentity *lsb_identity_new(const char *root, const char *user)
{
    if (!user) {
        uid_t uid = geteuid() ? geteuid() : LSB_NOBODY;
        LsbIdentity *id = identity_from(root, find_passwd(root, NULL, uid), uid);
        if (!geteuid()) { /* nobody's listed home is a system directory on some distributions */
            g_free(id->home);
            id->home = usable_home(NULL, id->name);
        }
        return id;
    }
    guint64 number;
    if (g_ascii_string_to_unsigned(user, 10, 0, G_MAXUINT32 - 1, &number, NULL))
        return identity_from(root, find_passwd(root, NULL, (uid_t)number), (uid_t)number);
    struct passwd *pw = find_passwd(root, user, 0);
    return pw ? identity_from(root, pw, pw->pw_uid) : NULL;
}

LsbIdentity *lsb_identity_copy(const LsbIdentity *identity)
{
    LsbIdentity *id = g_memdup2(identity, sizeof *identity);
    id->name = g_strdup(identity->name);
    id->home = g_strdup(identity->home);
    id->groups = g_array_copy(identity->groups);
    return id;
}

void lsb_identity_free(LsbIdentity *id)
{
    if (!id)
        return;
    g_array_unref(id->groups);
    g_free(id->name);
    g_free(id->home);
    g_free(id);
}

void lsb_identity_on_host(const LsbIdentity *id, uid_t *uid, gid_t *gid)
{
    static const char *const users[] = {"libvirt-qemu", "qemu", "nobody"};
    const struct passwd *pw = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(users) && !pw; i++)
        pw = getpwnam(users[i]);
    *uid = id->uid ? id->uid : pw ? pw->pw_uid : LSB_NOBODY;
    /* A user's group root becomes nobody's; QEMU's own group, often "kvm", would give rights. */
    *gid = id->uid && id->gid ? id->gid : pw && !id->uid ? pw->pw_gid : LSB_NOBODY;
}

/* Whether HOME can be hidden: a home that holds a part of the system must stay visible. */
static gboolean may_hide(const char *home)
{
    static const char *const kept[] = {"/",    "/usr",   "/etc",  "/bin",     "/sbin",
                                       "/lib", "/lib64", "/var",  "/var/lib", "/opt",
                                       "/srv", "/dev",   "/proc", "/sys",     "/nonexistent"};
    if (g_str_has_prefix(home, "/usr/"))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
        if (strcmp(home, kept[i]) == 0)
            return FALSE;
    return TRUE;
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_home_to_hide(GPtrArray *homes, const char *path)
{
    g_autofree char *home = g_path_is_absolute(path) ? lsb_field_canonical(path) : NULL;
    if (home && may_hide(home))
        g_ptr_array_add(homes, g_steal_pointer(&home));
}

static gboolean is_inside_any(GPtrArray *trees, const char *path)
{
    for (guint i = 0; i < trees->len; i++)
        if (lsb_path_is_inside(path, trees->pdata[i]))
            return TRUE;
    return FALSE;
}

/* A tree sorts before the paths inside it, though not right before: "/home" "/home-2" "/home/a". */
static char **outermost(GPtrArray *paths)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    g_ptr_array_sort(paths, compare_paths);
    for (guint i = 0; i < paths->len; i++)
        if (!is_inside_any(kept, paths->pdata[i]))
            g_ptr_array_add(kept, paths->pdata[i]);
    g_ptr_array_add(kept, NULL);
    return g_strdupv((char **)kept->pdata);
}

char **lsb_identity_homes(const char *root)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(all, g_strdup("/home"));
    g_ptr_array_add(all, g_strdup("/root"));
    g_autofree char *data = NULL;
    FILE *f = open_in_root(root, "etc/passwd", &data);
    struct passwd *pw;
    while (f && (pw = fgetpwent(f)))
        if ((pw->pw_uid >= FIRST_PERSON || pw->pw_uid == 0) && pw->pw_uid != LSB_NOBODY)
            add_home_to_hide(all, pw->pw_dir);
    if (f)
        fclose(f);
    if (root && strcmp(root, "/") == 0)
        add_home_to_hide(all, g_get_home_dir());
    return outermost(all);
}
