/*
 * The user namespace of a container: which host uid and gid each uid and gid inside stands for
 * (user_namespaces(7)). Unless the recipe says otherwise, root inside is the host id BASE of
 * lsb_userns_maps(), the first of 65536 ids that belong to no user of the host
 * (domain/containerhost.c chooses them), and never the host's root.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_IDMAP_H
#define LSANDBOX_RECIPE_IDENTITY_IDMAP_H

#include <glib.h>
#include <sys/types.h>

#include "recipe/value/value.h"

/* COUNT ids, from INSIDE in the container and from OUTSIDE on the host. */
typedef struct {
    guint32 inside, outside, count;
} LsbIdRange;

/* The kernel takes 340 ranges (user_namespaces(7)); a recipe needs far fewer. */
enum { LSB_MOST_RANGES = 32 };

typedef struct {
    LsbIdRange ranges[LSB_MOST_RANGES]; /* sorted by INSIDE; the first begins with 0 */
    guint n;                            /* 0: no namespace, the ids are the host's */
} LsbIdMap;

typedef enum {
    LSB_USERNS_MAPPED, /* true, the default: every id inside is an id that owns nothing outside */
    LSB_USERNS_USER,   /* "user": the same, but the program's user and group keep their ids */
    LSB_USERNS_NONE,   /* false: no namespace */
    LSB_USERNS_OWN,    /* a table: the maps that the recipe lists */
} LsbUsernsMode;

typedef struct {
    gboolean said; /* the recipe has the field */
    LsbUsernsMode mode;
    LsbIdMap uids, gids; /* for LSB_USERNS_OWN */
} LsbUserns;

/* Parser of the field security.userns (fields.h). OUT points to an LsbUserns. */
gboolean lsb_userns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);

/*
 * Set UIDS and GIDS to the maps of a container. Ids inside from 0 on are the host's ids from BASE
 * on, unless the mode says otherwise. UID and GID are the program's, for LSB_USERNS_USER.
 */
void lsb_userns_maps(const LsbUserns *userns, guint32 base, uid_t uid, gid_t gid, LsbIdMap *uids,
                     LsbIdMap *gids);

/* MAP as the text of /proc/PID/uid_map (user_namespaces(7)). Caller frees. */
char *lsb_idmap_text(const LsbIdMap *map);

/* The host id of INSIDE: INSIDE itself without a namespace, (guint32)-1 if MAP does not have it. */
guint32 lsb_idmap_outside(const LsbIdMap *map, guint32 inside);

/* Whether ID exists inside a container with MAP. */
gboolean lsb_idmap_has(const LsbIdMap *map, guint32 id);

/* The number of ids in a container's namespace, unless the recipe lists its ranges. */
enum { LSB_USUAL_IDS = 65536 };

#endif
