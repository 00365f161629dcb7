/* Domain XML held against libvirt's own schema, where that is installed. */
#ifndef LSANDBOX_TEST_SCHEMA_H
#define LSANDBOX_TEST_SCHEMA_H

#include <glib.h>
#include <libxml/relaxng.h>
#include <stdarg.h>

static inline char *find_schema(void)
{
    for (const char *const *dir = g_get_system_data_dirs(); *dir; dir++) {
        g_autofree char *path = g_build_filename(*dir, "libvirt/schemas/domain.rng", NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&path);
    }
    return NULL;
}

static inline void print_problem(void *data, const char *format, ...) G_GNUC_PRINTF(2, 3);
static inline void print_problem(void *data, const char *format, ...)
{
    (void)data;
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_test_message("%s", g_strchomp(text));
}

static inline int validate(xmlRelaxNGPtr schema, xmlDocPtr document)
{
    xmlRelaxNGValidCtxtPtr context = xmlRelaxNGNewValidCtxt(schema);
    xmlRelaxNGSetValidErrors(context, print_problem, print_problem, NULL);
    int result = xmlRelaxNGValidateDoc(context, document);
    xmlRelaxNGFreeValidCtxt(context);
    return result;
}

static inline xmlRelaxNGPtr load_schema(const char *path)
{
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(path);
    xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);
    return schema;
}

#endif
