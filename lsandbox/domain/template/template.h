/*
 * A template is the state of a machine that was stopped while its guest init waited for the plan,
 * so that other machines can start from there. This file decides whether a recipe's machine can
 * have a template, under which key, and whether that template exists; if not, it gives the reason
 * why the start is cold. It knows nothing of libvirt.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_TEMPLATE_H
#define LSANDBOX_DOMAIN_TEMPLATE_TEMPLATE_H

#include <glib.h>

#include "domain/template/templatestore.h"
#include "recipe/description.h"

/* Which part a template has in a start. */
typedef enum {
    LSB_TEMPLATE_NONE, /* the start is cold */
    LSB_TEMPLATE_USE,  /* the machine starts from the template */
    LSB_TEMPLATE_MAKE, /* the start is cold, and the machine is made into a template on the way */
} LsbTemplateRole;

typedef struct {
    LsbTemplateRole role;
    char *reason;            /* why the start is cold: sb:info().start_reason; NULL with USE */
    char *store, *key;       /* with USE and MAKE */
    char *title;             /* with MAKE */
    LsbTemplateFiles *files; /* with USE */
} LsbTemplate;

/* Free what T holds, and make its role NONE, without a reason. */
void lsb_template_clear(LsbTemplate *t);

/* Why D's machine can have no template on any host, in the recipe's words. NULL: it can. Static. */
const char *lsb_template_obstacle(const LsbDescription *d);
/* The same without regard to the recipe's field "template". */
const char *lsb_template_shape_obstacle(const LsbDescription *d);

/* What a template depends on: a machine must not resume from one for which any of it differs. */
typedef struct {
    const char *cache_dir;
    const char *shape;        /* the domain XML, without what only this sandbox has */
    const char *libvirt;      /* its version */
    const char *const *files; /* paths of other files: firmware ...; NULL-terminated */
    const char *title;
} LsbTemplateRequest;

/*
 * Decide how a machine of D starts: set the role of T, and with it the reason or the files. A
 * damaged template is removed, and then the start is cold for that reason. FALSE with
 * LSB_ERROR_NO_TEMPLATE where the start would be cold and D says template = "require"; with the
 * error of lsb_template_budget().
 */
gboolean lsb_template_choose(const LsbDescription *d, const LsbTemplateRequest *request,
                             LsbTemplate *t, GError **error);

/* Decide on a cold start, because of REASON. */
void lsb_template_forgo(LsbTemplate *t, const char *reason);

/* From here on a failure of the machine is not the template's fault, so the template stays. */
void lsb_template_acquit(LsbTemplate *t);

/* FALSE with LSB_ERROR_NO_TEMPLATE where T is a cold start and D says template = "require". */
gboolean lsb_template_check_required(const LsbDescription *d, const LsbTemplate *t,
                                     GError **error);

#endif
