/*
 * Starting a machine from a template: one that was stopped at the moment when its guest init waited
 * for the plan. Here: whether a recipe's machine can be, under which key, and whether there is one.
 * Knows nothing of libvirt.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_TEMPLATE_H
#define LSANDBOX_DOMAIN_TEMPLATE_TEMPLATE_H

#include <glib.h>

#include "domain/template/templatestore.h"
#include "recipe/description.h"

/* What a start has to do with a template. */
typedef enum {
    LSB_TEMPLATE_NONE, /* nothing: it is a cold one */
    LSB_TEMPLATE_USE,
    LSB_TEMPLATE_MAKE, /* it is a cold one, and is made into a template on its way */
} LsbTemplateRole;

typedef struct {
    LsbTemplateRole role;
    char *reason;            /* why not USE; NULL there */
    char *store, *key;       /* with USE and MAKE */
    char *title;             /* with MAKE */
    LsbTemplateFiles *files; /* with USE */
} LsbTemplate;

void lsb_template_clear(LsbTemplate *template);

/*
 * Why no template can stand for this machine, whatever the host: in the recipe's words. NULL: it
 * can. Static.
 */
const char *lsb_template_obstacle(const LsbDescription *d);
/* The same, where the recipe's template does not count. */
const char *lsb_template_shape_obstacle(const LsbDescription *d);

/* What a template is made for: all that would be wrong to resume with if it were another. */
typedef struct {
    const char *cache_dir;
    const char *shape;        /* the domain XML, without what is this sandbox's alone */
    const char *libvirt;      /* its version */
    const char *const *files; /* what goes in besides by path: firmware ...; NULL-terminated */
    const char *title;
} LsbTemplateRequest;

/*
 * Find what to do. A template that is not whole is removed, and is a reason; nothing here is an
 * error but with template = "require", LSB_ERROR_NO_TEMPLATE.
 */
gboolean lsb_template_choose(const LsbDescription *d, const LsbTemplateRequest *request,
                             LsbTemplate *template, GError **error);

/* Turn a choice into a cold start, for REASON. */
void lsb_template_forgo(LsbTemplate *template, const char *reason);

/* Whatever happens from here on, the template that is used is not to blame, and stays. */
void lsb_template_acquit(LsbTemplate *template);

/* LSB_ERROR_NO_TEMPLATE with the reason, where the recipe says "require". */
gboolean lsb_template_check_required(const LsbDescription *d, const LsbTemplate *template,
                                     GError **error);

#endif
