/* See adapter.h. */
#include "adapters/common/adapter.h"

#include "adapters/common/authorise.h"
#include "adapters/common/choices.h"
#include "adapters/common/client.h"
#include "adapters/common/courier.h"
#include "adapters/common/desk.h"
#include "adapters/common/files.h"
#include "adapters/common/overdue.h"
#include "adapters/common/word_desk.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "broker/io/program.h"

enum {
    SETTINGS_MOST = 48,
    PUMP_MS = 100, /* how finely the moment to send again is kept */
    TICK_MS = 1000,
    SCAN_MS = 5000,
    TIDY_MS = 3600 * 1000,
    MINUTE_MS = 60 * 1000,
    DAY_MS = 24 * 3600 * 1000,
};

typedef struct Body {
    Adapter adapter;
    const Source *source;
    void *state; /* the source's */
    void *zmq;
    Setting *settings; /* all that are known; the config looks into it */
    const Config *config;
    Client *client;
    Letters *letters;
    Courier *courier;
    Desk *desk;
    ChoiceDesk *choices;
    WordDesk *words;
    Link *intake_link, *courier_link;
} Body;

/* ---- the loop's calls ------------------------------------------------------------------------ */

static int intake_answer(void *context, const Frames *f) {
    Body *b = context;
    return client_take(b->client, frame(f, 0), frame(f, 1), clock_mono_ms());
}

static int courier_message(void *context, const Frames *f) {
    Body *b = context;
    return courier_take(b->courier, frame(f, 0), frame(f, 1));
}

static int body_pump(void *context) {
    Body *b = context;
    return client_pump(b->client, clock_mono_ms());
}

static int body_tick(void *context) {
    Body *b = context;
    int r = link_tick(b->intake_link);
    if (r == 0) r = link_tick(b->courier_link);
    return r < 0 ? r : courier_tick(b->courier);
}

static int body_scan(void *context) {
    Body *b = context;
    desk_scan(b->desk);
    choice_desk_scan(b->choices);
    word_desk_scan(b->words);
    if (b->source->scan) b->source->scan(b->state);
    return 0;
}

static int body_overdue(void *context) {
    Body *b = context;
    int64_t minutes = config_number(b->config, "adapter.alarm_minutes", 1, 24 * 60);
    overdue_check(&b->adapter.self, b->adapter.spool, clock_ms(), minutes * MINUTE_MS);
    return 0;
}

static int body_tidy(void *context) {
    Body *b = context;
    int64_t days = config_number(b->config, "adapter.keep_days", 1, 3650);
    SpoolCounts counts;
    int r = spool_tidy(b->adapter.spool, clock_ms() - days * DAY_MS);
    if (r == 0) r = spool_counts(b->adapter.spool, &counts);
    if (r < 0) return 0; /* logged by the spool; tried again in an hour */
    log_event(LOG_info, "spool",
              "queued=%jd acknowledged=%jd quarantined=%jd refused=%jd proven=%jd",
              (intmax_t)counts.queued, (intmax_t)counts.acknowledged, (intmax_t)counts.quarantined,
              (intmax_t)counts.refused, (intmax_t)counts.proven);
    return 0;
}

/* ---- opening, in the order of dependence ----------------------------------------------------- */

static int settings_join(Body *b) {
    const Setting *tables[] = {identity_settings, b->source->settings};
    size_t count = 0;
    b->settings = calloc(SETTINGS_MOST, sizeof(*b->settings));
    if (!b->settings) return ERR_MEMORY;
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (const Setting *s = tables[t]; s && s->key; s++) {
            if (count + 1 == SETTINGS_MOST) return ERR_BROKEN;
            b->settings[count++] = *s;
        }
    }
    return 0;
}

static int body_identity(Body *b, const Config *config) {
    char why[400] = "";
    b->config = b->adapter.config = config;
    int r = identity_load(config, &b->adapter.self, why, sizeof(why));
    if (r < 0) fprintf(stderr, "%s: %s\n", b->source->program, why);
    return r;
}

static int body_spool(Body *b, bool send_refused) {
    Adapter *a = &b->adapter;
    const char *path = config_text(b->config, "adapter.spool");
    size_t again = 0;
    int r = dir_make(a->self.dir);
    if (r == 0) r = spool_open(path, &a->self.spool, a->self.realm, a->self.agency, &a->spool);
    if (r == 0 && send_refused) r = spool_requeue(a->spool, &again);
    if (again) log_event(LOG_info, "refused_queued_again", "messages=%zu", again);
    return r;
}

static int body_links(Body *b) {
    Identity *self = &b->adapter.self;
    Loop *l = b->adapter.loop;
    int r = link_open(l, b->zmq, config_text(b->config, "hub.intake_endpoint"), &self->transport,
                      &self->intake_public, intake_answer, b, &b->intake_link);
    if (r < 0) return r;
    r = link_open(l, b->zmq, config_text(b->config, "hub.courier_endpoint"), &self->transport,
                  &self->courier_public, courier_message, b, &b->courier_link);
    if (r < 0) return r;
    r = client_open(self, b->adapter.spool, link_send, b->intake_link, &b->client);
    if (r == 0) r = letters_open(self, b->adapter.spool, &b->letters);
    if (r == 0) r = letters_resume(b->letters);
    if (r < 0) return r;
    return courier_open(self, b->adapter.spool, b->letters, link_send, b->courier_link,
                        &b->courier);
}

static int body_timers(Body *b) {
    Loop *l = b->adapter.loop;
    int r = loop_add_timer(l, PUMP_MS, body_pump, b);
    if (r == 0) r = loop_add_timer(l, TICK_MS, body_tick, b);
    if (r == 0) r = loop_add_timer(l, SCAN_MS, body_scan, b);
    if (r == 0) r = loop_add_timer(l, SCAN_MS, body_overdue, b);
    if (r == 0) r = loop_add_timer(l, TIDY_MS, body_tidy, b);
    loop_set_idle(l, body_pump, b);
    return r;
}

static int body_open(Body *b, const Started *s) {
    int r = body_identity(b, s->config);
    if (r == 0) r = loop_new(&b->adapter.loop);
    if (r == 0) r = body_spool(b, s->flag);
    if (r < 0) return r;
    b->zmq = zmq_ctx_new();
    if (!b->zmq) return ERR_WIRE;
    r = body_links(b);
    if (r == 0) r = desk_open(b->adapter.loop, &b->adapter.self, b->adapter.spool, &b->desk);
    if (r == 0) {
        r = choice_desk_open(b->adapter.loop, &b->adapter.self, b->adapter.spool, &b->choices);
    }
    if (r == 0) {
        r = word_desk_open(b->adapter.loop, &b->adapter.self, b->adapter.spool, &b->words);
    }
    if (r == 0) r = b->source->open(&b->adapter, &b->state);
    return r < 0 ? r : body_timers(b);
}

static void body_close(Body *b) {
    if (b->state) b->source->close(b->state);
    word_desk_close(b->words);
    desk_close(b->desk);
    choice_desk_close(b->choices);
    courier_close(b->courier);
    letters_close(b->letters);
    client_close(b->client);
    link_close(b->intake_link);
    link_close(b->courier_link);
    if (b->zmq) (void)zmq_ctx_term(b->zmq);
    spool_close(b->adapter.spool);
    loop_free(b->adapter.loop);
    identity_wipe(&b->adapter.self);
}

/* ---- the program ----------------------------------------------------------------------------- */

static int body_run(const Started *s, void *context) {
    Body *b = context;
    int r = body_open(b, s);
    if (r == 0) {
        program_ready(s);
        log_event(LOG_info, "ready", "queued=%zu", spool_queued(b->adapter.spool));
        (void)body_scan(b);
        r = loop_run(b->adapter.loop);
    }
    if (r == 0) log_event(LOG_info, "stopped", "queued=%zu", spool_queued(b->adapter.spool));
    body_close(b);
    return r;
}

int adapter_main(int argc, char **argv, const Source *source) {
    if (argc > 1 && strcmp(argv[1], "authorise") == 0) {
        return authorise_main(argc - 1, argv + 1, source->program);
    }
    Body b = {.source = source};
    int r = settings_join(&b);
    const Program program = {
        .name = source->program,
        .doc = source->doc,
        .settings = b.settings,
        .flag = {"send-refused", 's', "put what the hub refused back into the queue, once"},
        .run = body_run,
        .context = &b,
    };
    int status = r < 0 ? EXIT_FAILURE : program_main(argc, argv, &program);
    free(b.settings);
    return status;
}
