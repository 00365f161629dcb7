/*
 * The file service's records, the trees that are made of them and made into them, and the host's
 * paths: whatever a hostile sender says, and whatever stands in the target directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recipe/value/value.h"
#include "shared/wire.h"
#include "recipe/description.h"
#include "base/error.h"
#include "shared/filewire.h"
#include "session/hostpath.h"
#include "session/profile.h"
#include "recipe.h"
#include "shared/treereceive.h"
#include "shared/treesend.h"

static int open_in_scratch(const char *name)
{
    g_autofree char *path = in_scratch(name);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

/* What a shell says, with @ for the scratch directory. */
static char *shell(const char *script)
{
    g_autofree char *text = with_scratch(script), *out = NULL, *err = NULL;
    char *argv[] = {(char *)"/bin/sh", (char *)"-ec", text, NULL};
    g_assert_true(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &out, &err, NULL, NULL));
    g_assert_cmpstr(err, ==, "");
    return g_steal_pointer(&out);
}

static void do_shell(const char *script)
{
    g_free(shell(script));
}

/* --- records --- */

static void put_entry(struct wire_buf *b, enum file_type type, guint32 mode, const char *name,
                      const char *link)
{
    static const mode_t formats[] = {
        [FILE_REGULAR] = S_IFREG, [FILE_DIRECTORY] = S_IFDIR, [FILE_SYMLINK] = S_IFLNK,
        [FILE_FIFO] = S_IFIFO,    [FILE_SOCKET] = S_IFSOCK,   [FILE_CHARACTER] = S_IFCHR,
        [FILE_BLOCK] = S_IFBLK};
    struct stat st = {.st_mode = formats[type] | mode,
                      .st_size = 5,
                      .st_mtim = {.tv_sec = -1, .tv_nsec = 999999999}};
    file_put_entry(b, &st, name, link);
}

static void put_data(struct wire_buf *b, const char *text)
{
    wire_put_u32(b, FILE_DATA);
    wire_put_str(b, text);
}

/* Every record of B, STEP bytes at a time, as "KIND:LENGTH " each; "bad" where there is none. */
static char *parse(const struct wire_buf *b, gsize step)
{
    GString *out = g_string_new(NULL);
    struct file_parser p = {0};
    for (gsize at = 0; at < b->len;) {
        struct file_record r;
        long n = file_parse(&p, b->data + at, MIN(step, b->len - at), &r);
        if (n < 0) {
            g_string_append(out, "bad");
            break;
        }
        g_assert_true(n > 0);
        at += (gsize)n;
        if (r.kind)
            g_string_append_printf(out, "%u:%zu ", r.kind, r.length);
    }
    file_parser_clear(&p);
    return g_string_free(out, FALSE);
}

static void test_parse(void)
{
    struct wire_buf b = {0};
    put_entry(&b, FILE_REGULAR, 0644, "name", "");
    put_data(&b, "abc");
    put_data(&b, "");
    file_put_empty(&b, FILE_LEAVE);
    file_put_error(&b, ENOENT, "a/b");
    file_put_event(&b, 2, 3, "x");
    g_autofree char *whole = parse(&b, G_MAXSIZE), *bytes = parse(&b, 1);
    g_assert_cmpstr(whole, ==, "1:48 2:3 3:0 5:11 7:13 ");
    g_assert_cmpstr(bytes, ==, "1:48 2:1 2:1 2:1 3:0 5:11 7:13 ");
    wire_buf_clear(&b);
}

static void test_parse_bad(void)
{
    static const struct {
        guint32 kind, length;
    } bad[] = {{0, 0},
               {8, 0},
               {G_MAXUINT32, 0},
               {FILE_DATA, FILE_MAX_DATA + 1},
               {FILE_ENTRY, FILE_MAX_RECORD + 1},
               {FILE_ENTRY, G_MAXUINT32},
               {FILE_DATA, G_MAXUINT32}};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct wire_buf b = {0};
        wire_put_u32(&b, bad[i].kind);
        wire_put_u32(&b, bad[i].length);
        g_autofree char *got = parse(&b, 1);
        g_assert_cmpstr(got, ==, "bad");
        wire_buf_clear(&b);
    }
}

/* A tree's error path that is longer than a record may be is cut, not refused. */
static void test_long_error(void)
{
    g_autofree char *path = g_strnfill(3 * FILE_MAX_RECORD, 'x');
    struct wire_buf b = {0};
    file_put_error(&b, EACCES, path);
    g_autofree char *got = parse(&b, G_MAXSIZE);
    g_assert_cmpstr(got, ==, "5:8192 ");
    wire_buf_clear(&b);
}

static int entry_result(const struct wire_buf *payload)
{
    struct file_parser p = {0};
    struct file_entry e;
    struct file_record r = {FILE_ENTRY, payload->data, payload->len};
    int result = file_get_entry(&p, &r, &e);
    file_parser_clear(&p);
    return result;
}

typedef struct {
    guint32 type, nanoseconds;
    const char *name, *link;
    gsize name_length, extra;
    int result;
} EntryCase;

static void check_entry(const EntryCase *c)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, c->type);
    for (int i = 0; i < 3; i++)
        wire_put_u32(&b, G_MAXUINT32);
    wire_put_u64(&b, G_MAXUINT64);
    wire_put_u64(&b, G_MAXUINT64);
    wire_put_u32(&b, c->nanoseconds);
    wire_put_data(&b, c->name, c->name_length ? c->name_length : strlen(c->name));
    wire_put_str(&b, c->link);
    for (gsize i = 0; i < c->extra; i++)
        wire_put_bytes(&b, "", 1);
    g_assert_cmpint(entry_result(&b), ==, c->result);
    for (gsize cut = 0; cut < b.len && c->result == 0; cut++) {
        struct wire_buf part = {.data = b.data, .len = cut};
        g_assert_cmpint(entry_result(&part), ==, -1);
    }
    wire_buf_clear(&b);
}

static void test_entry_fields(void)
{
    g_autofree char *n255 = g_strnfill(255, 'n'), *n256 = g_strnfill(256, 'n'),
                    *l4095 = g_strnfill(4095, 'l'), *l4096 = g_strnfill(4096, 'l');
    const EntryCase cases[] = {
        {FILE_REGULAR, 0, "a", "", 0, 0, 0},
        {FILE_REGULAR, 999999999, n255, "", 0, 0, 0},
        {FILE_SYMLINK, 0, "a", l4095, 0, 0, 0},
        {FILE_BLOCK, 0, "", "", 0, 0, 0},
        {0, 0, "a", "", 0, 0, -1},
        {FILE_BLOCK + 1, 0, "a", "", 0, 0, -1},
        {G_MAXUINT32, 0, "a", "", 0, 0, -1},
        {FILE_REGULAR, 1000000000, "a", "", 0, 0, -1},
        {FILE_REGULAR, 0, n256, "", 0, 0, -1},
        {FILE_SYMLINK, 0, "a", l4096, 0, 0, -1},
        {FILE_REGULAR, 0, "a\0b", "", 3, 0, -1},
        {FILE_REGULAR, 0, "a", "to", 0, 0, -1},
        {FILE_SYMLINK, 0, "a", "", 0, 0, -1},
        {FILE_REGULAR, 0, "a", "", 0, 1, -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        check_entry(&cases[i]);
}

/* --- receiving --- */

/*
 * A sender's words: `d NAME` a directory, `f NAME` a file (mode 06755), `l NAME TARGET` a symlink,
 * `p NAME` a fifo, `= TEXT` data, `<` leave, `.` done. NAME `-` is the empty one.
 */
static void put_word(struct wire_buf *b, const char *command)
{
    g_auto(GStrv) words = g_strsplit(command, " ", 3);
    const char *name = words[0] && words[1] ? words[1] : "";
    name = strcmp(name, "-") == 0 ? "" : name;
    switch (*words[0]) {
    case 'd':
        put_entry(b, FILE_DIRECTORY, 0755, name, "");
        break;
    case 'f':
        put_entry(b, FILE_REGULAR, 06755, name, "");
        break;
    case 'l':
        put_entry(b, FILE_SYMLINK, 0777, name, words[2]);
        break;
    case 'p':
        put_entry(b, FILE_FIFO, 0666, name, "");
        break;
    case '=':
        put_data(b, name);
        break;
    default:
        file_put_empty(b, *words[0] == '<'   ? FILE_LEAVE
                          : *words[0] == '.' ? FILE_DONE
                                             : FILE_READY);
    }
}

/*
 * Feed what SCRIPT says to a receiver of @/target/copy. 0: DONE came; else the errno; -1: no end.
 */
static int receive(const char *script)
{
    g_auto(GStrv) commands = g_strsplit(script, "; ", -1);
    struct wire_buf b = {0};
    struct file_parser p = {0};
    for (char **c = commands; *c; c++)
        put_word(&b, *c);
    struct tree_receiver *r = tree_receiver_new(open_in_scratch("target"), "copy", 0777);
    int result = 0;
    for (gsize at = 0; at < b.len && result == 0;) {
        struct file_record record;
        at += (gsize)file_parse(&p, b.data + at, b.len - at, &record);
        if (record.kind)
            result = tree_receiver_take(r, &p, &record);
    }
    int errnum = result > 0 ? 0 : result < 0 ? tree_receiver_failure(r)->errnum : -1;
    tree_receiver_free(r);
    file_parser_clear(&p);
    wire_buf_clear(&b);
    return errnum;
}

static void fresh_target(void)
{
    do_shell("rm -rf @/target @/outside; mkdir @/target @/outside; echo mine > @/outside/file");
}

static void check_untouched(void)
{
    g_autofree char *outside = shell("cd @/outside; find . -printf '%y%P '; cat file; "
                                     "find @ -name '.lsandbox-*'");
    g_assert_cmpstr(outside, ==, "d ffile mine\n");
}

static const struct {
    const char *script;
    int errnum;
} protocol_cases[] = {
    {"d -; f ..; <; <; .", EPROTO},
    {"d -; f .; <; <; .", EPROTO},
    {"d -; f -; <; <; .", EPROTO},
    {"d -; f ../outside/file; = x; <; <; .", EPROTO},
    {"d -; f /etc/x; = x; <; <; .", EPROTO},
    {"d -; f a/b; <; <; .", EPROTO},
    {"d -; d ..; f x; <; <; <; .", EPROTO},
    {"d -; l .. /etc; <; .", EPROTO},
    {"f name; <; .", EPROTO},      /* the top has no name */
    {"f -; <; f -; <; .", EPROTO}, /* and is one */
    {"d -; <; d -; <; .", EPROTO},
    {"f -; <; <; .", EPROTO},
    {"<", EPROTO},
    {".", EPROTO},
    {"= x", EPROTO},
    {"d -; = x", EPROTO},
    {"d -; .", EPROTO},
    {"f -; .", EPROTO},
    {"f -; f -", EPROTO},
    {"d -; f a; d b", EPROTO},
    {"f -; <; = x", EPROTO},
    {"l - x; <", EPROTO},
    {"d -; ?", EPROTO},
    {"d -; f a; = x", -1},
    {"f -; = x", -1},
    {"f -; = x; <; .", 0},
    {"l - /no/where; .", 0},
    {"p -; .", 0},
};

static void test_receive_protocol(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(protocol_cases); i++) {
        fresh_target();
        int errnum = receive(protocol_cases[i].script);
        if (errnum != protocol_cases[i].errnum)
            g_error("%s: %d", protocol_cases[i].script, errnum);
        check_untouched();
    }
}

/* What stands in the target, or was sent before, is a way to nowhere. */
static const struct {
    const char *before, *script;
    int errnum;
} escape_cases[] = {
    {"", "d -; l x ../../outside; d x; f file; = evil; <; <; <; .", ENOTDIR},
    {"", "d -; l x ../../outside/file; f x; = evil; <; <; .", 0},
    {"", "d -; l x ../../outside; f x; = evil; <; <; .", 0},
    {"ln -s ../outside @/target/copy", "d -; f file; = evil; <; <; .", ENOTDIR},
    {"ln -s ../outside/file @/target/copy", "f -; = evil; <; .", 0},
    {"ln -s ../outside/new @/target/copy", "f -; = evil; <; .", 0},
    {"mkdir @/target/copy; ln -s ../../outside @/target/copy/sub", "d -; d sub; f file; <; <; <; .",
     ENOTDIR},
    {"mkdir @/target/copy; ln -s ../../outside/file @/target/copy/f", "d -; f f; = evil; <; <; .",
     0},
    {"mkdir @/target/copy; ln @/outside/file @/target/copy/f", "d -; f f; = evil; <; <; .", 0},
    {"", "d -; f x; <; d x; <; <; .", ENOTDIR},
    {"", "d -; d x; f y; <; <; f x; = a; <; <; .", EISDIR},
    {"", "d -; d x; <; l x /etc; <; .", EISDIR},
    {"", "d -; f x; = 1; <; f x; = 2; <; f x; = 3; <; <; .", 0},
    {"", "d -; d x; <; d x; <; d x; <; <; .", 0},
    {"mkfifo @/target/copy", "f -; = x; <; .", 0},
    {"mkfifo @/target/copy", "d -; <; .", ENOTDIR},
};

static void test_receive_escapes(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(escape_cases); i++) {
        fresh_target();
        do_shell(escape_cases[i].before);
        int errnum = receive(escape_cases[i].script);
        if (errnum != escape_cases[i].errnum &&
            !(errnum == EEXIST && escape_cases[i].errnum == EISDIR))
            g_error("%s: %d", escape_cases[i].script, errnum);
        check_untouched();
    }
}

/* As deep as is allowed, which is more than a path can say; and one deeper. */
static void test_receive_depth(void)
{
    GString *script = g_string_new("d -");
    fresh_target();
    for (int i = 1; i < FILE_MAX_DEPTH; i++)
        g_string_append(script, "; d dddddddddddddddddddd"); /* longer than PATH_MAX together */
    g_string_append(script, "; f x; = deep; <");
    for (int i = 0; i < FILE_MAX_DEPTH; i++)
        g_string_append(script, "; <");
    g_string_append(script, "; .");
    g_assert_cmpint(receive(script->str), ==, 0);
    g_string_truncate(script, 0);
    g_string_append(script, "d -");
    for (int i = 0; i < FILE_MAX_DEPTH; i++)
        g_string_append(script, "; d e");
    g_assert_cmpint(receive(script->str), ==, ENAMETOOLONG);
    g_string_free(script, TRUE);
}

static void test_receive_modes(void)
{
    fresh_target();
    g_assert_cmpint(receive("d -; f x; = abc; <; <; ."), ==, 0);
    g_autofree char *modes =
        shell("cd @/target; stat -c '%n %a %Y %s' copy/x; stat -c '%a %Y' copy");
    g_assert_cmpstr(modes, ==, "copy/x 755 -1 3\n755 -1\n");
}

/* What was there and could not be filled by its mode has that mode again, and nothing new. */
static void test_receive_given_up(void)
{
    fresh_target();
    do_shell("mkdir @/target/copy; chmod 0555 @/target/copy");
    g_assert_cmpint(receive("d -; f x; = abc"), ==, -1);
    g_autofree char *left = shell("cd @/target; stat -c %a copy; ls -A copy");
    g_assert_cmpstr(left, ==, "555\n");
}

/* Random words never reach outside, and never leave a temporary file. */
static void test_receive_random(void)
{
    static const char *const words[] = {"d -",
                                        "d a",
                                        "d b",
                                        "d ..",
                                        "f -",
                                        "f a",
                                        "f b",
                                        "= x",
                                        "<",
                                        "<",
                                        "<",
                                        ".",
                                        "p c",
                                        "l a ../../outside",
                                        "l b ../outside/file",
                                        "l - ../outside",
                                        "f ../x"};
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (int i = 0; i < 300; i++) {
        GString *script = g_string_new("d -");
        for (int j = g_rand_int_range(random, 1, 20); j > 0; j--)
            g_string_append_printf(script, "; %s",
                                   words[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(words))]);
        if (i % 20 == 0)
            fresh_target();
        receive(script->str);
        g_string_free(script, TRUE);
        if (i % 20 == 19)
            check_untouched();
    }
}

/* --- there and back --- */

static void copy(struct tree_sender *s, struct tree_receiver *r)
{
    struct file_parser p = {0};
    const uint8_t *data;
    size_t length;
    int result = 0;
    while (tree_sender_next(s, &data, &length) > 0)
        for (size_t at = 0; at < length;) {
            struct file_record record;
            long n = file_parse(&p, data + at, length - at, &record);
            g_assert_cmpint(n, >, 0);
            at += (size_t)n;
            if (record.kind)
                result = tree_receiver_take(r, &p, &record);
            g_assert_cmpint(result, >=, 0);
        }
    g_assert_cmpint(result, ==, 1);
    file_parser_clear(&p);
}

static void test_copy(void)
{
    fresh_target();
    do_shell(
        "mkdir -p @/source/a/b @/source/ro; cd @/source; head -c 1000000 /dev/urandom > a/big; "
        ": > a/empty; ln -s a link; mkfifo pipe; echo x > ro/x; chmod 0555 ro; chmod 0600 a/big; "
        "find . -exec touch -h -d '2001-02-03 04:05:06.789012345Z' {} +");
    int source = open_in_scratch(".");
    struct tree_sender *s = tree_sender_new(source, "source");
    struct tree_receiver *r = tree_receiver_new(open_in_scratch("target"), "copy", 07777);
    copy(s, r);
    const struct file_summary *sent = tree_sender_summary(s), *got = tree_receiver_summary(r);
    g_assert_cmpuint(sent->bytes, ==, 1000002);
    g_assert_cmpuint(got->bytes, ==, 1000002);
    g_assert_cmpuint(got->files, ==, sent->files);
    g_assert_cmpuint(got->directories, ==, sent->directories);
    g_assert_cmpuint(got->links, ==, 1);
    g_assert_cmpuint(got->skipped_count, ==, 1);
    g_assert_cmpstr(got->skipped[0], ==, "pipe");
    g_assert_cmpstr(sent->skipped[0], ==, "pipe");
    tree_sender_free(s);
    tree_receiver_free(r);
    close(source);
    g_autofree char *same =
        shell("rm @/source/pipe; touch -d '2001-02-03 04:05:06.789012345Z' @/source;"
              "diff -r @/source @/target/copy; for d in source target/copy; do "
              "(cd @/$d; find . -printf '%P %m %T@ %l\\n' | sort) > @/list.$$; "
              "sha256sum < @/list.$$; done | uniq | wc -l; rm @/list.$$");
    g_assert_cmpstr(same, ==, "1\n");
    do_shell("chmod -R u+rwx @/source; rm -rf @/source");
}

/* Of a tree that cannot be read the failure names the place. */
static void test_send_failure(void)
{
    int dir = open_in_scratch(".");
    const uint8_t *data;
    size_t length;
    struct tree_sender *s = tree_sender_new(dir, "none");
    g_assert_cmpint(tree_sender_next(s, &data, &length), ==, -1);
    g_assert_cmpint(tree_sender_failure(s)->errnum, ==, ENOENT);
    g_assert_cmpstr(tree_sender_failure(s)->path, ==, "");
    tree_sender_free(s);
    close(dir);
}

/* --- the host's paths --- */

/* The errno of opening the parent of PATH, or 0 and what it is: "DIRECTORY NAME". */
static int parent_of(const LsbProfile *profile, const char *path, char **what)
{
    g_autofree char *full = with_scratch(path), *name = NULL;
    g_autoptr(GError) error = NULL;
    int fd = lsb_hostpath_open_parent(profile, full, &name, &error);
    *what = NULL;
    if (fd < 0) {
        g_assert_true(error->domain == LSB_ERRNO);
        return error->code;
    }
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *directory = g_file_read_link(link, NULL);
    *what = g_strdup_printf("%s %s", directory, name);
    close(fd);
    return 0;
}

static const struct {
    const char *path;
    int errnum;
    const char *what;
} host_paths[] = {
    {"@/plain/x", 0, "@/plain x"},
    {"@/plain/../plain/./x/", 0, "@/plain x"},
    {"/", 0, "/ ."},
    {"@/to-plain/x", 0, "@/plain x"}, /* the user's own link */
    {"@/to-bind/x", 0, "@/bind x"},
    {"@/bind/x", 0, "@/bind x"},
    {"@/bind/sub/x", 0, "@/bind/sub x"},
    {"@/bind/out/x", ELOOP, NULL}, /* links in what the sandbox can write */
    {"@/bind/sub/up/x", ELOOP, NULL},
    {"@/bind/inside/x", ELOOP, NULL},
    {"@/to-out/x", ELOOP, NULL},           /* by way of the user's link to one */
    {"@/to-up/x", ELOOP, NULL},            /* "bind/.." in a link */
    {"@/read-only/out/x", 0, "@/plain x"}, /* one that it cannot write */
    {"@/loop/x", ELOOP, NULL},
    {"@/none/x", ENOENT, NULL},
    {"@/plain/file/x", ENOTDIR, NULL},
};

static void test_host_paths(void)
{
    do_shell("cd @; mkdir -p plain bind/sub read-only; : > plain/file; ln -s plain to-plain; "
             "ln -s @/bind to-bind; ln -s ../plain bind/out; ln -s .. bind/sub/up; ln -s sub "
             "bind/inside; "
             "ln -s bind/out to-out; ln -s bind/../plain to-up; ln -s ../plain read-only/out; ln "
             "-s loop loop");
    g_autoptr(LsbValue) value =
        recipe("{root = \"@/root\", user = \"anna\", mounts = {"
               "{type = \"bind\", source = \"@/bind\", target = \"/b\", readonly = false},"
               "{type = \"bind\", source = \"@/read-only\", target = \"/r\"}}}");
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbDescription) d = lsb_description_new(value, &error);
    g_assert_no_error(error);
    g_autoptr(LsbProfile) profile = lsb_profile_new(d);
    for (gsize i = 0; i < G_N_ELEMENTS(host_paths); i++) {
        g_autofree char *what = NULL,
                        *expected = host_paths[i].what ? with_scratch(host_paths[i].what) : NULL;
        int errnum = parent_of(profile, host_paths[i].path, &what);
        if (errnum != host_paths[i].errnum || g_strcmp0(what, expected) != 0)
            g_error("%s: %s, %s", host_paths[i].path, g_strerror(errnum), what);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    umask(0077);
    scratch_make();
    scratch_file("root/etc/passwd", "anna:x:1000:100:Anna:/people/anna:/bin/sh\n");
    scratch_file("root/etc/group", "sudo:x:27:anna\n");
    g_test_add_func("/records/parse", test_parse);
    g_test_add_func("/records/bad", test_parse_bad);
    g_test_add_func("/records/long-error", test_long_error);
    g_test_add_func("/records/entry-fields", test_entry_fields);
    g_test_add_func("/receive/protocol", test_receive_protocol);
    g_test_add_func("/receive/escapes", test_receive_escapes);
    g_test_add_func("/receive/depth", test_receive_depth);
    g_test_add_func("/receive/modes", test_receive_modes);
    g_test_add_func("/receive/given-up", test_receive_given_up);
    g_test_add_func("/receive/random", test_receive_random);
    g_test_add_func("/tree/copy", test_copy);
    g_test_add_func("/tree/send-failure", test_send_failure);
    g_test_add_func("/host/paths", test_host_paths);
    int result = g_test_run();
    do_shell("chmod -R u+rwx @/target");
    do_shell("rm -rf @/target");
    scratch_remove();
    return result;
}
