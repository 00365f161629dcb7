/* Writing and reading the element by which a domain of lsandbox is known. */
#include "domain/xml/metadata.h"

#include <string.h>

#include "domain/xml/xml.h"
#include "recipe/labelfields.h"

const char *const lsb_taint_names[] = {"qemu.args", "qemu.env", "qemu_monitor", NULL};

/*
 * virDomainSetMetadata() wants the element without a namespace, and adds it itself
 * (virXMLInjectNamespace). In the domain XML the namespace must be there.
 */
static void put_metadata(LsbXml *w, const char *prefix, GPtrArray *labels, guint taint)
{
    g_autofree char *sandbox = g_strconcat(prefix, "sandbox", NULL),
                    *label_name = g_strconcat(prefix, "label", NULL),
                    *tainted = g_strconcat(prefix, "tainted", NULL);
    lsb_xml_begin(w, sandbox, "xmlns:" LSB_METADATA_PREFIX, *prefix ? LSB_METADATA_URI : NULL,
                  NULL);
    for (guint i = 0; labels && i < labels->len; i++) {
        const LsbLabel *label = labels->pdata[i];
        lsb_xml_begin(w, label_name, "name", label->key, NULL);
        lsb_xml_content(w, label->text);
        lsb_xml_close(w);
    }
    for (guint i = 0; lsb_taint_names[i]; i++)
        if (taint & 1u << i)
            lsb_xml_element(w, tainted, "name", lsb_taint_names[i], NULL);
    lsb_xml_close(w);
}

void lsb_metadata_put(LsbXml *w, GPtrArray *labels, guint taint)
{
    put_metadata(w, LSB_METADATA_PREFIX ":", labels, taint);
}

char *lsb_metadata_text(GPtrArray *labels, guint taint)
{
    LsbXml *w = lsb_xml_new();
    put_metadata(w, "", labels, taint);
    return lsb_xml_finish(w);
}

typedef struct {
    GPtrArray *labels;
    guint taint;
} Found;

static void take_element(gpointer data, const char *element, const char *name, const char *text)
{
    Found *found = data;
    if (strcmp(element, "label") == 0 && found->labels->len < LSB_LABELS_MOST &&
        lsb_label_key_valid(name) && lsb_label_text_valid(text))
        g_ptr_array_add(found->labels, lsb_label_new(name, text));
    for (guint i = 0; strcmp(element, "tainted") == 0 && lsb_taint_names[i]; i++)
        if (strcmp(name, lsb_taint_names[i]) == 0)
            found->taint |= 1u << i;
}

GPtrArray *lsb_metadata_read(const char *text, guint *taint)
{
    Found found = {g_ptr_array_new_with_free_func(lsb_label_free), 0};
    lsb_xml_each_child(text, take_element, &found);
    *taint = found.taint;
    return found.labels;
}
