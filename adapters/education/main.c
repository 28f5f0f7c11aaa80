/* mash-education: a school's concern log, exported into a folder. */
#include "adapters/common/intake_folder.h"
#include "adapters/education/concern_log.h"

static const BatchFormat formats[] = {{".csv", concern_log}, {NULL, NULL}};

static int education_open(Adapter *adapter, void **ret_state) {
    IntakeFolder *folder = NULL;
    int r = intake_folder_open(adapter, formats, &folder);
    *ret_state = folder;
    return r;
}

static void education_scan(void *state) {
    intake_folder_scan(state);
}

static void education_close(void *state) {
    intake_folder_close(state);
}

int main(int argc, char **argv) {
    static const Source source = {
        .program = "mash-education",
        .doc = "A school's adapter: a concern log in CSV to the safeguarding hub.",
        .open = education_open,
        .scan = education_scan,
        .close = education_close,
    };
    return adapter_main(argc, argv, &source);
}
