/* mash-police: notices that the force's system drops into a folder, as JSON or XML. */
#include "adapters/common/intake_folder.h"
#include "adapters/police/notice_json.h"
#include "adapters/police/notice_xml.h"

static const BatchFormat formats[] = {
    {".json", notices_json},
    {".xml", notices_xml},
    {NULL, NULL},
};

static int police_open(Adapter *adapter, void **ret_state) {
    IntakeFolder *folder = NULL;
    int r = intake_folder_open(adapter, formats, &folder);
    *ret_state = folder;
    return r;
}

static void police_scan(void *state) {
    intake_folder_scan(state);
}

static void police_close(void *state) {
    intake_folder_close(state);
}

int main(int argc, char **argv) {
    static const Source source = {
        .program = "mash-police",
        .doc = "The police's adapter: notices from a folder to the safeguarding hub.",
        .open = police_open,
        .scan = police_scan,
        .close = police_close,
    };
    return adapter_main(argc, argv, &source);
}
