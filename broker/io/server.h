/* A program's one ROUTER and who may talk to it: CURVE, ZAP against the register of keys, proved
 * shut to strangers before it serves (F1-F5). The register is loaded again on NOTIFY and every two
 * seconds, so that a revocation acts within five (R7); programs still ask it for every message.
 * The program's numbers, alarms and health live here too, because every such program has them. */
#ifndef MASH_SERVER_H
#define MASH_SERVER_H

#include "broker/base/config.h"
#include "broker/io/alarm.h"
#include "broker/io/loop.h"
#include "broker/io/register.h"
#include "broker/io/status.h"
#include "broker/io/wire.h"

typedef struct Server {
    void *zmq, *router;
    Zap *zap;
    Register *keys;
    Store *store; /* borrowed: where the register is loaded from */
    KeyKind admits;
    Alarms alarms;
    Metrics *metrics;  /* metrics_new'd with its own table by a room that has one, before opening */
    StatusHooks hooks; /* likewise set before; may stay zero */
    Status *status;
} Server;

/* The settings that a server needs; a program puts them into its own table. */
#define SERVER_SETTINGS                                                                            \
    {"hub.endpoint", "tcp://127.0.0.1:*", "where to listen"},                                      \
        {"hub.endpoint_file", NULL, "takes the endpoint that was bound"},                          \
        STATUS_SETTING, {"keys.curve", NULL, "key file, curve-secret"}

/* Loads the register, binds, tests itself, publishes the endpoint and joins the loop: `on_message`
 * is called while a message waits. `store` should LISTEN to "register" and call server_refresh on
 * NOTIFY. ERR_* ; server_close in any case: it frees the metrics too. */
int server_open(Server *s, const Config *c, KeyKind admits, size_t max_frame, Store *store,
                Loop *loop, LoopCall on_message, void *context) _must_check_;
int server_refresh(void *server) _must_check_; /* a LoopCall */
void server_close(Server *s);

#endif
