// SPDX-License-Identifier: MIT
#include "depth/download.h"

#include "base/str.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

enum { FRUITLESS_MAX = 3, STALL_S = 30, REDIRECTS_MAX = 10, CONNECT_S = 20 };

struct transfer {
    const struct rl_download *download;
    CURL *curl;
    FILE *file;
    int64_t from;  // where this attempt began
    long http;     // the server's answer, 0 without one
    bool stopped, too_long, disk_failed;
    char text[CURL_ERROR_SIZE];
};

static int64_t bytes_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static size_t on_data(char *data, size_t one, size_t size, void *user)
{
    struct transfer *t = user;
    (void)one;
    if (t->download->bytes && ftello(t->file) + (off_t)size > t->download->bytes) {
        t->too_long = true;
        return 0;
    }
    size_t written = fwrite(data, 1, size, t->file);
    t->disk_failed = written != size;
    return written;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    struct transfer *t = user;
    const struct rl_download *d = t->download;
    (void)up_total, (void)up_now;
    int64_t whole = d->bytes ? d->bytes : total ? t->from + total : 0;
    t->stopped = d->go_on && !d->go_on(d->user, t->from + now, whole);
    return t->stopped;
}

static int stall_seconds(const struct rl_download *download)
{
    const char *named = getenv("RELIEF_STALL_SECONDS");
    long seconds = download->stall_s ? download->stall_s
                   : named && *named ? strtol(named, NULL, 10)
                                     : STALL_S;
    return seconds > 0 && seconds < 86400 ? (int)seconds : STALL_S;
}

static void set_certificates(CURL *curl)
{
    const char *bundle = getenv("CURL_CA_BUNDLE"), *file = getenv("SSL_CERT_FILE");
    const char *folder = getenv("SSL_CERT_DIR");
    if (bundle && *bundle)
        curl_easy_setopt(curl, CURLOPT_CAINFO, bundle);
    else if (file && *file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, file);
    if (folder && *folder)
        curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

static void set_options(struct transfer *t)
{
    const struct rl_download *d = t->download;
    CURL *curl = t->curl;
    char agent[64] = "";
    const bool secure = rl_str_starts(d->url, "https://");
    rl_str_add(agent, sizeof agent, "relief/%d.%d.%d", RELIEF_VERSION_MAJOR, RELIEF_VERSION_MINOR,
               RELIEF_VERSION_PATCH);
    curl_easy_setopt(curl, CURLOPT_URL, d->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, agent);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)stall_seconds(d));
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->from);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->text);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    set_certificates(curl);
}

static CURLcode attempt(struct transfer *t)
{
    t->from = bytes_of(t->download->part);
    t->http = 0;
    *t->text = 0;
    t->file = fopen(t->download->part, "ab");
    if (!t->file) {
        t->disk_failed = true;
        return CURLE_WRITE_ERROR;
    }
    curl_easy_reset(t->curl);
    set_options(t);
    CURLcode code = curl_easy_perform(t->curl);
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->http);
    if (fclose(t->file)) {
        t->disk_failed = true;
        code = code ? code : CURLE_WRITE_ERROR;
    }
    return code;
}

// The server cannot go on from where the part ends.
static bool must_begin_anew(const struct transfer *t, CURLcode code)
{
    return t->from > 0 && (code == CURLE_RANGE_ERROR || t->http == 416 || t->too_long);
}

static bool may_pass(const struct transfer *t, CURLcode code)
{
    switch (code) {
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    case CURLE_HTTP_RETURNED_ERROR:
        return t->http == 408 || t->http == 429 || t->http >= 500;
    default:
        return false;
    }
}

// "https://github.com"
static void name_host(const char *url, char *host, size_t size)
{
    const char *begin = strstr(url, "://");
    size_t length = begin ? (size_t)(begin + 3 - url) + strcspn(begin + 3, "/") : strlen(url);
    *host = 0;
    rl_str_add(host, size, "%.*s", (int)length, url);
}

static enum relief_status fail(const struct transfer *t, CURLcode code, struct relief_error *err)
{
    const char *why = *t->text ? t->text : curl_easy_strerror(code);
    char host[160];
    if (t->stopped)
        return rl_fail_cancelled(err);
    if (t->disk_failed)
        return rl_fail_errno(err, RELIEF_E_OUTPUT, errno, "%s: cannot be written",
                             t->download->part);
    name_host(t->download->url, host, sizeof host);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        rl_fail(err, RELIEF_E_MODEL, "%s: cannot be reached: %s", host, why);
        rl_hint(err, "offline: --model built-in, or fetch the file elsewhere, see relief models "
                     "list --json; behind a proxy: set https_proxy");
        break;
    case CURLE_HTTP_RETURNED_ERROR:
        rl_fail(err, RELIEF_E_MODEL, "%s: the server answers %ld", t->download->url, t->http);
        rl_hint(err, t->http == 404 || t->http == 410
                         ? "the file has moved: give its new place in your own registry.json"
                         : "try again later");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        rl_fail(err, RELIEF_E_MODEL, "%s: its certificate is not trusted: %s", host, why);
        rl_hint(err, "CURL_CA_BUNDLE or SSL_CERT_FILE names the certificates to trust");
        break;
    default:
        if (t->too_long)
            why = "more comes than the file should have";
        rl_fail(err, RELIEF_E_MODEL, "%s: the download failed: %s", host, why);
        rl_hint(err, "run it again: it goes on where it stopped");
    }
    return RELIEF_E_MODEL;
}

// Until the next attempt, or until nobody wants it any more.
static bool wait_a_little(const struct rl_download *d, int fruitless)
{
    const struct timespec tenth = {0, 100000000};
    for (int i = 0; i <= 5 * fruitless; i++) {
        if (d->go_on && !d->go_on(d->user, bytes_of(d->part), d->bytes))
            return false;
        nanosleep(&tenth, NULL);
    }
    return true;
}

static enum relief_status run(struct transfer *t, struct relief_error *err)
{
    const struct rl_download *d = t->download;
    for (int fruitless = 0;;) {
        if (d->bytes && bytes_of(d->part) == d->bytes)
            return RELIEF_OK;
        if (d->bytes && bytes_of(d->part) > d->bytes && truncate(d->part, 0))
            t->disk_failed = true;
        CURLcode code = attempt(t);
        if (code == CURLE_OK)
            return RELIEF_OK;
        if (!t->stopped && !t->disk_failed && must_begin_anew(t, code)) {
            rl_verbose(d->log, "%s: the server cannot go on in the middle: from the start", d->url);
            t->too_long = false;
            if (truncate(d->part, 0) == 0)
                continue;
            t->disk_failed = true;
        }
        fruitless = bytes_of(d->part) > t->from ? 0 : fruitless + 1;
        if (t->stopped || t->disk_failed || !may_pass(t, code) || fruitless >= FRUITLESS_MAX)
            return fail(t, code, err);
        rl_verbose(d->log, "%s: %s: going on from byte %lld", d->url,
                   *t->text ? t->text : curl_easy_strerror(code), (long long)bytes_of(d->part));
        t->stopped = !wait_a_little(d, fruitless);
        if (t->stopped)
            return rl_fail_cancelled(err);
    }
}

enum relief_status rl_download(const struct rl_download *download, struct relief_error *err)
{
    struct transfer t = {.download = download, .curl = curl_easy_init()};
    if (!t.curl)
        return rl_fail_memory(err);
    enum relief_status status = run(&t, err);
    curl_easy_cleanup(t.curl);
    return status;
}
