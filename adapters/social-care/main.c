/* mash-social-care: the council's children's services. Nothing comes in but the desk's answers to
 * checks; products and questions are written into its folders (README.md). */
#include "adapters/common/adapter.h"

static int nothing_open(Adapter *adapter, void **ret_state) {
    (void)adapter;
    *ret_state = NULL; /* the body's desk and letters are all there is */
    return 0;
}

static void nothing_close(void *state) {
    (void)state;
}

int main(int argc, char **argv) {
    static const Source source = {
        .program = "mash-social-care",
        .doc = "Children's social care's adapter: products and checks from the safeguarding hub.",
        .open = nothing_open,
        .close = nothing_close,
    };
    return adapter_main(argc, argv, &source);
}
