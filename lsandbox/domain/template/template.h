/*
 * A template is a machine that was stopped at the moment when its guest init waited for the plan,
 * so that others can start from there. This file decides whether a recipe's machine can have one,
 * under which key, and whether it exists. It knows nothing of libvirt.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_TEMPLATE_H
#define LSANDBOX_DOMAIN_TEMPLATE_TEMPLATE_H

#include <glib.h>

#include "domain/template/templatestore.h"
#include "recipe/description.h"

/* Which part a template has in a start. */
typedef enum {
    LSB_TEMPLATE_NONE, /* none: the start is cold */
    LSB_TEMPLATE_USE,  /* the machine starts from it */
    LSB_TEMPLATE_MAKE, /* the start is cold, and the machine is made into a template on the way */
} LsbTemplateRole;

typedef struct {
    LsbTemplateRole role;
    char *reason;            /* why not USE; NULL there */
    char *store, *key;       /* with USE and MAKE */
    char *title;             /* with MAKE */
    LsbTemplateFiles *files; /* with USE */
} LsbTemplate;

void lsb_template_clear(LsbTemplate *t);

/*
 * Why D's machine can have no template on any host, in the recipe's words. NULL: it can. Static
 * text.
 */
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
 * Decide a start. A damaged template is removed, and that is the reason for a cold start. Only with
 * template = "require" is a missing template an error, LSB_ERROR_NO_TEMPLATE.
 */
gboolean lsb_template_choose(const LsbDescription *d, const LsbTemplateRequest *request,
                             LsbTemplate *t, GError **error);

/* Decide on a cold start, because of REASON. */
void lsb_template_forgo(LsbTemplate *t, const char *reason);

/* From here on a failure of the machine is not the template's fault, so the template stays. */
void lsb_template_acquit(LsbTemplate *t);

/* LSB_ERROR_NO_TEMPLATE with the reason, where the recipe says "require". */
gboolean lsb_template_check_required(const LsbDescription *d, const LsbTemplate *t,
                                     GError **error);

#endif
