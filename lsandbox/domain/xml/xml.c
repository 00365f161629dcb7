/* Writing and reading XML documents by libxml2. */
#include "domain/xml/xml.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <libxml/xpath.h>
#include <stdarg.h>
#include <string.h>

struct _LsbXml {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
};

LsbXml *lsb_xml_new(void)
{
    LsbXml *w = g_new0(LsbXml, 1);
    w->buffer = xmlBufferCreate();
    w->writer = xmlNewTextWriterMemory(w->buffer, 0);
    xmlTextWriterSetIndent(w->writer, 1);
    return w;
}

char *lsb_xml_finish(LsbXml *w)
{
    xmlFreeTextWriter(w->writer);
    char *document = g_strdup((const char *)xmlBufferContent(w->buffer));
    xmlBufferFree(w->buffer);
    g_free(w);
    return document;
}

char **lsb_xml_texts(const char *document, const char *xpath)
{
    GStrvBuilder *texts = g_strv_builder_new();
    xmlDocPtr doc = xmlReadMemory(document, (int)strlen(document), NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;
    xmlXPathObjectPtr found =
        context ? xmlXPathEvalExpression((const xmlChar *)xpath, context) : NULL;
    for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        g_strv_builder_add(texts, (const char *)text);
        xmlFree(text);
    }
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    char **list = g_strv_builder_end(texts);
    g_strv_builder_unref(texts);
    return list;
}

void lsb_xml_open(LsbXml *w, const char *name)
{
    xmlTextWriterStartElement(w->writer, BAD_CAST name);
}

void lsb_xml_close(LsbXml *w)
{
    xmlTextWriterEndElement(w->writer);
}

void lsb_xml_attribute(LsbXml *w, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(w->writer, BAD_CAST name, BAD_CAST value);
}

static void put_attributes(LsbXml *w, va_list args)
{
    const char *name;
    while ((name = va_arg(args, const char *))) {
        const char *value = va_arg(args, const char *);
        if (value)
            lsb_xml_attribute(w, name, value);
    }
}

void lsb_xml_begin(LsbXml *w, const char *name, ...)
{
    va_list args;
    va_start(args, name);
    lsb_xml_open(w, name);
    put_attributes(w, args);
    va_end(args);
}

void lsb_xml_element(LsbXml *w, const char *name, ...)
{
    va_list args;
    va_start(args, name);
    lsb_xml_open(w, name);
    put_attributes(w, args);
    lsb_xml_close(w);
    va_end(args);
}

void lsb_xml_content(LsbXml *w, const char *content)
{
    xmlTextWriterWriteString(w->writer, BAD_CAST content);
}

void lsb_xml_text(LsbXml *w, const char *name, const char *content)
{
    xmlTextWriterWriteElement(w->writer, BAD_CAST name, BAD_CAST content);
}

void lsb_xml_number(LsbXml *w, const char *name, guint64 n)
{
    lsb_xml_quantity(w, name, NULL, n);
}

void lsb_xml_quantity(LsbXml *w, const char *name, const char *unit, guint64 n)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    lsb_xml_begin(w, name, "unit", unit, NULL);
    lsb_xml_content(w, digits);
    lsb_xml_close(w);
}

/* --- reading --- */

static void visit_node(xmlNodePtr node, LsbXmlVisitor visit, gpointer data)
{
    xmlChar *name = xmlGetNoNsProp(node, BAD_CAST "name"), *text = xmlNodeGetContent(node);
    visit(data, (const char *)node->name, name ? (const char *)name : "",
          text ? (const char *)text : "");
    xmlFree(name);
    xmlFree(text);
}

void lsb_xml_each_child(const char *text, LsbXmlVisitor visit, gpointer data)
{
    xmlDocPtr document = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNodePtr root = document ? xmlDocGetRootElement(document) : NULL;
    for (xmlNodePtr node = root ? root->children : NULL; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE)
            visit_node(node, visit, data);
    xmlFreeDoc(document);
}
