/* The security label of a domain in its XML, and the preview of it before a start. */
#include "domain/xml/securityxml.h"

#include <string.h>

#include "domain/xml/xml.h"
#include "recipe/identity/securityfields.h"

void lsb_seclabel_clear(LsbSeclabel *label)
{
    g_free(label->model);
    g_free(label->label);
    g_free(label->baselabel);
    memset(label, 0, sizeof *label);
}

void lsb_seclabel_put(LsbXml *w, const LsbSeclabel *label)
{
    if (!label || !label->type)
        return;
    lsb_xml_begin(w, "seclabel", "type", label->type, "model", label->model, "relabel",
                  label->relabel, NULL);
    if (label->label)
        lsb_xml_text(w, "label", label->label);
    if (label->baselabel)
        lsb_xml_text(w, "baselabel", label->baselabel);
    lsb_xml_close(w);
}

/* For libvirt an inherited label is a static one. */
void lsb_seclabel_preview(const LsbSecurity *s, LsbSeclabel *label)
{
    static const char *const types[] = {[LSB_LABEL_NOT_SAID] = NULL,
                                        [LSB_LABEL_DYNAMIC] = "dynamic",
                                        [LSB_LABEL_STATIC] = "static",
                                        [LSB_LABEL_INHERIT] = "static",
                                        [LSB_LABEL_NONE] = "none"};
    gboolean dynamic = s->type == LSB_LABEL_NOT_SAID || s->type == LSB_LABEL_DYNAMIC;
    label->type = types[s->type];
    if (dynamic && (s->model || s->baselabel))
        label->type = "dynamic";
    else if (dynamic) /* libvirt does the same by itself, with all its models */
        label->type = NULL;
    label->model = g_strdup(s->model);
    label->label = g_strdup(s->label);
    label->baselabel = g_strdup(s->baselabel);
    label->relabel = !s->has_relabel || !label->type ? NULL : s->relabel ? "yes" : "no";
}
