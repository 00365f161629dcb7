/*
 * User namespaces of containers: which ids inside are which on the host (user_namespaces(7)).
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_IDMAP_H
#define LSANDBOX_RECIPE_IDENTITY_IDMAP_H

#include <glib.h>
#include <sys/types.h>

#include "recipe/value/value.h"

typedef struct {
    guint32 inside, outside, count;
} LsbIdRange;

/* The kernel takes 340 lines (user_namespaces(7)); nobody writes that many by hand. */
enum { LSB_MOST_RANGES = 32 };

typedef struct {
    LsbIdRange ranges[LSB_MOST_RANGES]; /* by their ids inside, from 0 */
    guint n;                            /* 0: no namespace, ids are the host's */
} LsbIdMap;

typedef enum {
    LSB_USERNS_MAPPED, /* all ids inside are such that nothing on the host belongs to */
    LSB_USERNS_USER,   /* the same, but for the program's user and group, who keep theirs */
    LSB_USERNS_NONE,   /* no namespace */
    LSB_USERNS_OWN,    /* as the recipe lists them */
} LsbUsernsMode;

typedef struct {
    gboolean said;
    LsbUsernsMode mode;
    LsbIdMap uids, gids; /* for LSB_USERNS_OWN */
} LsbUserns;

/* Parser of the field `security.userns`. OUT: LsbUserns. */
gboolean lsb_userns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);

/*
 * The maps of a container, whose ids from 0 are the host's from BASE where nothing else is said;
 * UID and GID are the program's.
 */
void lsb_userns_maps(const LsbUserns *userns, guint32 base, uid_t uid, gid_t gid, LsbIdMap *uids,
                     LsbIdMap *gids);

/* Lines as of /proc/PID/uid_map (user_namespaces(7)). Caller frees. */
char *lsb_idmap_text(const LsbIdMap *map);

/* The host's id for one inside; the same where there is no namespace, -1 where it has none. */
guint32 lsb_idmap_outside(const LsbIdMap *map, guint32 inside);

/* Whether a container has such an id inside. */
gboolean lsb_idmap_has(const LsbIdMap *map, guint32 id);

/* How many ids a container's namespace has where the recipe lists none. */
enum { LSB_USUAL_IDS = 65536 };

#endif
