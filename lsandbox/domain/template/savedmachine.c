/* Making, opening and checking the directory of a saved machine or of a fork. */
#include "domain/template/savedmachine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/ownership.h"
#include "base/paths.h"
#include "domain/template/memoryfile.h"
#include "host/keeper.h"
#include "recipe/description.h"
#include "recipe/recipefile.h"
#include "recipe/value/value.h"

enum {
    FORMAT = 1,
    OWN_DIRECTORY = 0700,
    OWN_FILE = 0600,
    MEMORY_OF_ROOT = 0644, /* QEMU is another user, and opens it by its descriptor */
};

/* TAKE writes the first two. */
enum { MEMORY, STATE, RECIPE, PARTS };
static const char *const parts[PARTS] = {
    [MEMORY] = "memory",
    [STATE] = "state",
    [RECIPE] = "recipe",
};

struct _LsbSavedMachine {
    gint refs;
    char *dir;
    char *paths[PARTS];
    gboolean fork;
    LsbKeeper *keeper; /* removes a fork's directory when this process dies */
    LsbValue *recipe;
    GKeyFile *info;
};

static LsbSavedMachine *saved_new(const char *dir)
{
    LsbSavedMachine *saved = g_new0(LsbSavedMachine, 1);
    saved->refs = 1;
    saved->dir = g_strdup(dir);
    for (gsize i = 0; i < PARTS; i++)
        saved->paths[i] = g_build_filename(dir, parts[i], NULL);
    saved->info = g_key_file_new();
    return saved;
}

LsbSavedMachine *lsb_saved_machine_ref(LsbSavedMachine *saved)
{
    g_atomic_int_inc(&saved->refs);
    return saved;
}

void lsb_saved_machine_unref(LsbSavedMachine *saved)
{
    if (!saved || !g_atomic_int_dec_and_test(&saved->refs))
        return;
    if (saved->fork) {
        lsb_path_remove_tree(saved->dir);
        lsb_keeper_forget_path(saved->keeper, saved->dir);
    }
    for (gsize i = 0; i < PARTS; i++)
        g_free(saved->paths[i]);
    g_free(saved->dir);
    g_key_file_unref(saved->info);
    g_clear_pointer(&saved->recipe, lsb_value_free);
    g_free(saved);
}

/* --- the recipe of a machine that goes on --- */

/* The guest has seen the other fields, and remembers them in its memory. */
static const char *const changeable[] = {
    "name",    "hostname",     "domainname",   "env",        "cwd",    "command", "tty",
    "timeout", "idle_timeout", "boot_timeout", "max_output", "labels", "version",
};

static gboolean is_changeable(const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(changeable); i++)
        if (strcmp(changeable[i], key) == 0)
            return TRUE;
    return FALSE;
}

gboolean lsb_saved_machine_check_changes(const LsbValue *changes, GError **error)
{
    g_autoptr(LsbValue) form = lsb_saved_form(changes);
    GPtrArray *pairs = lsb_value_pairs(form);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        if (!is_changeable(pair->key))
            return lsb_fail(error, INVALID,
                            "%s: expected nothing: a machine that goes on is what it was; name, "
                            "hostname, domainname, env, cwd, command, tty, timeout, idle_timeout, "
                            "boot_timeout, max_output and labels can be others",
                            pair->key);
    }
    return TRUE;
}

static void apply_changes(LsbValue *recipe, const LsbValue *changes)
{
    g_autoptr(LsbValue) form = lsb_saved_form(changes);
    GPtrArray *pairs = lsb_value_pairs(form);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        lsb_value_set(recipe, pair->key, lsb_value_copy(pair->value));
    }
}

LsbDescription *lsb_saved_machine_description(const LsbSavedMachine *saved, const LsbValue *changes,
                                              GError **error)
{
    g_autoptr(LsbValue) recipe = lsb_value_copy(saved->recipe);
    if (changes && !lsb_saved_machine_check_changes(changes, error))
        return NULL;
    lsb_value_remove(recipe, "name");
    if (changes)
        apply_changes(recipe, changes);
    return lsb_description_new(recipe, error);
}

gboolean lsb_saved_machine_is_fork(const LsbSavedMachine *saved)
{
    return saved->fork;
}

const char *lsb_saved_machine_memory(const LsbSavedMachine *saved)
{
    return saved->paths[MEMORY];
}

const char *lsb_saved_machine_state(const LsbSavedMachine *saved)
{
    return saved->paths[STATE];
}

/* --- making --- */

static int new_file(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, OWN_FILE);
    if (fd < 0)
        lsb_set_errno(error, errno, "cannot make %s", path);
    return fd;
}

static char *file_checksum(const char *path, GError **error)
{
    cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *sum = fd < 0 ? NULL : lsb_memory_checksum(fd);
    if (!sum)
        lsb_set_errno(error, errno, "cannot read %s", path);
    return sum;
}

static gboolean write_saved_info(LsbSavedMachine *saved, GError **error)
{
    g_autofree char *path = g_build_filename(saved->dir, "info", NULL);
    g_key_file_set_integer(saved->info, "machine", "format", FORMAT);
    for (gsize i = 0; i < PARTS; i++) {
        g_autofree char *sum = file_checksum(saved->paths[i], error);
        if (!sum)
            return FALSE;
        g_key_file_set_string(saved->info, "checksums", parts[i], sum);
    }
    gsize length;
    g_autofree char *text = g_key_file_to_data(saved->info, &length, NULL);
    g_autoptr(GError) cause = NULL;
    return g_file_set_contents_full(path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT,
                                    OWN_FILE, &cause) ||
           lsb_fail(error, FAILED, "cannot write %s: %s", path, cause->message);
}

static gboolean take_files(LsbSavedMachine *saved, LsbMachineTake take, gpointer self,
                           GError **error)
{
    cleanup_fd int memory = new_file(saved->paths[MEMORY], error);
    cleanup_fd int state = memory < 0 ? -1 : new_file(saved->paths[STATE], error);
    if (memory >= 0 && geteuid() == 0)
        fchmod(memory, MEMORY_OF_ROOT);
    if (state < 0 || !take(self, saved->dir, memory, state, error))
        return FALSE;
    if (saved->fork || (fsync(memory) == 0 && fsync(state) == 0))
        return TRUE;
    lsb_set_errno(error, errno, "cannot write %s", saved->dir);
    return FALSE;
}

static gboolean fill_saved(LsbSavedMachine *saved, char **needs, LsbMachineTake take,
                           gpointer self, GError **error)
{
    for (char **need = needs; *need; need += 2)
        g_key_file_set_string(saved->info, "machine", need[0], need[1]);
    return take_files(saved, take, self, error) &&
           (saved->fork || (lsb_saved_write(saved->recipe, saved->paths[RECIPE], error) &&
                            write_saved_info(saved, error)));
}

static gboolean publish_saved(const char *temporary, const char *path, GError **error)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make %s", path);
    return FALSE;
}

/* The directory of a fork keeps its temporary name, PATH.XXXXXX. */
LsbSavedMachine *lsb_saved_machine_make(const char *path, gboolean fork, LsbKeeper *keeper,
                                        const LsbValue *recipe, char **needs, LsbMachineTake take,
                                        gpointer self, GError **error)
{
    struct stat st;
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    if (!fork && lstat(path, &st) == 0) {
        lsb_set_errno(error, EEXIST, "cannot make %s", path);
        return NULL;
    }
    if (!g_mkdtemp_full(temporary, OWN_DIRECTORY)) {
        lsb_set_errno(error, errno, "cannot make %s", temporary);
        return NULL;
    }
    lsb_keeper_watch_path(keeper, temporary);
    g_autoptr(LsbSavedMachine) saved = saved_new(temporary);
    saved->recipe = lsb_value_copy(recipe);
    saved->keeper = keeper;
    saved->fork = fork;
    gboolean ok =
        fill_saved(saved, needs, take, self, error) &&
        (fork || publish_saved(temporary, path, error));
    if (!ok && !fork) /* the last unref removes a fork's */
        lsb_path_remove_tree(temporary);
    if (!fork)
        lsb_keeper_forget_path(keeper, temporary);
    return ok ? g_steal_pointer(&saved) : NULL;
}

/* --- opening --- */

/* Refuse files that another user can write, because a forged state runs any code as QEMU's user. */
static gboolean check_saved_owner(const char *path, gboolean is_dir, GError **error)
{
    struct stat st;
    switch (lsb_ownership_of(path, is_dir ? S_IFDIR : S_IFREG, &st)) {
    case LSB_OURS:
        break;
    case LSB_NOT_THERE:
        lsb_set_errno(error, errno, "cannot open the saved machine %s", path);
        return FALSE;
    case LSB_OF_OTHER_TYPE:
        return lsb_fail(error, FAILED, "%s is no %s, so this is no saved machine", path,
                        is_dir ? "directory" : "regular file");
    case LSB_NOT_OURS:
        return lsb_fail(error, NO_PERMISSION,
                        "%s belongs to user %u with mode %04o: a saved machine is its owner's, and "
                        "nobody else may be able to write it",
                        path, (guint)st.st_uid, (guint)st.st_mode & 07777);
    }
    return TRUE;
}

static gboolean read_saved_info(LsbSavedMachine *saved, GError **error)
{
    g_autofree char *path = g_build_filename(saved->dir, "info", NULL);
    g_autoptr(GError) cause = NULL;
    if (!check_saved_owner(path, FALSE, error))
        return FALSE;
    if (!g_key_file_load_from_file(saved->info, path, G_KEY_FILE_NONE, &cause))
        return lsb_fail(error, FAILED, "%s is damaged: %s", path, cause->message);
    int format = g_key_file_get_integer(saved->info, "machine", "format", NULL);
    return format == FORMAT ||
           lsb_fail(error, UNSUPPORTED,
                    "%s: this lsandbox reads saved machines of format %d, and this one is of "
                    "format %d",
                    saved->dir, FORMAT, format);
}

static gboolean check_part(const LsbSavedMachine *saved, gsize part, GError **error)
{
    const char *path = saved->paths[part];
    if (!check_saved_owner(path, FALSE, error))
        return FALSE;
    g_autofree char *expected = g_key_file_get_string(saved->info, "checksums", parts[part], NULL);
    g_autofree char *sum = file_checksum(path, error);
    if (!sum)
        return FALSE;
    return g_strcmp0(sum, expected) == 0 ||
           lsb_fail(error, FAILED, "%s is damaged: it is not what was saved", path);
}

LsbSavedMachine *lsb_saved_machine_open(const char *path, GError **error)
{
    g_autofree char *dir = g_canonicalize_filename(path, NULL);
    g_autoptr(LsbSavedMachine) saved = saved_new(dir);
    if (!check_saved_owner(dir, TRUE, error) || !read_saved_info(saved, error))
        return NULL;
    for (gsize i = PARTS; i-- > 0;) /* the small ones first */
        if (!check_part(saved, i, error))
            return NULL;
    saved->recipe = lsb_saved_read(saved->paths[RECIPE], error);
    return saved->recipe ? g_steal_pointer(&saved) : NULL;
}

gboolean lsb_saved_machine_check(const LsbSavedMachine *saved, char **needs, GError **error)
{
    for (char **need = needs; *need; need += 2) {
        g_autofree char *was = g_key_file_get_string(saved->info, "machine", need[0], NULL);
        if (g_strcmp0(was, need[1]) != 0)
            return lsb_fail(error, STALE_SNAPSHOT,
                            "the saved machine %s cannot go on here: %s was %s and is %s now; "
                            "prepare and save it anew",
                            saved->dir, need[0], was ? was : "not noted", need[1]);
    }
    return TRUE;
}
