/*
 * Writing and reading XML documents: the few calls that the domain XML needs. libxml2 escapes every
 * text; only xml.c includes it.
 */
#ifndef LSANDBOX_DOMAIN_XML_XML_H
#define LSANDBOX_DOMAIN_XML_XML_H

#include <glib.h>

typedef struct _LsbXml LsbXml;

/* A writer of an empty document, which lsb_xml_finish() frees. */
LsbXml *lsb_xml_new(void);
/* Frees W; the document is the caller's to free. */
char *lsb_xml_finish(LsbXml *w);

/*
 * The texts of the nodes that XPATH (1.0) names in DOCUMENT; an empty array where DOCUMENT is no
 * XML. Caller frees with g_strfreev().
 */
char **lsb_xml_texts(const char *document, const char *xpath);

/* <NAME> ... until lsb_xml_close(). */
void lsb_xml_open(LsbXml *w, const char *name);
void lsb_xml_close(LsbXml *w);

/* <NAME attributes> ... until lsb_xml_close(). Pairs of name and value, ended by NULL; a pair whose
 * value is NULL is left out. */
void lsb_xml_begin(LsbXml *w, const char *name, ...) G_GNUC_NULL_TERMINATED;
/* <NAME attributes/> */
void lsb_xml_element(LsbXml *w, const char *name, ...) G_GNUC_NULL_TERMINATED;

/* Text between the tags of the open element. */
void lsb_xml_content(LsbXml *w, const char *content);
/* An attribute of the element that was just opened. */
void lsb_xml_attribute(LsbXml *w, const char *name, const char *value);
/* <NAME>CONTENT</NAME> */
void lsb_xml_text(LsbXml *w, const char *name, const char *content);
void lsb_xml_number(LsbXml *w, const char *name, guint64 n);
/* <NAME attributes>N</NAME>, as in <memory unit='b'>1</memory>. */
void lsb_xml_quantity(LsbXml *w, const char *name, const char *unit, guint64 n);

/*
 * Reading: call VISIT for each child element of the root of the document TEXT, with its name
 * without a prefix, its attribute `name` ("" where there is none) and its text. Nothing is fetched,
 * and no entity expanded; a text that is no XML has no children.
 */
typedef void (*LsbXmlVisitor)(gpointer data, const char *element, const char *name,
                              const char *text);
void lsb_xml_each_child(const char *text, LsbXmlVisitor visit, gpointer data);

#endif
